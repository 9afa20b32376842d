// All tables of an open document, and the document that they are read from and written to.

import { GraphTables } from './graph_tables.js'
import { Table } from './table.js'
import { readDocument, writeDocument } from './workflow_format.js'

/** @typedef {import('./diff.js').RecordOf} RecordOf */
/** @typedef {{[T in 'parameters' | 'subgraphs' | 'meta']: Table<RecordOf[T]>}} DocumentTables what the document has once */
/** @typedef {{document: DocumentTables, graphs: Map<string, GraphTables>}} Tables the root's graph is called by the empty name */

/** @param {Tables} tables */
export const documentOf = ({ document: { parameters, subgraphs, meta }, graphs }) => writeDocument({
  .../** @type {GraphTables} */ (graphs.get('')).records(), parameters: [...parameters.list()],
  subgraphs: subgraphs.list().map((record) => ({ record, graph: /** @type {GraphTables} */ (graphs.get(record.id)).records() })),
  meta: /** @type {RecordOf['meta']} */ (meta.get('meta')),
})

/** @param {unknown} document @returns {Tables} */
export const tablesOf = (document) => {
  const { parameters, subgraphs, meta, ...root } = readDocument(document)
  return {
    document: { parameters: new Table(parameters), subgraphs: new Table(subgraphs.map(({ record }) => record)), meta: new Table([meta]) },
    graphs: new Map([['', new GraphTables(root)], ...subgraphs.map(({ record, graph }) => /** @type {const} */ ([record.id, new GraphTables(graph)]))]),
  }
}
