// Nodes by the names that runs, plans and Problems give them: `instance/node`, from the root on; `@subgraph/node` for
// those of a sub-graph itself, whatever stands for it.

import { definitionOf, nameOf } from './definitions.js'
import { graphAt } from './places.js'
import { isEnd } from './subgraph_format.js'

/** @typedef {import('./definitions.js').Graphs} Graphs */
/** @typedef {import('./places.js').Place} Place */
/** @typedef {import('./workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {{address: string, node: NodeRecord, place: string}} Listed place: what the sub-graph that it stands in is called; empty for the root's and those of the graph that is shown */
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
  return graph === '' ? locateInside(graphs, address) : null
}

/** @param {Graphs} graphs @param {string} address `@subgraph/node` @returns {Located | null} */
const locateInside = (graphs, address) => {
  const slash = address.indexOf('/')
  const id = slash > 0 ? definitionOf(address.slice(0, slash)) : null
  const found = id !== null && graphs.subgraph(id) ? locate(graphs, address.slice(slash + 1), id) : null
  return found && id !== null ? { ...found, path: [...pathInto(graphs, id), ...found.path] } : null
}

/** The way into a sub-graph: by the first instance that one comes to, by itself where there is none. @param {Graphs} graphs @param {string} id @returns {Place[]} */
export const pathInto = (graphs, id) => {
  const seen = new Set()
  /** @type {Place[][]} */
  const waiting = [[]]
  for (const path of waiting) { // Grows while it is gone through: the nearest first.
    for (const { id: node, type } of graphs.graph(graphAt(path)).nodes()) {
      const graph = definitionOf(type)
      if (graph === null || seen.has(graph) || !graphs.subgraph(graph)) continue
      if (graph === id) return [...path, { node, graph }]
      seen.add(graph)
      waiting.push([...path, { node, graph }])
    }
  }
  return [{ node: '', graph: id }]
}

/** What a node of the graph at the end of a path is called from the root on. @param {readonly Place[]} path @param {string} node */
export const addressOf = (path, node) => [...path.map((place) => place.node || `@${place.graph}`), node].join('/')

/** What a node of the current graph is called in the document, wherever one is; the engine sets values by it. @param {import('./store.js').Store} store @param {string} node */
export const storedName = ({ current }, node) => (current ? `@${current}/${node}` : node)

/**
 * Every node that one can go to, each once: those of the graph that is shown first, then the root's, then what stands in instances,
 * then what is in sub-graphs that nothing uses.
 * @param {import('./store.js').Store} store @returns {Listed[]}
 */
export const everyNode = (store) => {
  const seen = new Set()
  const listed = (/** @type {readonly Place[]} */ path) => {
    const graph = graphAt(path)
    const record = graph && graph !== store.current ? store.subgraph(graph) : undefined
    return store.graph(graph).nodes().filter(({ id }) => !isEnd(id) || graph === store.current)
      .map((node) => ({ address: addressOf(path, node.id), node, place: record ? nameOf(record) : '' }))
  }
  const visit = (/** @type {readonly Place[]} */ path) => {
    const graph = graphAt(path)
    seen.add(graph)
    const own = listed(path)
    for (const { id: node, type } of store.graph(graph).nodes()) {
      const inner = definitionOf(type)
      if (inner !== null && !seen.has(inner) && store.subgraph(inner)) own.push(...visit([...path, { node, graph: inner }]))
    }
    return own
  }
  const found = visit(store.path)
  if (store.path.length && !seen.has('')) found.push(...visit([]))
  for (const { id } of store.subgraphs()) if (!seen.has(id)) found.push(...visit([{ node: '', graph: id }]))
  return found
}
