// One graph of the document, the root's or a sub-graph's: its records, and which links touch which node.

import { Table } from './table.js'

/** @typedef {import('./workflow_format.js').CarriedRecord} CarriedRecord */
/** @typedef {import('./workflow_format.js').GraphRecords} GraphRecords */
/** @typedef {import('./workflow_format.js').LinkRecord} LinkRecord */
/** @typedef {import('./workflow_format.js').NodeRecord} NodeRecord */

/** @type {readonly LinkRecord[]} */
const NONE = []

export class GraphTables {
  /** @type {{nodes: Table<NodeRecord>, links: Table<LinkRecord>, frames: Table<CarriedRecord>, notes: Table<CarriedRecord>}} */
  tables
  #linkCounter = 0

  /** @type {{version: number, to: Map<string, LinkRecord[]>, from: Map<string, LinkRecord[]>}} */
  #ends = { version: -1, to: new Map(), from: new Map() }

  /** @param {GraphRecords} records */
  constructor({ nodes, links, frames, notes }) {
    this.tables = { nodes: new Table(nodes), links: new Table(links), frames: new Table(frames), notes: new Table(notes) }
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
    const links = this.#linkEnds().to.get(node) ?? NONE
    return input === undefined ? links : links.filter((link) => link.to[1] === input)
  }

  /** Links out of a node, or out of one of its outputs. @param {string} node @param {string} [output] @returns {readonly LinkRecord[]} */
  linksFrom(node, output) {
    const links = this.#linkEnds().from.get(node) ?? NONE
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

  #linkEnds() {
    const { links } = this.tables
    if (this.#ends.version === links.version) return this.#ends
    const from = keepEqual(this.#ends.from, groupBy(links.list(), (link) => link.from[0]))
    const to = keepEqual(this.#ends.to, groupBy(links.list(), (link) => link.to[0]))
    this.#ends = { version: links.version, from, to }
    return this.#ends
  }
}

/** @param {readonly LinkRecord[]} links @param {(link: LinkRecord) => string} key */
const groupBy = (links, key) => {
  /** @type {Map<string, LinkRecord[]>} */
  const groups = new Map()
  for (const link of links) {
    const group = groups.get(key(link))
    if (group) group.push(link)
    else groups.set(key(link), [link])
  }
  return groups
}

/**
 * The new groups, but an old array wherever it says the same: who draws a node knows by it that nothing changed.
 * @param {ReadonlyMap<string, LinkRecord[]>} before @param {Map<string, LinkRecord[]>} now
 */
const keepEqual = (before, now) => {
  for (const [key, links] of now) {
    const old = before.get(key)
    if (old && old.length === links.length && old.every((link, index) => link === links[index])) now.set(key, old)
  }
  return now
}
