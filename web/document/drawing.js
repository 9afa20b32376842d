// Edits of how things are drawn and held: pinned in their place, compact without what they do not use. They never change a result.

import { findAnnotation, readAnnotation, updateAnnotations } from './annotations.js'
import { updateNodes } from './edits.js'

/** @typedef {import('./store.js').Store} Store */
/** @typedef {{nodes: Iterable<string>, annotations: Iterable<string>}} Chosen */

/** The record with a mark, or without a trace of it. @template {object} R @param {R} record @param {string} mark @param {boolean} isOn @returns {R} */
const marked = (record, mark, isOn) => {
  const { [mark]: _, ...rest } = /** @type {Record<string, unknown>} */ (record)
  return /** @type {R} */ (isOn ? { ...rest, [mark]: true } : rest)
}

/** Whether all of these stay where they are. @param {Store} store @param {Chosen} chosen */
export const arePinned = (store, { nodes, annotations }) =>
  [...nodes].flatMap((id) => store.node(id) ?? []).every(({ pinned }) => pinned === true) &&
  [...annotations].flatMap((id) => findAnnotation(store, id) ?? []).every(({ table, record }) => readAnnotation(table, record)?.pinned === true)

/** What is pinned is not moved: by no hand, key, alignment or arrangement. @param {Store} store @param {Chosen} chosen @param {boolean} isOn */
export const setPinned = (store, { nodes, annotations }, isOn) => {
  const label = isOn ? 'Pin' : 'Unpin'
  store.edit(label, () => {
    updateNodes(store, label, nodes, (node) => marked(node, 'pinned', isOn))
    updateAnnotations(store, label, annotations, (fields) => marked(fields, 'pinned', isOn))
  })
}

/** A compact node shows what is linked, what must be, and values that are not the usual ones. @param {Store} store @param {Iterable<string>} ids @param {boolean} isOn */
export const setCompact = (store, ids, isOn) =>
  updateNodes(store, isOn ? 'Hide what is not used' : 'Show all inputs', ids, (node) => marked(node, 'compact', isOn))
