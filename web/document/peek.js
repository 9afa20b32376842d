// Instances that are drawn with what is in them; what stands right of them makes room, and comes back.

import { layoutNode } from '../kernels/layout.js'
import { readAnnotation, updateAnnotations } from './annotations.js'
import { definitionOf } from './definitions.js'

/** @typedef {import('./catalog.js').Catalog} Catalog */
/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./transaction.js').Transaction} Transaction */
/** @typedef {import('./workflow_format.js').NodeRecord} NodeRecord */

/** Draws what is in these instances, or no longer where all of them are open. @param {Store} store @param {Catalog} catalog @param {Iterable<string>} ids @returns {boolean} whether there were any */
export const togglePeek = (store, catalog, ids) => {
  const instances = [...ids].flatMap((id) => store.node(id) ?? []).filter(({ type }) => store.subgraph(definitionOf(type) ?? '') !== undefined)
  if (!instances.length) return false
  const open = !instances.every((node) => node.open)
  store.edit(open ? 'Show what is inside' : 'Hide what is inside', (tx) => {
    for (const { id } of instances) {
      const node = /** @type {NodeRecord} */ (store.node(id))
      const { open: was = false, ...plain } = node
      const now = open ? { ...plain, open } : plain
      if (was !== open) makeRoom(store, tx, node, widthOf(catalog, node), widthOf(catalog, now))
      tx.put('nodes', now)
    }
  })
  return true
}

/** @param {Catalog} catalog @param {NodeRecord} node */
const widthOf = (catalog, node) =>
  layoutNode(node, { type: catalog.nodes.get(node.type), linkedInputs: [], linkedOutputs: [], picture: node.open ? { aspect: 1, count: 1 } : null }).width

/** All that stands right of a node goes along with its edge. @param {Store} store @param {Transaction} tx @param {NodeRecord} node @param {number} before @param {number} after */
const makeRoom = (store, tx, { id, position = [0, 0] }, before, after) => {
  const edge = position[0] + before
  const by = after - before
  for (const other of store.nodes()) {
    if (other.id === id || !other.position || other.pinned || other.position[0] < edge) continue
    tx.put('nodes', { ...other, position: [other.position[0] + by, other.position[1]] })
  }
  for (const table of /** @type {const} */ (['frames', 'notes'])) {
    const right = store.carried(table).map((record) => readAnnotation(table, record)).filter((placed) => placed !== null && placed.x >= edge)
    updateAnnotations(store, 'Move', right.map((placed) => placed?.id ?? ''), (fields) => {
      const [x, y] = /** @type {[number, number]} */ (fields.position)
      return { ...fields, position: [x + by, y] }
    })
  }
}
