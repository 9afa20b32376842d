// What belongs to a selection: its nodes, and all that stands in its frames.

import { encloses } from '../kernels/geometry.js'

/** @typedef {import('../canvas/scene.js').Scene} Scene */
/** @typedef {import('../document/annotations.js').Annotation} Annotation */

/** The nodes that a frame holds: those inside, or of a folded one those that were. @param {Scene} scene @param {Annotation} frame @returns {readonly string[]} */
export const heldByFrame = (scene, frame) =>
  frame.folded ?? scene.nodes.filter((node) => encloses(frame, node)).map(({ id }) => id)

/**
 * The selection and whatever its frames hold.
 * @param {Scene} scene @param {{nodes: ReadonlySet<string>, annotations: ReadonlySet<string>}} selection
 */
export const heldBy = (scene, { nodes, annotations }) => {
  const frames = scene.frames.filter(({ id }) => annotations.has(id))
  const inside = (/** @type {readonly Annotation[]} */ things) =>
    things.filter((thing) => frames.some((frame) => encloses(frame.extent, thing))).map(({ id }) => id)
  return {
    nodes: new Set([...nodes, ...frames.flatMap((frame) => heldByFrame(scene, frame))]),
    annotations: new Set([...annotations, ...inside(scene.frames), ...inside(scene.notes)]),
  }
}
