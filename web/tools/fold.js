// Folding frames: what stands in one when it is folded is what it holds until it is unfolded.

import { foldFrames, unfoldFrames } from '../document/folding.js'
import { heldByFrame } from './held.js'

/** @param {Pick<import('./bench.js').Bench, 'scene' | 'store'>} bench @param {Iterable<string>} ids of frames; notes among them do nothing */
export const toggleFold = ({ scene, store }, ids) => {
  const chosen = new Set(ids)
  const frames = scene.frames.filter(({ id }) => chosen.has(id))
  if (!frames.length) return
  if (frames.every(({ folded }) => folded)) unfoldFrames(store, frames.map(({ id }) => id))
  else foldFrames(store, new Map(frames.map((frame) => [frame.id, heldByFrame(scene, frame)])))
}
