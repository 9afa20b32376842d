// What an input had in a state of the document that is kept as JSON.

import { locate } from './addresses.js'
import { inputType, valueOf } from './catalog.js'
import { Store } from './store.js'
import { documentCatalog } from './subgraphs.js'

/** @typedef {import('./catalog.js').Catalog} Catalog */
/** @typedef {import('./workflow_format.js').WorkflowDocument} WorkflowDocument */

/** Several inputs of one document are asked for at a time. @type {WeakMap<WorkflowDocument, Store>} */
const stores = new WeakMap()

/**
 * The literal; of what the document leaves open, what counts then. Nothing where the node was not there, or a wire fed it.
 * @param {WorkflowDocument} document @param {Catalog} catalog @param {string} address @param {string} input @returns {unknown}
 */
export const pastValue = (document, catalog, address, input) => {
  const store = stores.get(document) ?? new Store(document)
  stores.set(document, store)
  const found = locate(store, address)
  const graph = store.graph(found?.graph ?? '')
  const node = found && graph.node(found.node)
  if (!node || graph.linksTo(node.id, input).length) return undefined
  const type = inputType(documentCatalog(catalog, store), node.type, input)
  return (type ? valueOf(node, type) : node.inputs?.[input]) ?? undefined
}
