// Sub-graphs that travel with the nodes that use them: equal ones are shared, others come under a free id.

import { definitionOf, usedBy } from './definitions.js'
import { freeId } from './names.js'
import { writeSubgraph } from './subgraph_format.js'
import { writeGraph } from './workflow_format.js'

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./subgraph_format.js').Definition} Definition */
/** @typedef {import('./transaction.js').Transaction} Transaction */
/** @typedef {import('./workflow_format.js').NodeRecord} NodeRecord */

/** @param {Store} store @param {string} id @returns {Definition | null} */
export const definitionAt = (store, id) => {
  const record = store.subgraph(id)
  return record ? { record, graph: store.graph(id).records() } : null
}

/** The sub-graphs that nodes use, those in them too, as the document says them. @param {Store} store @param {Iterable<NodeRecord>} nodes @returns {object[]} */
export const definitionsOf = (store, nodes) => usedBy(store, nodes).flatMap((id) => {
  const definition = definitionAt(store, id)
  return definition ? [writeSubgraph(definition, writeGraph)] : []
})

/** Adds a sub-graph with its body. @param {Store} store @param {Transaction} tx @param {Definition} definition */
export const putDefinition = (store, tx, { record, graph }) => {
  tx.put('subgraphs', record)
  store.within(record.id, () => {
    for (const table of /** @type {const} */ (['nodes', 'links', 'frames', 'notes'])) for (const each of graph[table]) tx.put(table, /** @type {any} */ (each))
  })
}

/**
 * Takes sub-graphs of another document over.
 * @param {Store} store @param {Transaction} tx @param {readonly Definition[]} definitions
 * @param {{share?: boolean}} [options] share: one that is equal to one that is here already is that one
 * @returns {ReadonlyMap<string, string>} what each is called here
 */
export const takeDefinitions = (store, tx, definitions, { share = true } = {}) => {
  const coming = new Map(definitions.map((definition) => [definition.record.id, definition]))
  /** @type {Map<string, string>} */
  const names = new Map()
  const take = (/** @type {Definition} */ { record, graph }) => {
    const { id } = record
    if (names.has(id)) return
    names.set(id, id)
    for (const { type } of graph.nodes) {
      const inner = coming.get(definitionOf(type) ?? '')
      if (inner) take(inner)
    }
    const definition = { record, graph: { ...graph, nodes: graph.nodes.map((node) => renamedType(node, names)) } }
    const twin = share ? twinOf(store, definition) : null
    const free = twin ?? freeId((name) => store.subgraph(name) !== undefined, id)
    names.set(id, free)
    if (!twin) putDefinition(store, tx, { ...definition, record: { ...record, id: free } })
  }
  for (const definition of definitions) take(definition)
  return names
}

/** @param {NodeRecord} node @param {ReadonlyMap<string, string>} names @returns {NodeRecord} */
export const renamedType = (node, names) => {
  const name = names.get(definitionOf(node.type) ?? '')
  return name === undefined || `@${name}` === node.type ? node : { ...node, type: `@${name}` }
}

/** A sub-graph that says the same, the one of the same name first. @param {Store} store @param {Definition} definition @returns {string | null} */
const twinOf = (store, definition) => {
  const said = textOf(definition)
  const ids = store.subgraphs().map(({ id }) => id).sort((a, b) => Number(b === definition.record.id) - Number(a === definition.record.id))
  return ids.find((id) => {
    const known = definitionAt(store, id)
    return known !== null && textOf(known) === said
  }) ?? null
}

/** What a sub-graph says, whatever it is called. @param {Definition} definition */
const textOf = (definition) => JSON.stringify({ ...writeSubgraph(definition, writeGraph), id: '' })
