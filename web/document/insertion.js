// Nodes of another document put into the current graph, under free ids, with the sub-graphs that they use.

import { renamedType, takeDefinitions } from './definition_copies.js'
import { RecursionError } from './definitions.js'
import { freeId } from './names.js'
import { sharedPortal } from './portals.js'
import { viaOf, withVia } from './reroutes.js'
import { readDocument } from './workflow_format.js'

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./workflow_format.js').WorkflowDocument} WorkflowDocument */
/** @typedef {import('./workflow_format.js').WorkflowTables} WorkflowTables */

/** What came: nodes, frames and notes by their new ids. @typedef {{nodes: string[], annotations: string[]}} Inserted */

/** How far a paste without a place, or a duplicate, stands from its original. */
const OFFSET = 32

/** A document's nodes, frames and notes at a place; an empty sub-graph is one of its own. @param {Store} store @param {string} label @param {WorkflowDocument} document @param {readonly [number, number]} at @returns {string[]} the new ids */
export const insertDocument = (store, label, document, at) => {
  const tables = readDocument(document)
  const put = (/** @type {boolean} */ share) => insert(store, label, tables, at, { share, words: true }).nodes
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
 * @returns {Inserted}
 */
export const insert = (store, label, tables, at, { fed = false, share = true, words = false } = {}) => {
  const by = offset(store, words ? tables : { ...tables, frames: [], notes: [] }, at)
  const renamed = freeIds(tables.nodes, new Set(store.nodes().map(({ id }) => id)))
  return store.edit(label, (tx) => {
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
      const portal = sharedPortal(store, from)
      if (target && store.node(from[0])) tx.put('links', { id: store.newLinkId(), from, to: [target, to[1]], ...(portal ? { extra: { portal } } : {}) })
    }
    return { nodes: [...renamed.values()], annotations: words ? insertWords(store, tx, tables, by, renamed) : [] }
  })
}

/** A free id for each node, its own where that is free. @param {Iterable<{id: string}>} nodes @param {Set<string>} taken @returns {Map<string, string>} */
export const freeIds = (nodes, taken) => {
  /** @type {Map<string, string>} */
  const renamed = new Map()
  const tried = new Map()
  for (const { id } of nodes) {
    const free = freeId((name) => taken.has(name), id, tried)
    taken.add(free)
    renamed.set(id, free)
  }
  return renamed
}

/**
 * Frames and notes of another graph; a folded frame holds the nodes that came with it.
 * @param {Store} store @param {import('./transaction.js').Transaction} tx @param {Pick<WorkflowTables, 'frames' | 'notes'>} graph
 * @param {readonly [number, number]} by @param {ReadonlyMap<string, string>} nodes their ids there and here @returns {string[]} the new ids
 */
export const insertWords = (store, tx, graph, by, nodes) => (/** @type {const} */ (['frames', 'notes'])).flatMap((table) => {
  const renamed = freeIds(graph[table], new Set(store.carried(table).flatMap(({ id, value }) => [id, Reflect.get(Object(value), 'id')])))
  for (const { id: old, value } of graph[table]) {
    const position = placeOf(value)
    const id = renamed.get(old) ?? old
    const { pinned: _, folded, ...fields } = /** @type {Record<string, unknown>} */ (Object(value))
    const own = { ...('id' in fields ? { id } : {}), ...(Array.isArray(folded) ? { folded: folded.flatMap((node) => nodes.get(node) ?? []) } : {}) }
    tx.put(table, { id, value: position ? { ...fields, ...own, position: shifted(position, by) } : value })
  }
  return [...renamed.values()]
})

/** @param {unknown} value of a frame or note @returns {[number, number] | null} */
const placeOf = (value) => {
  const position = Reflect.get(Object(value), 'position')
  return Array.isArray(position) && position.length === 2 ? /** @type {[number, number]} */ (position) : null
}

/** @param {readonly [number, number]} point @param {readonly [number, number]} by @returns {[number, number]} */
export const shifted = ([x, y], [dx, dy]) => [x + dx, y + dy]

/** Links into the copied nodes from nodes that were not copied. @param {WorkflowTables} tables @returns {{from: [string, string], to: [string, string]}[]} */
const incomingOf = ({ meta }) => (Array.isArray(meta.fields.incoming) ? meta.fields.incoming : [])
  .filter((link) => [link?.from, link?.to].every((end) => Array.isArray(end) && end.length === 2 && end.every((part) => typeof part === 'string')))

/** Never exactly over what stands there already: one of two would not be seen. @param {Store} store @param {WorkflowTables} tables @param {readonly [number, number] | undefined} at @returns {[number, number]} */
const offset = (store, { nodes, frames, notes }, at) => {
  if (!at) return [OFFSET, OFFSET]
  const words = [...frames, ...notes].flatMap(({ value }) => { const place = placeOf(value); return place ? [place] : [] })
  const places = [...nodes.map(({ position = [0, 0] }) => position), ...words]
  const [left, top] = [Math.min(...places.map(([x]) => x)), Math.min(...places.map(([, y]) => y))]
  const [x, y] = places[0] ?? [0, 0]
  const taken = new Set([...store.nodes().map(({ position }) => String(position)), ...(nodes.length ? [] : [...store.carried('frames'), ...store.carried('notes')].map(({ value }) => String(placeOf(value))))])
  let [dx, dy] = [Math.round(at[0] - left), Math.round(at[1] - top)]
  for (; taken.has(String([x + dx, y + dy])); dx += OFFSET) dy += OFFSET
  return [dx, dy]
}
