// Sub-graphs as JSON (docs/format.md) and as records: the signature is one record, `@in` and `@out` stand among the nodes.

import { WorkflowFormatError } from './format_error.js'

/** @typedef {import('./workflow_format.js').GraphRecords} GraphRecords */
/** @typedef {import('./workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {'graph' | 'map' | 'repeat' | 'while' | 'if'} SubgraphKind */

/**
 * A socket of the signature. `each` is of a map's input, `collect` of a loop's output.
 * @typedef {{name: string, type: string, list?: boolean, label?: string, default?: unknown, each?: boolean, collect?: boolean}} Socket
 */

/**
 * A sub-graph without its body; null stands in the place of what is kept in tables.
 * @typedef {object} SubgraphRecord
 * @property {string} id
 * @property {string} [title]
 * @property {string} [description]
 * @property {string} [category]
 * @property {SubgraphKind} [kind]
 * @property {Socket[]} [inputs]
 * @property {Socket[]} [outputs]
 */

/** @typedef {{record: SubgraphRecord, graph: GraphRecords}} Definition */

/** The nodes that stand for the signature inside, and the field that says where each is drawn. */
export const INPUTS = '@in'
export const OUTPUTS = '@out'
const POSITIONS = /** @type {const} */ ([[INPUTS, 'input_position'], [OUTPUTS, 'output_position']])

const TABLES = ['nodes', 'links', 'frames', 'notes', 'input_position', 'output_position']
const KINDS = ['graph', 'map', 'repeat', 'while', 'if']

/** The two ends of a sub-graph: drawn as nodes, and no nodes. @param {string} id */
export const isEnd = (id) => id === INPUTS || id === OUTPUTS

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * @param {unknown} value of `subgraphs`
 * @param {(json: Record<string, unknown>, where: string) => GraphRecords} readGraph
 * @returns {Definition[]}
 */
export const readSubgraphs = (value, readGraph) => {
  if (!Array.isArray(value)) throw new WorkflowFormatError('subgraphs is not a list')
  const seen = new Set()
  return value.map((json, index) => {
    if (!isObject(json)) throw new WorkflowFormatError(`subgraphs[${index}] is not an object`)
    const { id } = json
    if (typeof id !== 'string' || id === '' || id.includes('/')) throw new WorkflowFormatError(`subgraphs[${index}] has no id without "/"`)
    if (seen.has(id)) throw new WorkflowFormatError(`two sub-graphs are called ${id}`)
    seen.add(id)
    return readSubgraph({ ...json, id }, readGraph)
  })
}

/** @param {Record<string, unknown> & {id: string}} json @param {(json: Record<string, unknown>, where: string) => GraphRecords} readGraph @returns {Definition} */
const readSubgraph = (json, readGraph) => {
  const where = `sub-graph ${json.id}`
  if (json.kind !== undefined && !KINDS.includes(String(json.kind))) throw new WorkflowFormatError(`${where} is of the kind ${JSON.stringify(json.kind)}, not one of ${KINDS.join(', ')}`)
  for (const side of ['inputs', 'outputs']) checkSignature(json[side] ?? [], `${where}: ${side}`)
  const graph = readGraph(json, where)
  const taken = graph.nodes.find(({ id }) => isEnd(id))
  if (taken) throw new WorkflowFormatError(`${where}: a node is called ${taken.id}, which is the sub-graph's own`)
  /** @type {Record<string, unknown>} */
  const record = {}
  for (const [name, value] of Object.entries(json)) record[name] = TABLES.includes(name) ? null : structuredClone(value)
  return { record: /** @type {SubgraphRecord} */ (/** @type {unknown} */ (record)), graph: { ...graph, nodes: [...endNodes(json), ...graph.nodes] } }
}

/** @param {unknown} signature @param {string} where */
const checkSignature = (signature, where) => {
  if (!Array.isArray(signature)) throw new WorkflowFormatError(`${where} is not a list`)
  const names = new Set()
  for (const socket of signature) {
    if (!isObject(socket) || typeof socket.name !== 'string' || !socket.name || typeof socket.type !== 'string') throw new WorkflowFormatError(`${where}: each needs a name and a type`)
    if (names.has(socket.name)) throw new WorkflowFormatError(`${where}: two are called ${socket.name}`)
    names.add(socket.name)
  }
}

/** @param {Record<string, unknown>} json @returns {NodeRecord[]} */
const endNodes = (json) => POSITIONS.map(([id, field]) => {
  const position = /** @type {[number, number] | undefined} */ (structuredClone(json[field] ?? undefined))
  return position ? { id, type: id, position } : { id, type: id }
})

/** @param {Definition} definition @param {(graph: GraphRecords, into: Record<string, unknown>) => Record<string, unknown>} writeGraph */
export const writeSubgraph = ({ record, graph }, writeGraph) => {
  const ends = new Map(graph.nodes.filter(({ id }) => isEnd(id)).map((node) => [node.id, node]))
  const json = writeGraph({ ...graph, nodes: graph.nodes.filter(({ id }) => !isEnd(id)) }, structuredClone({ .../** @type {object} */ (record) }))
  for (const [id, field] of POSITIONS) {
    const position = ends.get(id)?.position
    if (position) json[field] = [...position]
    else delete json[field]
  }
  return json
}
