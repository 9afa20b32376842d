// An instance is replaced by what is in its sub-graph: nodes, wires and values as they counted in it.

import { definitionAt, putDefinition } from './definition_copies.js'
import { definitionOf, nameOf } from './definitions.js'
import { freeIds, insertWords, shifted } from './insertion.js'
import { freeId } from './names.js'
import { viaOf, withVia } from './reroutes.js'
import { INPUTS, isEnd, OUTPUTS } from './subgraph_format.js'
import { KINDS } from './subgraphs.js'

/** @typedef {import('./graph_tables.js').GraphTables} GraphTables */
/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./subgraph_format.js').SubgraphKind} SubgraphKind */
/** @typedef {import('./subgraph_format.js').SubgraphRecord} SubgraphRecord */
/** @typedef {import('./transaction.js').Transaction} Transaction */
/** @typedef {import('./workflow_format.js').LinkRecord} LinkRecord */
/** @typedef {import('./workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {import('./workflow_format.js').WorkflowDocument} WorkflowDocument */
/** @typedef {{instance: NodeRecord, record: SubgraphRecord, body: GraphTables, names: ReadonlyMap<string, string>}} Unpacked names: of the nodes outside */

/** @param {Store} store @param {string} id @returns {string[]} the nodes that took its place; none where it is no instance */
export const unpackSubgraph = (store, id) => {
  const instance = store.node(id)
  const record = store.subgraph(definitionOf(instance?.type) ?? '')
  if (!instance || !record) return []
  const body = store.graph(record.id)
  const nodes = body.nodes().filter((node) => !isEnd(node.id))
  const names = freeIds(nodes, new Set(store.nodes().map((node) => node.id).filter((other) => other !== id)))
  const by = moveTo(instance, nodes)
  return store.edit(`Unpack ${instance.title || nameOf(record)}`, (tx) => {
    const unpacked = { instance, record, body, names }
    const [links, into, outOf] = [body.links(), store.linksTo(id), store.linksFrom(id)]
    const records = nodes.map((node) => outside(unpacked, node, into, by))
    const { frames, notes } = body.records()
    tx.remove('nodes', id)
    for (const node of records) tx.put('nodes', node)
    const wires = [...linksWithin(unpacked, links, by), ...linksAround(unpacked, links, into, outOf)].map((link) => ({ ...link, id: link.id || store.newLinkId() }))
    for (const link of wires) tx.put('links', link)
    const kept = new Set(wires.map((link) => link.id))
    for (const link of [...into, ...outOf]) if (!kept.has(link.id)) tx.remove('links', link.id)
    insertWords(store, tx, { frames, notes }, by, names)
    if (!store.current) followParameters(store, tx, unpacked)
    return [...names.values()]
  })
}

/** The body comes to where its instance stands. @param {NodeRecord} instance @param {readonly NodeRecord[]} nodes @returns {[number, number]} */
const moveTo = ({ position = [0, 0] }, nodes) => {
  const places = nodes.map((node) => node.position ?? /** @type {[number, number]} */ ([0, 0]))
  return places.length ? [position[0] - Math.min(...places.map(([x]) => x)), position[1] - Math.min(...places.map(([, y]) => y))] : [0, 0]
}

/** A node of the body with the values and the mode that counted for it. @param {Unpacked} unpacked @param {NodeRecord} node @param {readonly LinkRecord[]} into @param {[number, number]} by @returns {NodeRecord} */
const outside = ({ instance, record, body, names }, node, into, by) => {
  const inputs = { ...node.inputs }
  for (const { from, to } of body.linksTo(node.id)) {
    if (from[0] !== INPUTS || into.some((link) => link.to[1] === from[1])) continue
    const value = instance.inputs?.[from[1]] ?? record.inputs?.find(({ name }) => name === from[1])?.default
    if (value !== undefined) inputs[to[1]] = value
  }
  const rests = instance.mode && instance.mode !== 'active' ? { mode: instance.mode } : {}
  return { ...node, ...rests, id: names.get(node.id) ?? node.id, position: shifted(node.position ?? [0, 0], by), ...(node.inputs || Object.keys(inputs).length ? { inputs } : {}) }
}

/** @param {Unpacked} unpacked @param {readonly LinkRecord[]} links @param {[number, number]} by @returns {LinkRecord[]} without ids */
const linksWithin = ({ names }, links, by) => links.flatMap((link) => {
  const [from, to] = [names.get(link.from[0]), names.get(link.to[0])]
  return from && to ? [{ ...withVia(link, viaOf(link).map(([x, y]) => shifted([x, y], by))), id: '', from: [from, link.from[1]], to: [to, link.to[1]] }] : []
})

/** What fed the instance feeds what its inputs lead to, and so at the other end. @param {Unpacked} unpacked @param {readonly LinkRecord[]} links @param {readonly LinkRecord[]} into @param {readonly LinkRecord[]} outOf @returns {LinkRecord[]} */
const linksAround = ({ names }, links, into, outOf) => {
  const used = new Set()
  const reusing = (/** @type {LinkRecord} */ link) => (used.has(link.id) ? { ...link, id: '' } : (used.add(link.id), link)) // Its id keeps its place among those of an input that takes many.
  const entering = links.filter(({ from, to }) => from[0] === INPUTS && names.has(to[0])).flatMap((inner) =>
    into.filter((link) => link.to[1] === inner.from[1]).map((link) => ({ ...reusing(link), to: /** @type {const} */ ([names.get(inner.to[0]) ?? '', inner.to[1]]) })))
  const leaving = outOf.flatMap((link) => links.filter(({ to }) => to[0] === OUTPUTS && to[1] === link.from[1]).flatMap((inner) => {
    if (inner.from[0] !== INPUTS) return [{ ...reusing(link), from: /** @type {const} */ ([names.get(inner.from[0]) ?? '', inner.from[1]]) }]
    return into.filter(({ to }) => to[1] === inner.from[1]).map(({ from }) => ({ ...reusing(link), from }))
  }))
  return [...entering, ...leaving]
}

/** @param {Store} store @param {Transaction} tx @param {Unpacked} unpacked */
const followParameters = (store, tx, { instance, body, names }) => {
  for (const record of store.carried('parameters')) {
    const value = /** @type {Record<string, unknown>} */ (Object(record.value))
    if (value.node !== instance.id) continue
    const to = body.linksFrom(INPUTS, String(value.input)).find(({ to: [node] }) => names.has(node))?.to
    if (to) tx.put('parameters', { ...record, value: { ...value, node: names.get(to[0]), input: to[1] } })
    else tx.remove('parameters', record.id)
  }
}

/** An instance gets a sub-graph of its own, equal to the one that it shared. @param {Store} store @param {string} id @returns {string | null} the new sub-graph */
export const makeUnique = (store, id) => {
  const node = store.node(id)
  const definition = definitionAt(store, definitionOf(node?.type) ?? '')
  if (!node || !definition) return null
  const { record, graph } = definition
  const own = freeId((name) => store.subgraph(name) !== undefined, record.id)
  const number = /_(\d+)$/.exec(own)?.[1] ?? '2'
  store.edit('Make unique', (tx) => {
    putDefinition(store, tx, { record: { ...record, id: own, title: `${nameOf(record).replace(/ \d+$/, '')} ${number}` }, graph })
    tx.put('nodes', { ...node, type: `@${own}` })
  })
  return own
}

/** An empty sub-graph with an instance, as a document to insert. @param {SubgraphKind} kind @returns {WorkflowDocument} */
export const emptySubgraph = (kind) => {
  const id = kind === 'graph' ? 'subgraph' : kind
  const items = kind === 'map' ? [{ name: 'items', type: 'ANY' }] : [] // A map without any is none.
  return {
    format: 'tessera.workflow', version: 1, nodes: [{ id, type: `@${id}`, inputs: {}, position: [0, 0] }], links: [],
    subgraphs: [{ id, title: KINDS[kind].title, ...(kind === 'graph' ? {} : { kind }), inputs: items.map((item) => ({ ...item, each: true })), outputs: items, nodes: [], links: [], input_position: [0, 0], output_position: [480, 0] }],
  }
}
