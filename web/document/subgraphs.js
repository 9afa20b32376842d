// Node types that the document brings itself: instances of its sub-graphs, and the two ends that stand for a signature inside.

import { definitionOf, nameOf, wouldRecur } from './definitions.js'
import { INPUTS, OUTPUTS } from './subgraph_format.js'

/** @typedef {import('./catalog.js').Catalog} Catalog */
/** @typedef {import('./catalog.js').InputType} InputType */
/** @typedef {import('./catalog.js').NodeType} NodeType */
/** @typedef {import('./catalog.js').OutputType} OutputType */
/** @typedef {import('./catalog.js').Widget} Widget */
/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./subgraph_format.js').Socket} Socket */
/** @typedef {import('./subgraph_format.js').SubgraphKind} SubgraphKind */
/** @typedef {import('./subgraph_format.js').SubgraphRecord} SubgraphRecord */

/** The socket of an end that adds one to the signature. */
export const FREE_SOCKET = '+'

/** @type {InputType} */
const TIMES = { name: 'times', type: 'INT', help: 'How many times.', widget: { kind: 'int', default: 2, min: 0, max: 10_000 } }
/** @type {InputType} */
const LIMIT = { name: 'limit', type: 'INT', help: 'A Problem rather than more turns.', widget: { kind: 'int', default: 100, min: 1, max: 10_000 } }
/** @type {InputType} */
const CONDITION = { name: 'condition', type: 'BOOLEAN', help: 'Whether it runs.', widget: { kind: 'toggle', default: true } }
const INDEX = { name: 'index', type: 'INT', help: 'The turn, from 0.' }
const COUNT = { name: 'count', type: 'INT', help: 'How many items there are.' }
const AGAIN = { name: 'again', type: 'BOOLEAN', help: 'Whether there is another turn.' }

/**
 * What each kind is called, and has besides its signature: inputs of the instance, outputs of `@in`, inputs of `@out`.
 * @type {Record<SubgraphKind, {title: string, sentence: string, own: InputType[], given: OutputType[], asked: InputType[]}>}
 */
export const KINDS = {
  graph: { title: 'Sub-graph', sentence: 'Runs once, as if its nodes stood here', own: [], given: [], asked: [] },
  map: { title: 'Map', sentence: 'Runs for each item of its lists', own: [], given: [INDEX, COUNT], asked: [] },
  repeat: { title: 'Repeat', sentence: 'Runs several times; what comes out goes in again', own: [TIMES], given: [INDEX], asked: [] },
  while: { title: 'While', sentence: 'Runs as long as “again” is true', own: [LIMIT], given: [INDEX], asked: [AGAIN] },
  if: { title: 'If', sentence: 'Runs if its condition is true', own: [CONDITION], given: [], asked: [] },
}

/** @param {SubgraphRecord} record @returns {SubgraphKind} */
export const kindOf = ({ kind = 'graph' }) => kind

/** @param {SubgraphKind} kind */
const categoryOf = (kind) => (kind === 'graph' ? 'sub-graphs' : `zones/${kind}`)

/** A widget for a value that nothing inside says more about. @type {Record<string, Widget>} */
const PLAIN = {
  INT: { kind: 'int', default: 0 }, FLOAT: { kind: 'float', default: 0 }, STRING: { kind: 'text', default: '' }, BOOLEAN: { kind: 'toggle', default: false },
}

/**
 * The node type of an instance: its widgets offer what the first input inside offers.
 * @param {Store} store @param {(type: string) => NodeType | undefined} typeOf @param {SubgraphRecord} record @returns {NodeType}
 */
const instanceType = (store, typeOf, record) => {
  const kind = kindOf(record)
  const { sentence, own } = KINDS[kind]
  const inputs = (record.inputs ?? []).map((socket) => instanceInput(store, typeOf, record, socket))
  const outputs = (record.outputs ?? []).map(({ name, type, label, list, collect }) => ({ name, type, ...labelled(label), list: kind === 'map' || list === true || collect === true }))
  return {
    id: `@${record.id}`, title: nameOf(record), category: record.category ?? categoryOf(kind), help: record.description || sentence,
    inputs: [...inputs, ...own], outputs, search: [kind, 'subgraph', 'zone', 'group'], subgraph: { id: record.id, kind },
  }
}

/** @param {Store} store @param {(type: string) => NodeType | undefined} typeOf @param {SubgraphRecord} record @param {Socket} socket @returns {InputType} */
const instanceInput = (store, typeOf, record, { name, type, label, list = false, each = false, default: preset }) => {
  const isList = list || (each && kindOf(record) === 'map')
  const target = firstInside(store, typeOf, record, name)
  const found = target?.type.widget && target.type.type === type ? target.type.widget : target ? null : PLAIN[type]
  const inside = target?.node.inputs?.[target.type.name]
  const widget = found && !isList ? { ...found, default: preset ?? inside ?? found.default ?? null } : null
  const required = preset === undefined && !widget && target?.type.required !== false
  return { name, type, ...labelled(label), list: isList, required, widget, ...(target?.type.help ? { help: target.type.help } : {}) }
}

/** @param {string | undefined} label */
const labelled = (label) => (label ? { label } : {})

/** The first input inside that an input of the signature leads to. @param {Store} store @param {(type: string) => NodeType | undefined} typeOf @param {SubgraphRecord} record @param {string} name */
const firstInside = (store, typeOf, { id }, name) => {
  const graph = store.graph(id)
  const [link] = graph.linksFrom(INPUTS, name)
  const node = link && graph.node(link.to[0])
  const type = node && typeOf(node.type)?.inputs.find((input) => input.name === link.to[1])
  return node && type && node.id !== OUTPUTS ? { node, type } : null
}

/** The types of the two ends inside a sub-graph. @param {SubgraphRecord} record @param {string} end @returns {NodeType} */
const endType = (record, end) => {
  const kind = kindOf(record)
  const { given, asked } = KINDS[kind]
  const free = { name: FREE_SOCKET, type: 'ANY', help: 'Drag a wire from or to here for one more.' }
  const common = { id: end, category: categoryOf(kind), subgraph: { id: record.id, kind } }
  if (end === INPUTS) {
    const sockets = (record.inputs ?? []).map(({ name, type, label, list = false }) => ({ name, type, ...labelled(label), list }))
    return { ...common, title: 'Inputs', help: 'What comes into the sub-graph.', inputs: [], outputs: [...sockets, ...given, free] }
  }
  const sockets = (record.outputs ?? []).map(({ name, type, label, list = false }) => ({ name, type, ...labelled(label), list, required: true, widget: null }))
  return { ...common, title: 'Outputs', help: 'What comes out of the sub-graph.', outputs: [], inputs: [...sockets, ...asked, { ...free, required: false, widget: null }] }
}

/** The server's node types, and the document's: asked for an id, it answers as the document stands now. @extends {Map<string, NodeType>} */
class DocumentTypes extends Map {
  #store
  #graph
  #offered
  #revision = -1
  /** @type {Map<string, NodeType>} */
  #known = new Map()
  /** @type {Set<string>} */
  #current = new Set()

  /** @param {ReadonlyMap<string, NodeType>} types @param {Store} store @param {() => string} graph @param {() => readonly NodeType[]} offered */
  constructor(types, store, graph, offered) {
    super(types)
    this.#store = store
    this.#graph = graph
    this.#offered = offered
  }

  /** @param {string} id @returns {NodeType | undefined} @override */
  get(id) {
    if (!id.startsWith('@')) return super.get(id)
    if (this.#revision !== this.#store.definitionsRevision) {
      this.#revision = this.#store.definitionsRevision
      this.#current.clear()
    }
    const isEnd = id === INPUTS || id === OUTPUTS
    const definition = isEnd ? this.#graph() : definitionOf(id)
    const record = definition === null ? undefined : this.#store.subgraph(definition)
    if (!record) return isEnd ? undefined : this.#offered().find((type) => type.id === id)
    return this.#derived(`${definition} ${isEnd ? id : ''}`, () => (isEnd ? endType(record, id) : instanceType(this.#store, (type) => this.get(type), record)))
  }

  /** All that can be added here: instances too, unless they would hold themselves. @override */
  values() {
    const instances = this.#store.subgraphs().filter(({ id }) => !wouldRecur(this.#store, this.#graph(), id)).flatMap(({ id }) => {
      const type = this.get(`@${id}`)
      return type ? [{ ...type, category: `${type.category}/in this workflow` }] : []
    })
    return [...instances, ...this.#offered(), ...super.values()].values()
  }

  /** The same object as long as it says the same: who draws a node knows by it that nothing changed. @param {string} key @param {() => NodeType} make */
  #derived(key, make) {
    const known = this.#known.get(key)
    if (this.#current.has(key)) return known
    this.#current.add(key) // Before it is made: a sub-graph that holds itself, which only a file can say, ends here.
    const made = make()
    const type = known && JSON.stringify(known) === JSON.stringify(made) ? known : made
    this.#known.set(key, type)
    return type
  }
}

/**
 * The catalogue as the open document sees it.
 * @param {Catalog} catalog @param {Store} store
 * @param {{graph?: () => string, offered?: () => readonly NodeType[]}} [options] graph: whose ends are meant, the current one's by default; offered: what else can be added
 * @returns {Catalog}
 */
export const documentCatalog = (catalog, store, { graph = () => store.current, offered = () => [] } = {}) =>
  ({ ...catalog, nodes: new DocumentTypes(catalog.nodes, store, graph, offered) })
