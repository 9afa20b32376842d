// Instances that are drawn with what is in them.

import { definitionOf } from './definitions.js'

/** @typedef {import('./store.js').Store} Store */

/** Draws what is in these instances, or no longer where all of them are open. @param {Store} store @param {Iterable<string>} ids @returns {boolean} whether there were any */
export const togglePeek = (store, ids) => {
  const instances = [...ids].flatMap((id) => store.node(id) ?? []).filter(({ type }) => store.subgraph(definitionOf(type) ?? '') !== undefined)
  if (!instances.length) return false
  const open = !instances.every((node) => node.open)
  store.edit(open ? 'Show what is inside' : 'Hide what is inside', (tx) => {
    for (const { open: _, ...node } of instances) {
      tx.put('nodes', open ? { ...node, open } : node)
      if (open) tx.raise('nodes', node.id) // It covers what stands beside it.
    }
  })
  return true
}
