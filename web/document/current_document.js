// A document from elsewhere or from before, with the names that node types have today: to compare and to draw.

import { Store } from './store.js'

/** @typedef {import('./renames.js').Renames} Renames */
/** @typedef {import('./workflow_format.js').WorkflowDocument} WorkflowDocument */

/** @param {WorkflowDocument} document @param {Renames} renames @returns {WorkflowDocument} the same one where it says no name of before */
export const currentDocument = (document, renames) => {
  const graphs = /** @type {Pick<WorkflowDocument, 'nodes'>[]} */ ([document, ...(document.subgraphs ?? [])])
  if (!renames.size || !graphs.some(({ nodes }) => nodes.some(({ type }) => renames.has(type)))) return document
  const store = new Store(document)
  return store.setRenames(renames) ? store.toJSON() : document
}
