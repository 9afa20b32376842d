// Which sub-graphs hold which others: who stands where, what would hold itself, and what nothing uses any more.

import { isEnd } from './subgraph_format.js'

/** @typedef {import('./diff.js').Change} Change */
/** @typedef {import('./graph_tables.js').GraphTables} GraphTables */
/** @typedef {import('./subgraph_format.js').SubgraphRecord} SubgraphRecord */
/** @typedef {import('./workflow_format.js').NodeRecord} NodeRecord */
/**
 * The graphs of a document; the root's name is empty.
 * @typedef {object} Graphs
 * @property {(id: string) => GraphTables} graph
 * @property {() => readonly SubgraphRecord[]} subgraphs
 * @property {(id: string) => SubgraphRecord | undefined} subgraph
 */

/** A sub-graph would stand in itself; the message says which. */
export class RecursionError extends Error {}

/** The sub-graph that a node type is an instance of. @param {string | undefined} type @returns {string | null} */
export const definitionOf = (type) => (type?.startsWith('@') && !isEnd(type) ? type.slice(1) : null)

/** @param {SubgraphRecord} record */
export const nameOf = ({ id, title }) => title || id

/** Every instance of a sub-graph, wherever it stands. @param {Graphs} graphs @param {string} id @returns {{graph: string, node: NodeRecord}[]} */
export const instancesOf = (graphs, id) => ['', ...graphs.subgraphs().map((record) => record.id)].flatMap((graph) =>
  graphs.graph(graph).nodes().filter(({ type }) => type === `@${id}`).map((node) => ({ graph, node })))

/** The sub-graphs that stand in a graph, those in them too; each once, a user before what it uses. @param {Graphs} graphs @param {Iterable<NodeRecord>} nodes @returns {string[]} */
export const usedBy = (graphs, nodes) => {
  /** @type {Set<string>} */
  const found = new Set()
  const visit = (/** @type {Iterable<NodeRecord>} */ some) => {
    for (const { type } of some) {
      const id = definitionOf(type)
      if (id === null || found.has(id) || !graphs.subgraph(id)) continue
      found.add(id)
      visit(graphs.graph(id).nodes())
    }
  }
  visit(nodes)
  return [...found]
}

/** Whether an instance of one sub-graph in another would have it hold itself. @param {Graphs} graphs @param {string} graph @param {string} id */
export const wouldRecur = (graphs, graph, id) =>
  graph !== '' && (graph === id || (graphs.subgraph(id) !== undefined && usedBy(graphs, graphs.graph(id).nodes()).includes(graph)))

/** Throws where an edit has put a sub-graph into itself. @param {Graphs} graphs @param {readonly Change[]} changes */
export const refuseRecursion = (graphs, changes) => {
  for (const { graph, table, after } of changes) {
    const id = table === 'nodes' && graph ? definitionOf(/** @type {NodeRecord | undefined} */ (after)?.type) : null
    if (id === null || !wouldRecur(graphs, graph, id)) continue
    const [inner, outer] = [graphs.subgraph(id) ?? { id }, graphs.subgraph(graph) ?? { id: graph }]
    throw new RecursionError(graph === id ? `${nameOf(inner)} cannot stand in itself` : `${nameOf(inner)} cannot stand in ${nameOf(outer)}: it holds ${nameOf(outer)} itself`)
  }
}

/** The sub-graphs whose last instance an edit took away, and those that only they used. @param {Graphs} graphs @param {readonly Change[]} changes @returns {string[]} */
export const lostBy = (graphs, changes) => {
  const left = changes.flatMap(({ table, before, after }) => {
    if (table !== 'nodes') return []
    const [was, is] = [before, after].map((node) => definitionOf(/** @type {NodeRecord | undefined} */ (node)?.type))
    return was && was !== is && graphs.subgraph(was) ? [was] : []
  })
  if (!left.length) return []
  const suspects = new Set(left.flatMap((id) => [id, ...usedBy(graphs, graphs.graph(id).nodes())]))
  const kept = new Set(usedBy(graphs, graphs.graph('').nodes()))
  for (const { id } of graphs.subgraphs()) {
    if (!suspects.has(id)) for (const used of usedBy(graphs, graphs.graph(id).nodes())) kept.add(used) // Unused since it was opened: the document's own affair.
  }
  return [...suspects].filter((id) => !kept.has(id))
}

/** How many nodes are instances of each sub-graph. @param {Graphs} graphs @returns {{record: SubgraphRecord, uses: number}[]} */
export const definitionsWithUses = (graphs) => graphs.subgraphs().map((record) => ({ record, uses: instancesOf(graphs, record.id).length }))

/** Deletes sub-graphs that no node uses, and those that only they used. @param {import('./store.js').Store} store @param {Iterable<string>} ids */
export const deleteUnused = (store, ids) => {
  const records = [...ids].flatMap((id) => store.subgraph(id) ?? []).filter(({ id }) => !instancesOf(store, id).length)
  const [first] = records
  if (first) store.edit(records.length === 1 ? `Delete ${nameOf(first)}` : 'Delete unused sub-graphs', (tx) => records.forEach(({ id }) => forget(store, tx, id)))
}

/** Removes a sub-graph with its body. @param {import('./store.js').Store} store @param {import('./transaction.js').Transaction} tx @param {string} id */
export const forget = (store, tx, id) => store.within(id, () => {
  for (const table of /** @type {const} */ (['links', 'frames', 'notes', 'nodes'])) {
    for (const record of [...store.graph(id).tables[table].list()]) tx.remove(table, record.id)
  }
  tx.remove('subgraphs', id)
})
