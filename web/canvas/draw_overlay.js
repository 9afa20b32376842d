// What lies over the graph: progress, the wire in the hand, the marquee, guides, and words about what is hovered.

import { drawHeat } from './draw_heat.js'
import { drawSlots } from './draw_slots.js'
import { drawBanners, drawHover } from './draw_messages.js'
import { grown, intersects } from '../kernels/geometry.js'
import { HEADER } from '../kernels/layout.js'
import { linkCurve } from '../kernels/link_path.js'
import { drawPortalWays } from './draw_portals.js'
import { drawPlay } from './draw_play.js'
import { drawRaisedLink } from './draw_links.js'
import { SOCKET_RADIUS } from './draw_sockets.js'
import { stateText } from './node_state.js'
import { circle, drawText, strokeRound } from './paint.js'
import { typeLook } from './theme.js'
import { traceCurve, wireWidth } from './wire.js'
import { REROUTE_RADIUS } from './wire_paths.js'

/** @typedef {import('./frame.js').DraggedWire} DraggedWire */
/** @typedef {import('./frame.js').Frame} Frame */
/** @typedef {import('./paint.js').Paint} Paint */
/** @typedef {import('./scene.js').ScenePlacedNode} ScenePlacedNode */

/** @param {Paint} paint @param {Frame} frame */
export const drawOverlay = (paint, frame) => {
  drawHeat(paint, frame)
  drawSlots(paint, frame)
  if (frame.interaction.path && !frame.interaction.wire) drawPathNodes(paint, frame, frame.interaction.path)
  drawRaisedLinks(paint, frame)
  drawPortalWays(paint, frame)
  drawProgress(paint, frame)
  drawBanners(paint, frame)
  drawPlay(paint, frame)
  drawHover(paint, frame)
  if (frame.interaction.wire) drawWire(paint, frame, frame.interaction.wire)
  drawGuides(paint, frame)
  drawJoined(paint, frame)
  if (frame.interaction.slash) drawSlash(paint, frame.interaction.slash)
  if (frame.interaction.marquee) drawMarquee(paint, frame.interaction.marquee)
}

/** A quiet outline in the type's colour around what a value goes through. @param {Paint} paint @param {Frame} frame @param {import('./frame.js').ShownPath} path */
const drawPathNodes = ({ ctx, theme, zoom }, { scene, view }, { nodes, type }) => {
  const gap = Math.max(2, 1.5 / zoom)
  ctx.globalAlpha = 0.45
  for (const id of nodes) {
    const placed = scene.node(id)
    if (placed && intersects(placed, view)) strokeRound(ctx, grown(placed, gap), theme.radius.node + gap, typeLook(scene.catalog, type).colour, Math.max(1.25, 1.25 / zoom))
  }
  ctx.globalAlpha = 1
}

/** @param {Paint} paint @param {Frame} frame */
const drawRaisedLinks = (paint, frame) => {
  const { hover, wire, insertion } = frame.interaction
  if (wire) return
  if (insertion) return drawInsertion(paint, frame, insertion)
  if (hover.kind === 'link' && !frame.selectedLinks.has(hover.id)) {
    const placed = frame.scene.link(hover.id)
    if (placed) drawRaisedLink(paint, frame, placed, { strong: false })
  }
  if (hover.kind === 'reroute') drawReroute(paint, frame, hover)
  for (const id of frame.selectedLinks) {
    const placed = frame.scene.link(id)
    if (placed) drawRaisedLink(paint, frame, placed, { strong: true })
  }
}

/** @param {Paint} paint @param {Frame} frame @param {{id: string, index: number}} reroute */
const drawReroute = ({ ctx, theme }, { scene }, { id, index }) => {
  const placed = scene.link(id)
  const curve = placed?.curves[(index + 1) * placed.stretches]
  if (!placed || !curve) return
  circle(ctx, curve.x1, curve.y1, REROUTE_RADIUS + 3)
  ctx.strokeStyle = theme.text.strong
  ctx.lineWidth = 1.5
  ctx.stroke()
}

/** The two wires that dropping the node would leave. @param {Paint} paint @param {Frame} frame @param {NonNullable<import('./frame.js').Interaction['insertion']>} insertion */
const drawInsertion = (paint, frame, { node, link, sockets }) => {
  const { scene } = frame
  const placed = scene.node(node)
  const entered = scene.link(link)
  const input = scene.socketPoint(node, 'input', sockets.input)
  const output = scene.socketPoint(node, 'output', sockets.output)
  if (!placed || !entered || !input || !output) return
  const [{ x1, y1 } = { x1: 0, y1: 0 }] = entered.curves
  const { x2, y2 } = entered.curves.at(-1) ?? { x2: 0, y2: 0 }
  for (const curve of [linkCurve([x1, y1], input), linkCurve(output, [x2, y2])]) drawRaisedLink(paint, frame, { type: entered.type, curves: [curve] }, { strong: true })
  const { ctx, theme, zoom } = paint
  ctx.globalAlpha = 0.35
  strokeRound(ctx, grown(placed, 5), theme.radius.node + 5, theme.accent.normal, Math.max(6, 4 / zoom))
  ctx.globalAlpha = 1
}

/** Whether something on the overlay moves by itself. @param {Frame} frame */
export const isAnimated = (frame) => {
  for (const [id, run] of frame.scene.overlay.nodes) {
    if (run.run !== 'running' || (run.progress && run.progress.total > 1)) continue
    const placed = frame.scene.node(id)
    if (placed && intersects(placed, frame.view)) return true
  }
  return false
}

/** @param {Paint} paint @param {Frame} frame */
const drawProgress = (paint, frame) => {
  for (const [id, run] of frame.scene.overlay.nodes) {
    const placed = run.run === 'running' ? frame.scene.node(id) : undefined
    if (!placed || !intersects(placed, frame.view)) continue
    const known = run.progress && run.progress.total > 1
    const fraction = known && run.progress ? run.progress.done / run.progress.total : null
    if (paint.detail !== 'blocks') drawRing(paint, placed, fraction, frame.now, stateText(run, 'running'))
    if (fraction !== null) drawBar(paint, placed, fraction)
  }
}

/** @param {Paint} paint @param {ScenePlacedNode} placed @param {number | null} fraction null: how far is not known @param {number} now @param {string} text */
const drawRing = (paint, placed, fraction, now, text) => {
  const { ctx, theme } = paint
  const x = placed.x + placed.width - 19
  const y = placed.y + HEADER / 2
  ctx.lineWidth = 2.5
  ctx.lineCap = 'round'
  ctx.strokeStyle = theme.surface.fieldEdgeHover
  circle(ctx, x, y, 6.5)
  ctx.stroke()
  const start = fraction === null ? (now / 900) * Math.PI * 2 : -Math.PI / 2
  const sweep = (fraction ?? 0.28) * Math.PI * 2
  ctx.beginPath()
  ctx.arc(x, y, 6.5, start, start + Math.max(sweep, 0.05))
  ctx.strokeStyle = theme.state.running
  ctx.stroke()
  if (text && paint.detail === 'full') drawText(paint, text, x - 13, y, { font: theme.font.small, colour: theme.state.running, align: 'right' })
}

/** @param {Paint} paint @param {ScenePlacedNode} placed @param {number} fraction */
const drawBar = ({ ctx, theme, zoom, detail }, placed, fraction) => {
  const height = detail === 'blocks' ? Math.max(3, 3 / zoom) : 2
  const y = detail === 'blocks' ? placed.y + placed.height - height : placed.y + HEADER - height
  ctx.fillStyle = theme.state.running
  ctx.fillRect(placed.x + 1, y, (placed.width - 2) * fraction, height)
}

/** @param {Paint} paint @param {Frame} frame @param {DraggedWire} wire */
const drawWire = (paint, frame, wire) => {
  const { ctx, theme } = paint
  drawInvitations(paint, frame, wire)
  const { colour } = typeLook(frame.scene.catalog, wire.pending.type)
  const curve = wire.pending.kind === 'output' ? linkCurve(wire.anchor, wire.tip) : linkCurve(wire.tip, wire.anchor)
  ctx.beginPath()
  traceCurve(ctx, curve)
  ctx.lineCap = 'round'
  ctx.strokeStyle = theme.link.casing
  ctx.lineWidth = wireWidth(paint, theme.link.width + 3)
  ctx.stroke()
  ctx.strokeStyle = colour
  ctx.lineWidth = wireWidth(paint, theme.link.width + 0.75)
  ctx.stroke()
  for (const [x, y] of [wire.anchor, wire.tip]) {
    circle(ctx, x, y, SOCKET_RADIUS)
    ctx.fillStyle = colour
    ctx.fill()
  }
}

/** Sockets that could take the wire glow; the one that will take it most. @param {Paint} paint @param {Frame} frame @param {DraggedWire} wire */
const drawInvitations = ({ ctx, theme, zoom }, frame, wire) => {
  const kind = wire.pending.kind === 'output' ? 'input' : 'output'
  const { colour } = typeLook(frame.scene.catalog, wire.pending.type)
  for (const id of wire.compatible) {
    const placed = frame.scene.node(id)
    if (!placed || !intersects(placed, frame.view)) continue
    for (const socket of kind === 'input' ? placed.layout.inputs : placed.layout.outputs) {
      if (!wire.fits(socket)) continue
      const isTarget = wire.target?.node === id && wire.target.socket === socket.name
      const x = placed.x + socket.x
      const y = placed.y + socket.y
      ctx.globalAlpha = isTarget ? 0.5 : 0.22
      circle(ctx, x, y, Math.max(isTarget ? 13 : 10, (isTarget ? 8 : 5) / zoom))
      ctx.fillStyle = colour
      ctx.fill()
      ctx.globalAlpha = 1
      circle(ctx, x, y, SOCKET_RADIUS)
      ctx.fillStyle = colour
      ctx.fill()
    }
    if (wire.target?.node === id) strokeRound(ctx, { x: placed.x - 1.5, y: placed.y - 1.5, width: placed.width + 3, height: placed.height + 3 }, theme.radius.node + 1.5, colour, Math.max(1.5, 1.5 / zoom))
  }
}

/** @param {Paint} paint @param {Frame} frame */
const drawGuides = ({ ctx, theme, zoom }, { interaction: { guides } }) => {
  if (!guides.length) return
  ctx.beginPath()
  for (const { axis, at, from, to, isGap = false } of guides) {
    const isUpright = (axis === 'x') !== isGap
    ctx.moveTo(isUpright ? at : from, isUpright ? from : at)
    ctx.lineTo(isUpright ? at : to, isUpright ? to : at)
    if (isGap) for (const end of [from, to]) traceTick(ctx, isUpright ? at : end, isUpright ? end : at, isUpright, 5 / zoom)
  }
  ctx.strokeStyle = theme.accent.normal
  ctx.lineWidth = 1 / zoom
  ctx.stroke()
}

/** @param {Paint} paint @param {Frame} frame */
const drawJoined = ({ ctx, theme, zoom }, { interaction: { joined } }) => {
  if (!joined) return
  ctx.setLineDash([6 / zoom, 4 / zoom])
  for (const rect of joined.values()) strokeRound(ctx, rect, 12, theme.accent.normal, 1.75 / zoom)
  ctx.setLineDash([])
}

/** The end of a measure. @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {boolean} isUpright @param {number} half */
const traceTick = (ctx, x, y, isUpright, half) => {
  ctx.moveTo(isUpright ? x - half : x, isUpright ? y : y - half)
  ctx.lineTo(isUpright ? x + half : x, isUpright ? y : y + half)
}

/** @param {Paint} paint @param {NonNullable<import('./frame.js').Interaction['slash']>} slash */
const drawSlash = ({ ctx, theme, zoom }, { kind, from, to }) => {
  ctx.strokeStyle = kind === 'cut' ? theme.state.failed : theme.accent.normal
  ctx.lineWidth = 1.75 / zoom
  ctx.lineCap = 'round'
  ctx.setLineDash(kind === 'cut' ? [6 / zoom, 5 / zoom] : [])
  ctx.beginPath()
  ctx.moveTo(...from)
  ctx.lineTo(...to)
  ctx.stroke()
  ctx.setLineDash([])
}

/** Dashed where touching is enough. @param {Paint} paint @param {NonNullable<import('./frame.js').Interaction['marquee']>} marquee */
const drawMarquee = ({ ctx, theme, zoom }, { rect, touching }) => {
  ctx.fillStyle = theme.accent.faint
  ctx.fillRect(rect.x, rect.y, rect.width, rect.height)
  ctx.strokeStyle = theme.accent.normal
  ctx.lineWidth = 1 / zoom
  ctx.setLineDash(touching ? [5 / zoom, 4 / zoom] : [])
  ctx.strokeRect(rect.x, rect.y, rect.width, rect.height)
  ctx.setLineDash([])
}
