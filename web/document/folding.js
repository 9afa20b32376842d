// Frames folded to their title: the nodes that they then hold are not drawn, and stay what they are.

import { updateAnnotations } from './annotations.js'

/** @typedef {import('./store.js').Store} Store */

/** Nodes that go leave the frames that held them: another node may get their ids. @param {Store} store @param {ReadonlySet<string>} ids */
export const forgetFolded = (store, ids) => {
  const holding = store.carried('frames').filter(({ value }) => foldedIn(value).some((id) => ids.has(id)))
  if (holding.length) updateAnnotations(store, 'Delete', holding.map(({ id }) => id), (fields) => ({ ...fields, folded: foldedIn(fields).filter((id) => !ids.has(id)) }))
}

/** @param {unknown} frame @returns {string[]} */
const foldedIn = (frame) => {
  const folded = Reflect.get(Object(frame), 'folded')
  return Array.isArray(folded) ? folded : []
}

/** @param {Store} store @param {ReadonlyMap<string, readonly string[]>} holds the nodes that each frame holds */
export const foldFrames = (store, holds) =>
  updateAnnotations(store, 'Fold frame', holds.keys(), (fields, id) => ({ ...fields, folded: [...holds.get(id) ?? []] }))

/** Unfolds what hides a node. @param {Store} store @param {string} node */
export const unfoldOver = (store, node) => {
  const hiding = store.carried('frames').filter(({ value }) => foldedIn(value).includes(node)).map(({ id }) => id)
  if (hiding.length) unfoldFrames(store, hiding)
}

/** @param {Store} store @param {Iterable<string>} ids */
export const unfoldFrames = (store, ids) =>
  updateAnnotations(store, 'Unfold frame', ids, ({ folded: _, ...fields }) => fields)
