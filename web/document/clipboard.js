// Nodes, frames and notes as JSON text: what copy puts on the system clipboard and paste reads, between tabs, files and browsers.

import { definitionsOf } from './definition_copies.js'
import { insert } from './insertion.js'
import { isEnd } from './subgraph_format.js'
import { FORMAT, linkToJSON, readDocument } from './workflow_format.js'

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./workflow_format.js').WorkflowTables} WorkflowTables */

/** @typedef {import('./insertion.js').Inserted} Inserted */

/**
 * These nodes, the links among them and the sub-graphs that they use as a workflow document; `incoming`: what feeds them from outside.
 * @param {Store} store @param {Iterable<string>} ids @param {Iterable<string>} [annotations] frames and notes
 */
export const copyText = (store, ids, annotations = []) => {
  const chosen = new Set([...ids].filter((id) => !isEnd(id)))
  const nodes = store.nodes().filter(({ id }) => chosen.has(id))
  const links = store.links().filter((link) => chosen.has(link.from[0]) && chosen.has(link.to[0])).map(linkToJSON)
  const incoming = store.links().filter((link) => !chosen.has(link.from[0]) && chosen.has(link.to[0])).map(linkToJSON)
  const subgraphs = definitionsOf(store, nodes)
  const words = new Set(annotations)
  const carried = (/** @type {'frames' | 'notes'} */ table) => {
    const values = store.carried(table).filter(({ id }) => words.has(id)).map(({ value }) => value)
    return values.length ? { [table]: values } : {}
  }
  return JSON.stringify({ format: FORMAT, version: 1, nodes, links, ...carried('frames'), ...carried('notes'), ...(incoming.length ? { incoming } : {}), ...(subgraphs.length ? { subgraphs } : {}) }, null, 1)
}

/**
 * Adds what is in a workflow text, under free ids, with the links among its nodes.
 * @param {Store} store
 * @param {string} text
 * @param {readonly [number, number]} [at] where their left top goes; else a step aside
 * @param {{fed?: boolean}} [options] fed: what fed the originals feeds the copies, where it is there
 * @returns {Inserted | null} null where the text is no workflow
 */
export const pasteText = (store, text, at, { fed = false } = {}) => {
  const tables = readText(text)
  return tables && holdsAny(tables) ? insert(store, 'Paste', tables, at, { fed, words: true }) : null
}

/** Copies things in place, beside themselves. @param {Store} store @param {{nodes: Iterable<string>, annotations?: Iterable<string>}} selection @param {{fed?: boolean}} [options] @returns {Inserted} */
export const duplicate = (store, { nodes, annotations = [] }, { fed = false } = {}) => {
  const tables = readText(copyText(store, nodes, annotations))
  return tables && holdsAny(tables) ? insert(store, 'Duplicate', tables, undefined, { fed, words: true }) : { nodes: [], annotations: [] }
}

/** @param {WorkflowTables} tables */
const holdsAny = ({ nodes, frames, notes }) => nodes.length + frames.length + notes.length > 0

/** @param {string} text @returns {WorkflowTables | null} */
const readText = (text) => {
  if (!text.trimStart().startsWith('{')) return null
  try {
    return readDocument(JSON.parse(text))
  } catch {
    return null // Any other text on the clipboard is simply not ours.
  }
}
