// Nodes of another document put into the current graph, under free ids, with the sub-graphs that they use.

import { renamedType, takeDefinitions } from './definition_copies.js'
import { RecursionError } from './definitions.js'
import { freeId } from './names.js'
import { viaOf, withVia } from './reroutes.js'
import { readDocument } from './workflow_format.js'

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {import('./workflow_format.js').WorkflowDocument} WorkflowDocument */
/** @typedef {import('./workflow_format.js').WorkflowTables} WorkflowTables */

/** How far a paste without a place, or a duplicate, stands from its original. */
const OFFSET = 32

/** A document's nodes, frames and notes at a place; an empty sub-graph is one of its own. @param {Store} store @param {string} label @param {WorkflowDocument} document @param {readonly [number, number]} at @returns {string[]} the new ids */
export const insertDocument = (store, label, document, at) => {
  const tables = readDocument(document)
  const put = (/** @type {boolean} */ share) => insert(store, label, tables, at, { share, words: true })
  try {
    return put(tables.subgraphs.every(({ graph }) => graph.nodes.length > 2))
  } catch (error) {
    if (error instanceof RecursionError) return put(false) // Into the sub-graph that it equals goes a copy of its own.
    throw error
  }
}

/**
 * @param {Store} store @param {string} label @param {WorkflowTables} tables
 * @param {readonly [number, number]} [at] where their left top goes; else a step aside
 * @param {{fed?: boolean, share?: boolean, words?: boolean}} [options] fed: what fed the originals feeds the copies, where it is there; words: frames and notes come too
 * @returns {string[]} the new ids
 */
export const insert = (store, label, tables, at, { fed = false, share = true, words = false } = {}) => {
  const by = offset(tables.nodes, at)
  const renamed = freeIds(tables.nodes, new Set(store.nodes().map(({ id }) => id)))
  store.edit(label, (tx) => {
    const names = takeDefinitions(store, tx, tables.subgraphs, { share })
    for (const node of tables.nodes) {
      const { pinned: _, ...record } = renamedType(node, names)
      tx.put('nodes', { ...record, id: renamed.get(node.id) ?? node.id, position: shifted(node.position ?? [0, 0], by) })
    }
    for (const link of tables.links) {
      const from = renamed.get(link.from[0])
      const to = renamed.get(link.to[0])
      if (!from || !to) continue
      const moved = withVia(link, viaOf(link).map((point) => shifted(point, by)))
      tx.put('links', { ...moved, id: store.newLinkId(), from: [from, link.from[1]], to: [to, link.to[1]] })
    }
    for (const { from, to } of fed ? incomingOf(tables) : []) {
      const target = renamed.get(to[0])
      if (target && store.node(from[0])) tx.put('links', { id: store.newLinkId(), from, to: [target, to[1]] })
    }
    if (words) insertWords(store, tx, tables, by)
  })
  return [...renamed.values()]
}

/** A free id for each node, its own where that is free. @param {Iterable<{id: string}>} nodes @param {Set<string>} taken @returns {Map<string, string>} */
export const freeIds = (nodes, taken) => {
  /** @type {Map<string, string>} */
  const renamed = new Map()
  for (const { id } of nodes) {
    const free = freeId((name) => taken.has(name), id)
    taken.add(free)
    renamed.set(id, free)
  }
  return renamed
}

/** Frames and notes of another graph. @param {Store} store @param {import('./transaction.js').Transaction} tx @param {Pick<WorkflowTables, 'frames' | 'notes'>} graph @param {readonly [number, number]} by */
export const insertWords = (store, tx, graph, by) => {
  for (const table of /** @type {const} */ (['frames', 'notes'])) {
    const renamed = freeIds(graph[table], new Set(store.carried(table).map(({ id }) => id)))
    for (const { id, value } of graph[table]) {
      const position = Reflect.get(Object(value), 'position')
      const isPlaced = Array.isArray(position) && position.length === 2
      tx.put(table, { id: renamed.get(id) ?? id, value: isPlaced ? { .../** @type {object} */ (value), position: shifted(/** @type {[number, number]} */ (position), by) } : value })
    }
  }
}

/** @param {readonly [number, number]} point @param {readonly [number, number]} by @returns {[number, number]} */
export const shifted = ([x, y], [dx, dy]) => [x + dx, y + dy]

/** Links into the copied nodes from nodes that were not copied. @param {WorkflowTables} tables @returns {{from: [string, string], to: [string, string]}[]} */
const incomingOf = ({ meta }) => (Array.isArray(meta.fields.incoming) ? meta.fields.incoming : [])
  .filter((link) => [link?.from, link?.to].every((end) => Array.isArray(end) && end.length === 2 && end.every((part) => typeof part === 'string')))

/** @param {readonly NodeRecord[]} nodes @param {readonly [number, number] | undefined} at @returns {[number, number]} */
const offset = (nodes, at) => {
  if (!at) return [OFFSET, OFFSET]
  const xs = nodes.map(({ position }) => position?.[0] ?? 0)
  const ys = nodes.map(({ position }) => position?.[1] ?? 0)
  return [Math.round(at[0] - Math.min(...xs)), Math.round(at[1] - Math.min(...ys))]
}
