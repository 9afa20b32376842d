// A graph and its node types as one, for walks that look into instances.

import { definitionOf } from './definitions.js'
import { INPUTS, OUTPUTS } from './subgraph_format.js'
import { documentCatalog } from './subgraphs.js'

/** @typedef {import('./catalog.js').Catalog} Catalog */
/** @typedef {import('../kernels/value_path.js').Ground} Ground */
/** @typedef {Pick<import('./graph_tables.js').GraphTables, 'node' | 'linksTo' | 'linksFrom'>} Graph */
/** @typedef {import('./store.js').Store} Store */

/** The graph that is shown, or a sub-graph's. @param {Store} store @param {Catalog} catalog @param {Graph} [graph] @returns {Ground} */
export const groundOf = (store, catalog, graph = store) => ({
  node: (id) => graph.node(id),
  linksTo: (id, input) => graph.linksTo(id, input),
  linksFrom: (id, output) => graph.linksFrom(id, output),
  typeOf: ({ type }) => catalog.nodes.get(type),
  inside: ({ type }) => {
    const id = definitionOf(type)
    if (id === null || !store.subgraph(id)) return null
    return { ground: groundOf(store, documentCatalog(catalog, store, { graph: () => id }), store.graph(id)), inputs: INPUTS, outputs: OUTPUTS }
  },
})
