// How frames lie around things: what they hold, how large they are around it, and how they open and close.

import { encloses, union } from './geometry.js'

/** @typedef {import('./geometry.js').Rect} Rect */

/** The band of a frame that names it and by which it is held. */
export const FRAME_HEADER = 34
/** Between a frame and what it was put around. */
const MARGIN = 20

/** The frame around a rectangle, with room for its title. @param {Rect} rect @returns {Rect} */
export const frameAround = ({ x, y, width, height }) => ({
  x: Math.round(x - MARGIN), y: Math.round(y - MARGIN - FRAME_HEADER),
  width: Math.round(width + 2 * MARGIN), height: Math.round(height + 2 * MARGIN + FRAME_HEADER),
})

/** A frame opened so far that it holds a rectangle too. @param {Rect} frame @param {Rect} rect @returns {Rect} */
export const opened = (frame, rect) => /** @type {Rect} */ (union([frame, frameAround(rect)]))

/**
 * A frame closed around what stays in it when others leave; as it is where nothing stays.
 * @param {Rect} frame @param {readonly (Rect & {id: string})[]} nodes @param {{has: (id: string) => boolean}} leaving @returns {Rect}
 */
export const closed = (frame, nodes, leaving) => {
  const rest = union(nodes.filter((node) => !leaving.has(node.id) && encloses(frame, node)))
  return rest ? frameAround(rest) : { x: frame.x, y: frame.y, width: frame.width, height: frame.height }
}
