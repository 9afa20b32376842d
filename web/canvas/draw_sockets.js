// Sockets: a dot in the type's colour with the type's letter, and a name beside it.

import { drawText } from './paint.js'
import { shownName } from './text.js'
import { typeLook } from './theme.js'

/** @typedef {import('../kernels/layout.js').SocketLayout} SocketLayout */
/** @typedef {import('./frame.js').Frame} Frame */
/** @typedef {import('./paint.js').Paint} Paint */
/** @typedef {import('./scene.js').ScenePlacedNode} ScenePlacedNode */

export const SOCKET_RADIUS = 6
const WIDGET_SOCKET_RADIUS = 3.5
/** Of a type's letter on its colour. */
export const LETTER = 'rgba(10, 12, 16, 0.82)'

/** @param {SocketLayout} socket */
export const socketRadius = (socket) => (socket.labelled ? SOCKET_RADIUS : WIDGET_SOCKET_RADIUS)

/** @param {Paint} paint @param {Frame} frame @param {ScenePlacedNode} placed @param {import('./draw_nodes.js').Faults} faulty */
export const drawSockets = (paint, frame, placed, faulty) => {
  const { layout, facts } = placed
  for (const socket of layout.inputs) {
    const linked = facts.linksTo.some(({ to }) => to[1] === socket.name)
    if (!linked && (layout.collapsed || isSpeck(paint, socket))) continue
    drawSocket(paint, frame, placed, socket, { linked, fault: faultColour(paint, faulty.get(socket.name)) })
  }
  for (const socket of layout.outputs) {
    const linked = facts.linksFrom.some(({ from }) => from[1] === socket.name)
    if (layout.collapsed && !linked) continue
    drawSocket(paint, frame, placed, socket, { linked, fault: null })
  }
}

/** A field's empty socket, where fields say nothing: only dirt on screen. @param {Paint} paint @param {SocketLayout} socket */
const isSpeck = ({ detail }, { labelled }) => detail !== 'full' && !labelled

/** @param {Paint} paint @param {string} [severity] */
const faultColour = ({ theme }, severity) => (severity === undefined ? null : severity === 'warning' ? theme.state.warning : theme.state.failed)

/** @param {Paint} paint @param {Frame} frame @param {ScenePlacedNode} placed @param {SocketLayout} socket @param {{linked: boolean, fault: string | null}} state */
const drawSocket = (paint, frame, placed, socket, { linked, fault }) => {
  const { theme } = paint
  const x = placed.x + socket.x
  const y = placed.y + socket.y
  const look = typeLook(frame.scene.catalog, socket.type)
  drawDot(paint, x, y, socket, look, linked)
  if (fault) drawFaultRing(paint, x, y, socketRadius(socket), fault)
  if (!socket.labelled || paint.detail !== 'full') return
  const colour = fault ?? (socket.ghost ? theme.text.faint : linked || socket.kind === 'output' ? theme.text.normal : theme.text.muted)
  const isInput = socket.kind === 'input'
  const crowded = isInput ? placed.layout.outputs.length > 0 : placed.layout.inputs.some(({ labelled }) => labelled)
  drawText(paint, shownName(socket), isInput ? x + 14 : x - 14, y, {
    font: theme.font.label, colour, align: isInput ? 'left' : 'right', maxWidth: (placed.width - 28) * (crowded ? 0.58 : 1),
  })
}

/**
 * A list has a square dot; an input with its own widget a small, quiet one until a wire is in it.
 * @param {Paint} paint @param {number} x @param {number} y @param {SocketLayout} socket @param {{colour: string, letter: string}} look @param {boolean} linked
 */
const drawDot = (paint, x, y, socket, look, linked) => {
  const { ctx, theme } = paint
  const radius = linked && !socket.labelled ? 4.5 : socketRadius(socket)
  const quiet = !socket.labelled && !linked
  ctx.beginPath()
  if (socket.list) ctx.roundRect(x - radius, y - radius, radius * 2, radius * 2, 2)
  else ctx.arc(x, y, radius, 0, Math.PI * 2)
  ctx.fillStyle = quiet ? theme.surface.node : look.colour
  ctx.fill()
  ctx.lineWidth = 1.5
  ctx.strokeStyle = quiet ? theme.surface.fieldEdgeHover : theme.surface.canvas
  ctx.stroke()
  if (socket.labelled && paint.zoom >= 0.75) drawText(paint, look.letter, x, y, { font: theme.font.tag, colour: LETTER, align: 'center' })
}

/** @param {Paint} paint @param {number} x @param {number} y @param {number} radius @param {string} colour */
const drawFaultRing = ({ ctx }, x, y, radius, colour) => {
  ctx.beginPath()
  ctx.arc(x, y, radius + 3, 0, Math.PI * 2)
  ctx.strokeStyle = colour
  ctx.lineWidth = 2
  ctx.stroke()
}
