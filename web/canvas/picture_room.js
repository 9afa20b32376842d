// The room for a picture on a node: its shape, how far down it may grow, and the empty place of a sink's first one.

import { HEADER, previewHeight } from '../kernels/layout.js'

/** @typedef {import('../document/catalog.js').NodeType} NodeType */
/** @typedef {import('../document/workflow_format.js').NodeRecord} NodeRecord */

/** Between a picture's node and the one below. */
const GAP = 16
const USUAL_WIDTH = 240
/** Looking for what stands below every picture takes the square of the nodes. */
const LARGE = 400

/** @param {readonly NodeRecord[]} nodes */
export const isLarge = (nodes) => nodes.length > LARGE

/** The shape of the empty place where a sink's first picture will be. */
const WELL = { aspect: 1, count: 1 }

/** @param {{width: number, height: number}} picture */
export const aspectOf = ({ width, height }) => (width > 0 && height > 0 ? width / height : 1)

/** @type {WeakMap<NodeType, boolean>} */
const pictureSinks = new WeakMap()

/** Asked for every node after every change, hence remembered. @param {NodeType} type */
const showsPictures = (type) => {
  const known = pictureSinks.get(type)
  if (known !== undefined) return known
  const shows = type.sink === true && type.inputs.some((input) => input.type === 'IMAGE')
  pictureSinks.set(type, shows)
  return shows
}

/** Whether a node shows the picture as it comes to be. @param {NodeType} type */
const sendsPreviews = (type) => type.lane === 'gpu' && type.category.startsWith('sampling') && type.outputs.some((output) => output.type === 'LATENT')

/** What a node will grow by when its first preview comes: room that an arrangement keeps. @param {{type: NodeType | undefined, layout: import('../kernels/layout.js').NodeLayout}} placed */
export const roomForPreview = ({ type, layout }) => (type && !layout.collapsed && !layout.picture && sendsPreviews(type) ? previewHeight(layout.width) : 0)

/** @param {NodeType} type */
export const emptyWell = (type) => (showsPictures(type) ? WELL : null)

/**
 * How far the next node or note below begins; in large graphs nobody looks.
 * @param {readonly NodeRecord[]} nodes @param {NodeRecord} node @param {(id: string) => number | undefined} drawnWidth @param {readonly import('../kernels/geometry.js').Rect[]} [notes]
 */
export const roomBelow = (nodes, { id, position, size }, drawnWidth, notes = []) => {
  if (!position || isLarge(nodes)) return Infinity
  const [x, y] = position
  const width = size?.[0] ?? drawnWidth(id) ?? USUAL_WIDTH
  let room = Infinity
  const heed = (/** @type {number} */ left, /** @type {number} */ top, /** @type {number} */ right) => {
    if (left < x + width && right > x && top > y + HEADER) room = Math.min(room, top - y - GAP)
  }
  for (const other of nodes) {
    if (other.id !== id && other.position) heed(other.position[0], other.position[1], other.position[0] + (other.size?.[0] ?? drawnWidth(other.id) ?? USUAL_WIDTH))
  }
  for (const note of notes) heed(note.x, note.y, note.x + note.width)
  return room
}
