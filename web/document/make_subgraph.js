// A selection becomes a sub-graph: its nodes go into a body, the wires that crossed its edge become the signature.

import { inputType, outputType } from './catalog.js'
import { putDefinition } from './definition_copies.js'
import { forgetFolded } from './folding.js'
import { freeId } from './names.js'
import { freeName, socketOf, withItems } from './signature.js'
import { INPUTS, isEnd, OUTPUTS } from './subgraph_format.js'
import { KINDS } from './subgraphs.js'
import { isSweep } from './sweeps.js'
import { reachable } from '../kernels/graph_walk.js'

/** @typedef {import('./catalog.js').Catalog} Catalog */
/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./subgraph_format.js').Socket} Socket */
/** @typedef {import('./subgraph_format.js').SubgraphKind} SubgraphKind */
/** @typedef {import('./subgraph_format.js').SubgraphRecord} SubgraphRecord */
/** @typedef {import('./transaction.js').Transaction} Transaction */
/** @typedef {import('./workflow_format.js').CarriedRecord} CarriedRecord */
/** @typedef {import('./workflow_format.js').LinkRecord} LinkRecord */
/** @typedef {import('./workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {{nodes: Iterable<string>, annotations?: Iterable<string>}} Chosen */

/** What was asked cannot be; the message says why and what to do. */
export class SubgraphError extends Error {}

/** Room for the two ends beside a body, and what a node without a size takes. */
const BESIDE = 340
const USUAL_WIDTH = 300

/**
 * @typedef {object} Draft a sub-graph while it is made
 * @property {SubgraphRecord} record
 * @property {LinkRecord[]} inside links of the body
 * @property {LinkRecord[]} outside links of the instance
 * @property {Record<string, unknown>} literals of the instance
 * @property {Map<string, Record<string, unknown>>} changed literals inside
 * @property {Map<string, string>} promoted `node input` inside -> input of the signature
 */

/**
 * @param {Store} store @param {Catalog} catalog @param {Chosen} chosen @param {{kind?: SubgraphKind}} [options]
 * @returns {string} the instance's id
 */
export const makeSubgraph = (store, catalog, chosen, { kind = 'graph' } = {}) => {
  const nodes = [...chosen.nodes].filter((id) => !isEnd(id)).flatMap((id) => store.node(id) ?? [])
  if (!nodes.length) throw new SubgraphError('Select the nodes that shall be in it')
  const ids = new Set(nodes.map(({ id }) => id))
  refuseDetours(store, ids)
  const title = KINDS[kind].title
  const definition = freeId((name) => store.subgraph(name) !== undefined, kind === 'graph' ? 'subgraph' : kind)
  const number = /_(\d+)$/.exec(definition)?.[1]
  const instance = freeId((id) => !ids.has(id) && store.node(id) !== undefined, definition)
  return store.edit(`Make a ${title.toLowerCase()}`, (tx) => {
    const draft = draftOf(store, catalog, inOrder(store, ids), ids, { definition, kind, instance, title: number ? `${title} ${number}` : title })
    const words = wordsOf(store, chosen.annotations ?? [])
    const [left, top, right] = extent(nodes)
    const ends = [{ id: INPUTS, type: INPUTS, position: point(left - BESIDE, top) }, { id: OUTPUTS, type: OUTPUTS, position: point(right + BESIDE - 200, top) }]
    takeOut(store, tx, ids, words, new Set(draft.outside.map(({ id }) => id)))
    putDefinition(store, tx, { record: draft.record, graph: {
      nodes: [...ends, ...nodes.map((node) => ({ ...node, ...(draft.changed.has(node.id) ? { inputs: { ...node.inputs, ...draft.changed.get(node.id) } } : {}) }))],
      links: draft.inside, ...words,
    } })
    tx.put('nodes', { id: instance, type: `@${definition}`, inputs: draft.literals, position: point(left, top) })
    for (const link of draft.outside) tx.put('links', link)
    if (!store.current) moveParameters(store, tx, draft.promoted, instance)
    return instance
  })
}

/** A wire that leaves the selection and comes back through another node would make a circle. @param {Store} store @param {ReadonlySet<string>} ids */
const refuseDetours = (store, ids) => {
  const leads = (/** @type {'up' | 'down'} */ way) => reachable(ids, way, (id) => (way === 'up' ? store.linksTo(id) : store.linksFrom(id)))
  const [above, below] = [leads('up'), leads('down')]
  const between = [...above].find((id) => below.has(id) && !ids.has(id) && !isEnd(id))
  if (between) throw new SubgraphError(`${store.node(between)?.title || between} lies between the selected nodes: select it too`)
}

/** Wires in the order in which their ends stand: from the top, then from the left. @param {Store} store @param {ReadonlySet<string>} ids */
const inOrder = (store, ids) => {
  const place = (/** @type {string} */ id) => store.node(id)?.position ?? [0, 0]
  const byPlace = (/** @type {string} */ a, /** @type {string} */ b) => place(a)[1] - place(b)[1] || place(a)[0] - place(b)[0]
  const links = store.links()
  return {
    within: links.filter(({ from, to }) => ids.has(from[0]) && ids.has(to[0])),
    into: links.filter(({ from, to }) => !ids.has(from[0]) && ids.has(to[0])).sort((a, b) => byPlace(a.to[0], b.to[0])),
    outOf: links.filter(({ from, to }) => ids.has(from[0]) && !ids.has(to[0])).sort((a, b) => byPlace(a.from[0], b.from[0])),
  }
}

/**
 * @param {Store} store @param {Catalog} catalog @param {ReturnType<typeof inOrder>} links @param {ReadonlySet<string>} ids
 * @param {{definition: string, kind: SubgraphKind, instance: string, title: string}} names @returns {Draft}
 */
const draftOf = (store, catalog, { within, into, outOf }, ids, { definition, kind, instance, title }) => {
  /** @type {Draft} */
  const draft = {
    record: { id: definition, title, ...(kind === 'graph' ? {} : { kind }), inputs: [], outputs: [] },
    inside: [], outside: [], literals: {}, changed: new Map(), promoted: new Map(),
  }
  drawInputs(store, catalog, draft, into, instance)
  promoteLiterals(store, catalog, draft, ids)
  drawOutputs(store, catalog, draft, outOf, instance)
  draft.record = withItems(draft.record)
  const order = new Map(store.links().map(({ id }, place) => [id, place]))
  draft.inside = [...within, ...draft.inside].sort((a, b) => (order.get(a.id) ?? Infinity) - (order.get(b.id) ?? Infinity)) // An input that takes many keeps their order.
  return draft
}

/** Each output outside that feeds the selection is one input. @param {Store} store @param {Catalog} catalog @param {Draft} draft @param {readonly LinkRecord[]} into @param {string} instance */
const drawInputs = (store, catalog, draft, into, instance) => {
  /** @type {Map<string, string>} */
  const names = new Map()
  for (const link of into) {
    const source = link.from.join('\n')
    let name = names.get(source)
    if (name === undefined) {
      const output = outputType(catalog, store.node(link.from[0])?.type ?? '', link.from[1])
      const input = inputType(catalog, store.node(link.to[0])?.type ?? '', link.to[1])
      const each = draft.record.kind === 'map' && output?.list && !input?.list
      name = addInput(draft, link.to[1], plain(input) ?? output ?? input, each ? { each: true } : {})
      names.set(source, name)
      draft.outside.push({ ...link, to: [instance, name] })
    }
    draft.inside.push({ id: link.id, from: [INPUTS, name], to: link.to })
  }
}

/** An input's type says what it takes; that of one that takes several is too wide for a signature. @template {{type: string}} S @param {S | undefined} socket @returns {S | undefined} */
const plain = (socket) => (socket && socket.type !== 'ANY' && !/[|,*]/.test(socket.type) ? socket : undefined)

/** @param {Draft} draft @param {string} wanted @param {{type: string, list?: boolean} | undefined} like @param {Partial<Socket>} [fields] */
const addInput = (draft, wanted, like, fields = {}) => {
  const name = freeName(draft.record, 'inputs', wanted)
  draft.record = { ...draft.record, inputs: [...draft.record.inputs ?? [], { ...socketOf(name, like), ...fields }] }
  return name
}

/** What the form shows and what is swept stays reachable from outside. @param {Store} store @param {Catalog} catalog @param {Draft} draft @param {ReadonlySet<string>} ids */
const promoteLiterals = (store, catalog, draft, ids) => {
  const shown = store.current ? [] : store.carried('parameters').map(({ value }) => /** @type {{node?: string, input?: string}} */ (Object(value)))
  for (const id of ids) {
    const node = store.node(id)
    const names = new Set([...shown.filter((parameter) => parameter.node === id).map(({ input }) => input ?? ''), ...Object.keys(node?.inputs ?? {}).filter((name) => isSweep(node?.inputs?.[name]))])
    for (const input of names) {
      const type = inputType(catalog, node?.type ?? '', input)
      if (!type?.widget || store.linksTo(id, input).length) continue
      const name = addInput(draft, input, type)
      const value = node?.inputs?.[input]
      if (value !== undefined) draft.literals[name] = value
      if (isSweep(value)) draft.changed.set(id, { ...draft.changed.get(id), [input]: value.sweep[0] })
      draft.inside.push({ id: `${id} ${input}`, from: [INPUTS, name], to: [id, input] })
      draft.promoted.set(`${id} ${input}`, name)
    }
  }
}

/** Each output of the selection that feeds something outside is one output. @param {Store} store @param {Catalog} catalog @param {Draft} draft @param {readonly LinkRecord[]} outOf @param {string} instance */
const drawOutputs = (store, catalog, draft, outOf, instance) => {
  /** @type {Map<string, string>} */
  const names = new Map()
  for (const link of outOf) {
    const source = link.from.join('\n')
    let name = names.get(source)
    if (name === undefined) {
      const output = outputType(catalog, store.node(link.from[0])?.type ?? '', link.from[1])
      const { record } = draft
      name = freeName(record, 'outputs', stateFor(record, output?.type) ?? link.from[1])
      names.set(source, name)
      draft.record = { ...record, outputs: [...record.outputs ?? [], socketOf(name, output)] }
      draft.inside.push({ id: `${link.id} out`, from: link.from, to: [OUTPUTS, name] })
    }
    draft.outside.push({ ...link, from: [instance, name] })
  }
}

/** A loop's output goes in again where an input of its type is left: it gets that one's name. @param {SubgraphRecord} record @param {string | undefined} type */
const stateFor = ({ kind = 'graph', inputs = [], outputs = [] }, type) => (kind === 'graph' || kind === 'map' ? undefined
  : inputs.find((input) => input.type === type && !outputs.some(({ name }) => name === input.name))?.name)

/** @param {Store} store @param {Iterable<string>} ids @returns {{frames: CarriedRecord[], notes: CarriedRecord[]}} */
const wordsOf = (store, ids) => {
  const wanted = new Set(ids)
  const chosen = (/** @type {'frames' | 'notes'} */ table) => store.carried(table).filter(({ id }) => wanted.has(id))
  return { frames: chosen('frames'), notes: chosen('notes') }
}

/** @param {Store} store @param {Transaction} tx @param {ReadonlySet<string>} ids @param {{frames: CarriedRecord[], notes: CarriedRecord[]}} words @param {ReadonlySet<string>} kept links that become the instance's, in their places */
const takeOut = (store, tx, ids, words, kept) => {
  for (const id of ids) {
    for (const link of [...store.linksTo(id), ...store.linksFrom(id)]) if (!kept.has(link.id)) tx.remove('links', link.id)
    tx.remove('nodes', id)
  }
  for (const table of /** @type {const} */ (['frames', 'notes'])) for (const { id } of words[table]) tx.remove(table, id)
  forgetFolded(store, ids)
}

/** @param {Store} store @param {Transaction} tx @param {ReadonlyMap<string, string>} promoted @param {string} instance */
const moveParameters = (store, tx, promoted, instance) => {
  for (const record of store.carried('parameters')) {
    const value = /** @type {Record<string, unknown>} */ (Object(record.value))
    const input = promoted.get(`${value.node} ${value.input}`)
    if (input !== undefined) tx.put('parameters', { ...record, value: { ...value, node: instance, input } })
  }
}

/** @param {readonly NodeRecord[]} nodes @returns {[number, number, number]} left, top, right */
const extent = (nodes) => {
  const places = nodes.map(({ position = [0, 0], size }) => ({ x: position[0], y: position[1], right: position[0] + (size?.[0] ?? USUAL_WIDTH) }))
  return [Math.min(...places.map(({ x }) => x)), Math.min(...places.map(({ y }) => y)), Math.max(...places.map(({ right }) => right))]
}

/** @param {number} x @param {number} y @returns {[number, number]} */
const point = (x, y) => [Math.round(x), Math.round(y)]
