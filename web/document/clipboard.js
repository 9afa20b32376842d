// Nodes as JSON text: what copy puts on the system clipboard and paste reads, between tabs, files and browsers.

import { definitionsOf } from './definition_copies.js'
import { insert } from './insertion.js'
import { isEnd } from './subgraph_format.js'
import { FORMAT, linkToJSON, readDocument } from './workflow_format.js'

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./workflow_format.js').WorkflowTables} WorkflowTables */

/** These nodes, the links among them and the sub-graphs that they use as a workflow document; `incoming`: what feeds them from outside. @param {Store} store @param {Iterable<string>} ids */
export const copyText = (store, ids) => {
  const chosen = new Set([...ids].filter((id) => !isEnd(id)))
  const nodes = store.nodes().filter(({ id }) => chosen.has(id))
  const links = store.links().filter((link) => chosen.has(link.from[0]) && chosen.has(link.to[0])).map(linkToJSON)
  const incoming = store.links().filter((link) => !chosen.has(link.from[0]) && chosen.has(link.to[0])).map(linkToJSON)
  const subgraphs = definitionsOf(store, nodes)
  return JSON.stringify({ format: FORMAT, version: 1, nodes, links, ...(incoming.length ? { incoming } : {}), ...(subgraphs.length ? { subgraphs } : {}) }, null, 1)
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
  return tables && tables.nodes.length ? insert(store, 'Paste', tables, at, { fed }) : null
}

/** Copies nodes in place, beside themselves. @param {Store} store @param {{nodes: Iterable<string>}} selection @param {{fed?: boolean}} [options] */
export const duplicate = (store, selection, { fed = false } = {}) => {
  const tables = readText(copyText(store, selection.nodes))
  return tables && tables.nodes.length ? insert(store, 'Duplicate', tables, undefined, { fed }) : []
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
