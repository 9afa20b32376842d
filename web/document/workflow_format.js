// The workflow document as JSON (docs/format.md) and as the tables of records that the store edits.
// Nothing is lost between the two: fields that this program does not know keep their value and place.

import { WorkflowFormatError } from './format_error.js'
import { readSubgraphs, writeSubgraph } from './subgraph_format.js'

export { WorkflowFormatError }

/** kept: views to come back to, by their number @typedef {{x: number, y: number, zoom: number, kept?: Record<string, {x: number, y: number, zoom: number}>}} View */
/** @typedef {'active' | 'muted' | 'bypassed'} NodeMode */

/**
 * A node, exactly as it stands in the document. Never changed in place: an edit puts a new record.
 * @typedef {object} NodeRecord
 * @property {string} id
 * @property {string} type
 * @property {string} [title]
 * @property {Record<string, unknown>} [inputs] literals by input name
 * @property {[number, number]} [position] world units, left top
 * @property {[number, number]} [size]
 * @property {boolean} [collapsed]
 * @property {boolean} [pinned] nothing moves it
 * @property {boolean} [compact] what it does not use is not drawn
 * @property {NodeMode} [mode]
 * @property {string} [colour]
 * @property {boolean} [open] of an instance: drawn with what is in it
 */

/**
 * A link. `id` lives only in the store; `extra` is the link as the document had it.
 * @typedef {object} LinkRecord
 * @property {string} id
 * @property {readonly [string, string]} from node id, output name
 * @property {readonly [string, string]} to node id, input name
 * @property {Record<string, unknown>} [extra]
 */

/**
 * A record of a table that the editor only carries so far (frames, notes, parameters).
 * @typedef {{id: string, value: unknown}} CarriedRecord
 */

/**
 * @typedef {object} WorkflowDocument
 * @property {string} format
 * @property {number} version
 * @property {string} [title]
 * @property {NodeRecord[]} nodes
 * @property {object[]} links
 * @property {unknown[]} [frames]
 * @property {unknown[]} [notes]
 * @property {unknown[]} [parameters]
 * @property {unknown[]} [subgraphs]
 * @property {View} [view]
 */

/**
 * What the root and each sub-graph have.
 * @typedef {object} GraphRecords
 * @property {NodeRecord[]} nodes
 * @property {LinkRecord[]} links
 * @property {CarriedRecord[]} frames
 * @property {CarriedRecord[]} notes
 */

/**
 * @typedef {GraphRecords & {parameters: CarriedRecord[], subgraphs: import('./subgraph_format.js').Definition[], meta: MetaRecord}} WorkflowTables
 */

/**
 * Every other top-level field, with null standing in the place of each table.
 * @typedef {{id: 'meta', fields: Record<string, unknown>}} MetaRecord
 */

export const FORMAT = 'tessera.workflow'
const VERSION = 1
const TABLES = /** @type {const} */ (['nodes', 'links', 'frames', 'notes', 'parameters', 'subgraphs'])

/**
 * An empty document.
 * @param {string} [title]
 * @returns {WorkflowDocument}
 */
export const emptyDocument = (title = 'Untitled') => ({
  format: FORMAT, version: VERSION, title,
  nodes: [], links: [], frames: [], notes: [], parameters: [], view: { x: 0, y: 0, zoom: 1 },
})

/** Nothing would be lost with it. @param {Pick<WorkflowDocument, 'nodes'> & Partial<WorkflowDocument>} document */
export const isBlank = ({ nodes, frames = [], notes = [], subgraphs = [] }) => !nodes.length && !frames.length && !notes.length && !subgraphs.length

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)

/** @param {unknown} value @returns {value is [string, string]} */
const isEnd = (value) => Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string')

/**
 * Reads a parsed document into tables. Throws a WorkflowFormatError for what no editor could draw.
 * @param {unknown} document
 * @returns {WorkflowTables}
 */
export const readDocument = (document) => {
  if (!isObject(document)) throw new WorkflowFormatError('A workflow is a JSON object')
  if (document.format !== FORMAT) throw new WorkflowFormatError(`format is ${JSON.stringify(document.format)}, not "${FORMAT}"`)
  if (!Number.isInteger(document.version)) throw new WorkflowFormatError('version is not a whole number')
  if (/** @type {number} */ (document.version) > VERSION) {
    throw new WorkflowFormatError(`version ${document.version} is newer than ${VERSION}, the newest this editor knows`)
  }
  /** @type {Record<string, unknown>} */
  const fields = {}
  for (const [name, value] of Object.entries(document)) {
    fields[name] = TABLES.some((table) => table === name) ? null : structuredClone(value)
  }
  return {
    ...readGraph(document),
    parameters: readCarried(tableOf(document, 'parameters'), 'parameter'),
    subgraphs: readSubgraphs(document.subgraphs ?? [], readGraph),
    meta: { id: 'meta', fields },
  }
}

/** @param {Record<string, unknown>} json @param {string} [where] @returns {GraphRecords} */
const readGraph = (json, where) => {
  try {
    return {
      nodes: readNodes(tableOf(json, 'nodes')), links: readLinks(tableOf(json, 'links')),
      frames: readCarried(tableOf(json, 'frames'), 'frame'), notes: readCarried(tableOf(json, 'notes'), 'note'),
    }
  } catch (error) {
    if (where && error instanceof WorkflowFormatError) throw new WorkflowFormatError(`${where}: ${error.message}`)
    throw error
  }
}

/** @param {Record<string, unknown>} document @param {string} name @returns {unknown[]} */
const tableOf = (document, name) => {
  const table = document[name] ?? []
  if (!Array.isArray(table)) throw new WorkflowFormatError(`${name} is not a list`)
  return table
}

/** @param {unknown[]} table @returns {NodeRecord[]} */
const readNodes = (table) => {
  const seen = new Set()
  return table.map((node, index) => {
    if (!isObject(node)) throw new WorkflowFormatError(`nodes[${index}] is not an object`)
    if (typeof node.id !== 'string' || node.id === '') throw new WorkflowFormatError(`nodes[${index}] has no id`)
    if (typeof node.type !== 'string') throw new WorkflowFormatError(`node ${node.id} has no type`)
    if (seen.has(node.id)) throw new WorkflowFormatError(`two nodes are called ${node.id}`)
    seen.add(node.id)
    return /** @type {NodeRecord} */ (/** @type {unknown} */ (structuredClone(node)))
  })
}

/** @param {unknown[]} table @returns {LinkRecord[]} */
const readLinks = (table) =>
  table.map((link, index) => {
    if (!isObject(link) || !isEnd(link.from) || !isEnd(link.to)) {
      throw new WorkflowFormatError(`links[${index}] needs from and to, each [node id, socket name]`)
    }
    const extra = structuredClone(link)
    return { id: `link_${index + 1}`, from: link.from, to: link.to, extra }
  })

/** @param {unknown[]} table @param {string} noun @returns {CarriedRecord[]} */
const readCarried = (table, noun) =>
  table.map((value, index) => ({ id: `${noun}_${index + 1}`, value: structuredClone(value) }))

/** The link as the document says it. @param {LinkRecord} link */
export const linkToJSON = (link) => ({ ...link.extra, from: [...link.from], to: [...link.to] })

/**
 * Tables back into a document that shares nothing with them.
 * @param {WorkflowTables} tables
 * @returns {WorkflowDocument}
 */
export const writeDocument = (tables) => {
  const document = writeGraph(tables, { ...structuredClone(tables.meta.fields) })
  if ('parameters' in document || tables.parameters.length) document.parameters = carriedToJSON(tables.parameters)
  if ('subgraphs' in document || tables.subgraphs.length) document.subgraphs = tables.subgraphs.map((definition) => writeSubgraph(definition, writeGraph))
  return /** @type {WorkflowDocument} */ (/** @type {unknown} */ (document))
}

/** @param {GraphRecords} graph @param {Record<string, unknown>} json its other fields, in their places */
export const writeGraph = (graph, json) => {
  json.nodes = structuredClone(graph.nodes)
  json.links = graph.links.map((link) => structuredClone(linkToJSON(link)))
  for (const name of /** @type {const} */ (['frames', 'notes'])) {
    if (name in json || graph[name].length) json[name] = carriedToJSON(graph[name])
  }
  return json
}

/** @param {readonly CarriedRecord[]} records */
const carriedToJSON = (records) => structuredClone(records.map(({ value }) => value))
