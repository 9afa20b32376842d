// Frames folded to their title: the nodes that they then hold are not drawn, and stay what they are.

import { updateAnnotations } from './annotations.js'

/** @typedef {import('./store.js').Store} Store */

/** @param {Store} store @param {ReadonlyMap<string, readonly string[]>} holds the nodes that each frame holds */
export const foldFrames = (store, holds) =>
  updateAnnotations(store, 'Fold frame', holds.keys(), (fields, id) => ({ ...fields, folded: [...holds.get(id) ?? []] }))

/** @param {Store} store @param {Iterable<string>} ids */
export const unfoldFrames = (store, ids) =>
  updateAnnotations(store, 'Unfold frame', ids, ({ folded: _, ...fields }) => fields)
