// One graph of the document, the root's or a sub-graph's: its records, and which links touch which node.

import { LinkTable } from './link_table.js'
import { Table } from './table.js'

/** @typedef {import('./workflow_format.js').CarriedRecord} CarriedRecord */
/** @typedef {import('./workflow_format.js').GraphRecords} GraphRecords */
/** @typedef {import('./workflow_format.js').LinkRecord} LinkRecord */
/** @typedef {import('./workflow_format.js').NodeRecord} NodeRecord */

export class GraphTables {
  /** @type {{nodes: Table<NodeRecord>, links: LinkTable, frames: Table<CarriedRecord>, notes: Table<CarriedRecord>}} */
  tables
  #linkCounter = 0

  /** @param {GraphRecords} records */
  constructor({ nodes, links, frames, notes }) {
    this.tables = { nodes: new Table(nodes), links: new LinkTable(links), frames: new Table(frames), notes: new Table(notes) }
  }

  /** All nodes in drawing order, the topmost last; the same array until one changes. */
  nodes() {
    return this.tables.nodes.list()
  }

  /** @param {string} id */
  node(id) {
    return this.tables.nodes.get(id)
  }

  links() {
    return this.tables.links.list()
  }

  /** @param {string} id */
  link(id) {
    return this.tables.links.get(id)
  }

  /** Links into a node, or into one of its inputs. @param {string} node @param {string} [input] @returns {readonly LinkRecord[]} */
  linksTo(node, input) {
    const links = this.tables.links.at('to', node)
    return input === undefined ? links : links.filter((link) => link.to[1] === input)
  }

  /** Links out of a node, or out of one of its outputs. @param {string} node @param {string} [output] @returns {readonly LinkRecord[]} */
  linksFrom(node, output) {
    const links = this.tables.links.at('from', node)
    return output === undefined ? links : links.filter((link) => link.from[1] === output)
  }

  /** @param {'frames' | 'notes'} table */
  carried(table) {
    return this.tables[table].list()
  }

  /** A link id that no record has. */
  newLinkId() {
    do this.#linkCounter += 1
    while (this.tables.links.get(`link_${this.#linkCounter}`))
    return `link_${this.#linkCounter}`
  }

  /** @returns {GraphRecords} */
  records() {
    const { nodes, links, frames, notes } = this.tables
    return { nodes: [...nodes.list()], links: [...links.list()], frames: [...frames.list()], notes: [...notes.list()] }
  }
}
