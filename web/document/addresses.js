// Nodes by the names that runs, plans and Problems give them: `instance/node`, from the root on.

import { definitionOf } from './definitions.js'

/** @typedef {import('./definitions.js').Graphs} Graphs */
/** @typedef {import('./places.js').Place} Place */
/** @typedef {{path: Place[], graph: string, node: string}} Located where a node stands, and how one gets there */

/**
 * @param {Graphs} graphs @param {string} address @param {string} [graph] from where on @returns {Located | null}
 */
export const locate = (graphs, address, graph = '') => {
  if (graphs.graph(graph).node(address)) return { path: [], graph, node: address }
  for (let slash = address.indexOf('/'); slash >= 0; slash = address.indexOf('/', slash + 1)) { // An id may hold a slash itself.
    const node = address.slice(0, slash)
    const inner = definitionOf(graphs.graph(graph).node(node)?.type)
    const found = inner !== null && graphs.subgraph(inner) ? locate(graphs, address.slice(slash + 1), inner) : null
    if (found) return { ...found, path: [{ node, graph: inner ?? '' }, ...found.path] }
  }
  return null
}

/** What a node of the graph at the end of a path is called from the root on. @param {readonly Place[]} path @param {string} node */
export const addressOf = (path, node) => [...path.map((place) => place.node), node].join('/')
