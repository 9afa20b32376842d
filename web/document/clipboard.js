// Nodes as JSON text: what copy puts on the system clipboard and paste reads, between tabs, files and browsers.

import { freeId } from './edits.js'
import { viaOf, withVia } from './reroutes.js'
import { FORMAT, linkToJSON, readDocument } from './workflow_format.js'

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {import('./workflow_format.js').WorkflowTables} WorkflowTables */

/** How far a paste without a place, or a duplicate, stands from its original. */
const OFFSET = 32

/** These nodes and the links among them as a workflow document; `incoming`: what feeds them from outside. @param {Store} store @param {Iterable<string>} ids */
export const copyText = (store, ids) => {
  const chosen = new Set(ids)
  const nodes = store.nodes().filter(({ id }) => chosen.has(id))
  const links = store.links().filter((link) => chosen.has(link.from[0]) && chosen.has(link.to[0])).map(linkToJSON)
  const incoming = store.links().filter((link) => !chosen.has(link.from[0]) && chosen.has(link.to[0])).map(linkToJSON)
  return JSON.stringify({ format: FORMAT, version: 1, nodes, links, ...(incoming.length ? { incoming } : {}) }, null, 1)
}

/**
 * Adds the nodes of a workflow text, under free ids, with the links among them.
 * @param {Store} store
 * @param {string} text
 * @param {readonly [number, number]} [at] where their left top goes; else a step aside
 * @param {{fed?: boolean}} [options] fed: what fed the originals feeds the copies, where it is there
 * @returns {string[] | null} the new ids, or null where the text is no workflow
 */
export const pasteText = (store, text, at, { fed = false } = {}) => {
  const tables = readText(text)
  return tables && tables.nodes.length ? insert(store, 'Paste', tables, at, fed) : null
}

/** Copies nodes in place, beside themselves. @param {Store} store @param {{nodes: Iterable<string>}} selection @param {{fed?: boolean}} [options] */
export const duplicate = (store, selection, { fed = false } = {}) => {
  const tables = readText(copyText(store, selection.nodes))
  return tables && tables.nodes.length ? insert(store, 'Duplicate', tables, undefined, fed) : []
}

/** @param {string} text @returns {WorkflowTables | null} */
const readText = (text) => {
  if (!text.trimStart().startsWith('{')) return null
  try {
    return readDocument(JSON.parse(text))
  } catch {
    return null // Any other text on the clipboard is simply not ours.
  }
}

/** @param {Store} store @param {string} label @param {WorkflowTables} tables @param {readonly [number, number] | undefined} at @param {boolean} fed */
const insert = (store, label, tables, at, fed) => {
  const [dx, dy] = offset(tables.nodes, at)
  /** @type {Map<string, string>} */
  const renamed = new Map()
  const taken = new Set(store.nodes().map(({ id }) => id))
  for (const { id } of tables.nodes) {
    const free = freeId((name) => taken.has(name), id)
    taken.add(free)
    renamed.set(id, free)
  }
  store.edit(label, (tx) => {
    for (const node of tables.nodes) {
      const [x, y] = node.position ?? [0, 0]
      tx.put('nodes', { ...node, id: renamed.get(node.id) ?? node.id, position: [x + dx, y + dy] })
    }
    for (const link of tables.links) {
      const from = renamed.get(link.from[0])
      const to = renamed.get(link.to[0])
      if (!from || !to) continue
      const moved = withVia(link, viaOf(link).map(([x, y]) => [x + dx, y + dy]))
      tx.put('links', { ...moved, id: store.newLinkId(), from: [from, link.from[1]], to: [to, link.to[1]] })
    }
    for (const { from, to } of fed ? incomingOf(tables) : []) {
      const target = renamed.get(to[0])
      if (target && store.node(from[0])) tx.put('links', { id: store.newLinkId(), from, to: [target, to[1]] })
    }
  })
  return [...renamed.values()]
}

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
