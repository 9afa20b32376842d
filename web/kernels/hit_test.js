// What is under a point: a socket, a widget, a part of a node, a wire, or the bare canvas.

import { FRAME_HEADER } from './frames.js'
import { contains, grown } from './geometry.js'
import { HEADER, stripCells } from './layout.js'
import { routeBounds, routeDistance } from './routes.js'

/** @typedef {import('./layout.js').NodeLayout} NodeLayout */
/** @typedef {import('./layout.js').SocketLayout} SocketLayout */
/** @typedef {import('./link_path.js').Curve} Curve */

/**
 * @typedef {{kind: 'socket', node: string, socket: SocketLayout}
 *   | {kind: 'widget', node: string, input: string, x: number, y: number}
 *   | {kind: 'picture', node: string, index: number | null}
 *   | {kind: 'collapse' | 'header' | 'state' | 'tab' | 'body' | 'resize' | 'more' | 'play', node: string}
 *   | {kind: 'link', id: string}
 *   | {kind: 'reroute', id: string, index: number}
 *   | {kind: 'portal', id: string, end: 'from' | 'to'}
 *   | {kind: 'annotation', id: string, table: 'frames' | 'notes', part: 'header' | 'body' | 'resize' | 'fold'}
 *   | {kind: 'canvas'}} Hit
 */

/** @typedef {{id: string, x: number, y: number, layout: NodeLayout}} PlacedNode */
/** @typedef {{id: string, curves: readonly Curve[], stretches?: number}} PlacedLink stretches: curves from one point of it to the next */
/** @typedef {import('../document/annotations.js').Annotation} Annotation */

export const COLLAPSE_WIDTH = 26
/** The end of the header, where a badge says how the node stands. */
const STATE_WIDTH = 58
const RESIZE_CORNER = 14
const PLAY_RADIUS = 9
/** The start of a frame's title, which folds it. */
const FOLD_WIDTH = 28

/**
 * @param {{nodes: readonly PlacedNode[], links: readonly PlacedLink[], portals?: readonly {id: string, tags: import('./portals.js').Tags | null}[], frames?: readonly Annotation[], notes?: readonly Annotation[]}} placed drawn in this order, the topmost last
 * @param {number} x
 * @param {number} y
 * @param {{socket: number, link: number, play?: {node: string, zoom: number}}} reach how far from a dot or wire still counts, in world units; play: the node that shows its button
 * @returns {Hit}
 */
export const hitTest = ({ nodes, links, portals = [], frames = [], notes = [] }, x, y, reach) => {
  const portal = hitPortal(portals, x, y) // Tags lie over what stands beside their socket.
  if (portal) return portal
  for (let index = nodes.length - 1; index >= 0; index -= 1) {
    const node = /** @type {PlacedNode} */ (nodes[index])
    if (reach.play?.node === node.id && onPlay(node, x, y, reach.play.zoom)) return { kind: 'play', node: node.id }
    const hit = hitNode(node, x, y, reach.socket)
    if (hit) return hit
  }
  const note = notes.findLast((placed) => contains(placed, x, y))
  if (note) return { kind: 'annotation', id: note.id, table: 'notes', part: inCorner(note, x, y) ? 'resize' : 'body' }
  return hitReroute(links, x, y, reach.link + 4) ?? hitLink(links, x, y, reach.link) ?? hitFrame(frames, x, y) ?? { kind: 'canvas' }
}

/** The button that runs up to a node, above its right end; on screen never too small to press. @param {number} width of the node @param {number} zoom */
export const playButton = (width, zoom) => {
  const radius = Math.max(PLAY_RADIUS, PLAY_RADIUS / zoom)
  return { x: width - radius - 4, y: -radius - 2, radius }
}

/** The gap below it counts: the hand comes from the node. @param {PlacedNode} node @param {number} x @param {number} y @param {number} zoom */
const onPlay = ({ x: left, y: top, layout }, x, y, zoom) => {
  const button = playButton(layout.width, zoom)
  return Math.abs(x - left - button.x) <= button.radius && y < top && y > top + button.y - button.radius
}

/** @param {{x: number, y: number, width: number, height: number}} rect @param {number} x @param {number} y */
const inCorner = (rect, x, y) => x > rect.x + rect.width - RESIZE_CORNER && y > rect.y + rect.height - RESIZE_CORNER

/** A frame is held by its title and its corner; inside it lies bare canvas. @param {readonly Annotation[]} frames @param {number} x @param {number} y @returns {Hit | null} */
const hitFrame = (frames, x, y) => {
  for (let index = frames.length - 1; index >= 0; index -= 1) {
    const frame = /** @type {Annotation} */ (frames[index])
    if (!contains(frame, x, y)) continue
    const isTitle = y <= frame.y + FRAME_HEADER
    const part = isTitle && x < frame.x + FOLD_WIDTH ? 'fold' : !frame.folded && inCorner(frame, x, y) ? 'resize' : isTitle ? 'header' : null
    if (part) return { kind: 'annotation', id: frame.id, table: 'frames', part }
  }
  return null
}

/** @param {PlacedNode} node @param {number} x @param {number} y @param {number} reach @returns {Hit | null} */
const hitNode = (node, x, y, reach) => {
  const { layout, id } = node
  const localX = x - node.x
  const localY = y - node.y
  if (layout.tab && contains(layout.tab, localX, localY)) return { kind: 'tab', node: id }
  const box = { x: 0, y: 0, width: layout.width, height: layout.height }
  if (!contains(grown(box, reach), localX, localY)) return null
  const socket = layout.collapsed ? null : nearestSocket(layout, localX, localY, reach)
  if (socket) return { kind: 'socket', node: id, socket }
  return contains(box, localX, localY) ? hitInside(id, layout, localX, localY) : null
}

/** @param {string} node @param {NodeLayout} layout @param {number} x @param {number} y @returns {Hit} */
const hitInside = (node, layout, x, y) => {
  if (!layout.collapsed && x > layout.width - RESIZE_CORNER && y > layout.height - RESIZE_CORNER) return { kind: 'resize', node }
  if (y <= HEADER) return { kind: x < COLLAPSE_WIDTH ? 'collapse' : x > layout.width - STATE_WIDTH ? 'state' : 'header', node }
  const widget = layout.widgets.find(({ rect }) => contains(rect, x, y))
  if (widget) return { kind: 'widget', node, input: widget.input.name, x: x - widget.rect.x, y: y - widget.rect.y }
  if (layout.more && contains(layout.more.rect, x, y)) return { kind: 'more', node }
  if (layout.picture && contains(layout.picture, x, y)) return { kind: 'picture', node, index: null }
  if (layout.strip && contains(layout.strip, x, y)) {
    const cells = stripCells(layout.strip, layout.pictureCount)
    const index = cells.findIndex((cell) => contains(cell, x, y))
    return { kind: 'picture', node, index: index < 0 ? null : index }
  }
  return { kind: 'body', node }
}

/** The socket whose dot is nearest, within reach. @param {NodeLayout} layout @param {number} x @param {number} y @param {number} reach @returns {SocketLayout | null} */
export const nearestSocket = (layout, x, y, reach) => {
  let best = null
  let distance = reach
  for (const side of [layout.inputs, layout.outputs]) {
    for (const socket of side) {
      // Dots sit on the edge: inside the node the row's own widget keeps most of its width.
      const inward = socket.kind === 'input' ? x - socket.x : socket.x - x
      const away = Math.hypot(x - socket.x, y - socket.y)
      if (away <= distance && (socket.labelled || inward < 9)) {
        best = socket
        distance = away
      }
    }
  }
  return best
}

/** @param {readonly {id: string, tags: import('./portals.js').Tags | null}[]} portals @param {number} x @param {number} y @returns {Hit | null} */
const hitPortal = (portals, x, y) => {
  for (const { id, tags } of portals) {
    if (tags && contains(tags.to, x, y)) return { kind: 'portal', id, end: 'to' }
    if (tags && contains(tags.from, x, y)) return { kind: 'portal', id, end: 'from' }
  }
  return null
}

/** A point that a wire is led through: the start of each of its curves but the first. @param {readonly PlacedLink[]} links @param {number} x @param {number} y @param {number} reach @returns {Hit | null} */
const hitReroute = (links, x, y, reach) => {
  for (const { id, curves, stretches = 1 } of links) {
    for (let place = stretches; place < curves.length; place += stretches) {
      const curve = /** @type {Curve} */ (curves[place])
      if (Math.hypot(x - curve.x1, y - curve.y1) <= reach) return { kind: 'reroute', id, index: place / stretches - 1 }
    }
  }
  return null
}

/** @param {readonly PlacedLink[]} links @param {number} x @param {number} y @param {number} reach @returns {Hit | null} */
const hitLink = (links, x, y, reach) => {
  let best = null
  let distance = reach
  for (const { id, curves } of links) {
    if (!contains(grown(routeBounds(curves), reach), x, y)) continue
    const away = routeDistance(curves, x, y)
    if (away <= distance) {
      best = id
      distance = away
    }
  }
  return best === null ? null : { kind: 'link', id: best }
}
