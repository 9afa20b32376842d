// Where one is in a document: the instances that were entered, outermost first.

import { definitionOf } from './definitions.js'

/** @typedef {import('./definitions.js').Graphs} Graphs */
/** @typedef {{node: string, graph: string}} Place an instance that was entered, and the sub-graph that it led to; a node without a name where that was entered by itself */

/** @param {readonly Place[]} a @param {readonly Place[]} b */
export const samePath = (a, b) => a.length === b.length && a.every(({ node, graph }, index) => node === b[index]?.node && graph === b[index]?.graph)

/** The graph at the end of a path; empty for the root. @param {readonly Place[]} path */
export const graphAt = (path) => path.at(-1)?.graph ?? ''

/** A path as far as it leads. @param {Graphs} graphs @param {readonly Place[]} path @returns {readonly Place[]} */
export const validPath = (graphs, path) => {
  const leads = (/** @type {Place} */ { node, graph }, /** @type {number} */ depth) =>
    graphs.subgraph(graph) !== undefined && (node === '' ? depth === 0 : definitionOf(graphs.graph(graphAt(path.slice(0, depth))).node(node)?.type) === graph)
  const end = path.findIndex((place, depth) => !leads(place, depth))
  return end < 0 ? path : path.slice(0, end)
}
