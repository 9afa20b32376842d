// The document while it is edited: tables of records, changed only by transactions that can be undone.

import { affectsResult, compose, invert } from './diff.js'
import { Table } from './table.js'
import { emptyDocument, readDocument, writeDocument } from './workflow_format.js'

/** @typedef {import('./diff.js').Change} Change */
/** @typedef {import('./diff.js').RecordOf} RecordOf */
/** @typedef {import('./diff.js').TableName} TableName */
/** @typedef {import('./workflow_format.js').LinkRecord} LinkRecord */
/** @typedef {import('./workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {import('./workflow_format.js').View} View */

/**
 * What subscribers hear. `affectsResult` is false where only the drawing changed.
 * @typedef {object} StoreEvent
 * @property {'edit' | 'undo' | 'redo' | 'cancel' | 'load' | 'view'} kind
 * @property {string} label
 * @property {readonly Change[]} changes empty for load and view
 * @property {boolean} affectsResult
 */

/** @typedef {{label: string, changes: Change[], coalesce: string | undefined, time: number}} Entry */
/** @typedef {{[T in TableName]: Table<RecordOf[T]>}} Tables */
/** @typedef {{tables: Tables, undo: Entry[], redo: Entry[]}} Suspended a document that rests, with its history */

/** @type {readonly LinkRecord[]} */
const NONE = []

/** Edits with one coalescing key within this time are one undo entry. */
const COALESCE_MS = 1500

/** The writer handed to `store.edit`. */
export class Transaction {
  #tables
  /** @type {Change[]} */
  changes = []

  /** @param {Tables} tables */
  constructor(tables) {
    this.#tables = tables
  }

  /**
   * Adds or replaces a record; never change one in place.
   * @template {TableName} T
   * @param {T} name
   * @param {RecordOf[T]} record
   */
  put(name, record) {
    const table = /** @type {Table<RecordOf[T]>} */ (/** @type {unknown} */ (this.#tables[name]))
    const orderBefore = table.order(record.id)
    const orderAfter = orderBefore ?? table.nextOrder
    this.changes.push({ table: name, id: record.id, before: table.get(record.id), after: record, orderBefore, orderAfter })
    table.put(record, orderAfter)
  }

  /** @param {TableName} name @param {string} id */
  remove(name, id) {
    const table = this.#tables[name]
    const before = table.get(id)
    if (!before) return
    this.changes.push({ table: name, id, before, after: undefined, orderBefore: table.order(id), orderAfter: undefined })
    table.remove(id)
  }

  /** Draws a record last, on top of the others. @param {TableName} name @param {string} id */
  raise(name, id) {
    const table = /** @type {Table<{id: string}>} */ (/** @type {unknown} */ (this.#tables[name]))
    const record = table.get(id)
    const orderBefore = table.order(id)
    if (!record || orderBefore === table.nextOrder - 1) return
    const orderAfter = table.nextOrder
    this.changes.push({ table: name, id, before: record, after: record, orderBefore, orderAfter })
    table.put(record, orderAfter)
  }
}

export class Store {
  /** @type {Tables} */
  #tables
  /** @type {Entry[]} */
  #undo = []
  /** @type {Entry[]} */
  #redo = []
  /** @type {Set<(event: StoreEvent) => void>} */
  #listeners = new Set()
  /** @type {{label: string, changes: Change[]} | null} */
  #gesture = null
  /** @type {Transaction | null} */
  #transaction = null
  #linkCounter = 0
  #clock

  /** @type {{version: number, to: Map<string, LinkRecord[]>, from: Map<string, LinkRecord[]>}} */
  #ends = { version: -1, to: new Map(), from: new Map() }

  /** Counts every change of the document. */
  revision = 0
  /** Counts the changes that can change a result: what a live plan watches. */
  contentRevision = 0

  /**
   * @param {unknown} [document] parsed JSON
   * @param {() => number} [clock] milliseconds
   */
  constructor(document = emptyDocument(), clock = () => performance.now()) {
    this.#clock = clock
    this.#tables = tablesOf(document)
  }

  /** Replaces the document and forgets the history. @param {unknown} document */
  load(document) {
    this.#tables = tablesOf(document)
    this.#undo = []
    this.#redo = []
    this.#gesture = null
    this.#ends.version = -1
    this.#notify('load', 'Open', [])
  }

  /** The open document with its history, to be taken up again. @returns {Suspended} */
  suspend() {
    this.commit()
    return { tables: this.#tables, undo: this.#undo, redo: this.#redo }
  }

  /** Puts a suspended document in the place of this one. @param {Suspended} suspended */
  resume({ tables, undo, redo }) {
    this.#tables = tables
    this.#undo = undo
    this.#redo = redo
    this.#gesture = null
    this.#ends.version = -1
    this.#notify('load', 'Switch', [])
  }

  /** A suspended document. @param {Suspended} suspended */
  read({ tables }) {
    return documentOf(tables)
  }

  /** The document; shares nothing with the store. */
  toJSON() {
    return documentOf(this.#tables)
  }

  /** Which document this is over time; empty where it does not say. */
  get identity() {
    return String(this.#meta.fields.id ?? '')
  }

  /** All nodes in drawing order, the topmost last; the same array until one changes. */
  nodes() {
    return this.#tables.nodes.list()
  }

  /** @param {string} id */
  node(id) {
    return this.#tables.nodes.get(id)
  }

  links() {
    return this.#tables.links.list()
  }

  /** @param {string} id */
  link(id) {
    return this.#tables.links.get(id)
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

  /** @param {'frames' | 'notes' | 'parameters'} table */
  carried(table) {
    return this.#tables[table].list()
  }

  get title() {
    return String(this.#meta.fields.title ?? 'Untitled')
  }

  /** @returns {View} */
  get view() {
    return { x: 0, y: 0, zoom: 1, .../** @type {Partial<View>} */ (this.#meta.fields.view ?? {}) }
  }

  /** Where the editor looks: saved with the document, never an undo entry. @param {View} view */
  setView(view) {
    this.#tables.meta.put({ id: 'meta', fields: { ...this.#meta.fields, view } })
    this.#notify('view', 'View', [])
  }

  /** @param {string} title */
  setTitle(title) {
    this.edit('Rename workflow', (tx) => tx.put('meta', { id: 'meta', fields: { ...this.#meta.fields, title } }))
  }

  /** A link id that no record has. */
  newLinkId() {
    do this.#linkCounter += 1
    while (this.#tables.links.get(`link_${this.#linkCounter}`))
    return `link_${this.#linkCounter}`
  }

  /**
   * The only way to write. An edit inside an edit joins it; one inside a gesture joins the gesture; edits with one
   * `coalesce` key in quick succession are one undo entry. When `fn` throws, nothing has happened.
   * @template R
   * @param {string} label what the undo menu says
   * @param {(tx: Transaction) => R} fn
   * @param {{coalesce?: string}} [options]
   * @returns {R}
   */
  edit(label, fn, options = {}) {
    if (this.#transaction) return fn(this.#transaction)
    const transaction = new Transaction(this.#tables)
    this.#transaction = transaction
    let result
    try {
      result = fn(transaction)
    } catch (error) {
      this.#apply(invert(transaction.changes))
      throw error
    } finally {
      this.#transaction = null
    }
    this.#record(label, compose([], transaction.changes), options.coalesce)
    return result
  }

  /** Opens a gesture: every edit until `commit` is one undo entry. @param {string} label */
  begin(label) {
    this.commit()
    this.#gesture = { label, changes: [] }
  }

  /** Closes the gesture and remembers it. */
  commit() {
    const gesture = this.#gesture
    this.#gesture = null
    if (gesture?.changes.length) this.#remember({ ...gesture, coalesce: undefined, time: this.#clock() })
  }

  /** Closes the gesture as if it had never been. */
  cancel() {
    const gesture = this.#gesture
    this.#gesture = null
    if (!gesture?.changes.length) return
    const changes = invert(gesture.changes)
    this.#apply(changes)
    this.#notify('cancel', gesture.label, changes)
  }

  get undoLabel() {
    return this.#gesture?.label ?? this.#undo.at(-1)?.label ?? null
  }

  get redoLabel() {
    return this.#redo.at(-1)?.label ?? null
  }

  /** The labels of all remembered edits, oldest first, and how many of them are done. */
  get history() {
    const labels = [...this.#undo, ...this.#redo.toReversed()].map(({ label }) => label)
    return { labels, done: this.#undo.length }
  }

  /** Goes back or forth until so many of the remembered edits are done. @param {number} done */
  goTo(done) {
    while (this.#undo.length > done && this.undo());
    while (this.#undo.length < done && this.redo());
  }

  undo() {
    this.commit()
    const entry = this.#undo.pop()
    if (!entry) return false
    const changes = invert(entry.changes)
    this.#apply(changes)
    this.#redo.push(entry)
    this.#notify('undo', entry.label, changes)
    return true
  }

  redo() {
    this.commit()
    const entry = this.#redo.pop()
    if (!entry) return false
    this.#apply(entry.changes)
    this.#undo.push({ ...entry, coalesce: undefined })
    this.#notify('redo', entry.label, entry.changes)
    return true
  }

  /** @param {(event: StoreEvent) => void} listener @returns {() => void} unsubscribe */
  subscribe(listener) {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  get #meta() {
    return /** @type {RecordOf['meta']} */ (this.#tables.meta.get('meta'))
  }

  /** @param {string} label @param {Change[]} changes @param {string | undefined} coalesce */
  #record(label, changes, coalesce) {
    if (!changes.length) return
    if (this.#gesture) this.#gesture.changes = compose(this.#gesture.changes, changes)
    else this.#remember({ label, changes, coalesce, time: this.#clock() })
    this.#notify('edit', label, changes)
  }

  /** @param {Entry} entry */
  #remember(entry) {
    this.#redo = []
    const last = this.#undo.at(-1)
    if (last?.coalesce && last.coalesce === entry.coalesce && entry.time - last.time < COALESCE_MS) {
      this.#undo[this.#undo.length - 1] = { ...entry, changes: compose(last.changes, entry.changes) }
    } else {
      this.#undo.push(entry)
    }
  }

  /** @param {readonly Change[]} changes */
  #apply(changes) {
    for (const change of changes) {
      const table = /** @type {Table<{id: string}>} */ (/** @type {unknown} */ (this.#tables[change.table]))
      if (change.after) table.put(/** @type {{id: string}} */ (change.after), change.orderAfter)
      else table.remove(change.id)
    }
  }

  /** @param {StoreEvent['kind']} kind @param {string} label @param {readonly Change[]} changes */
  #notify(kind, label, changes) {
    const affects = kind === 'load' || affectsResult(changes)
    this.revision += 1
    if (affects) this.contentRevision += 1
    for (const listener of [...this.#listeners]) listener({ kind, label, changes, affectsResult: affects })
  }

  #linkEnds() {
    const { links } = this.#tables
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

/** @param {Tables} tables */
const documentOf = ({ nodes, links, frames, notes, parameters, meta }) => writeDocument({
  nodes: [...nodes.list()], links: [...links.list()], frames: [...frames.list()], notes: [...notes.list()],
  parameters: [...parameters.list()], meta: /** @type {RecordOf['meta']} */ (meta.get('meta')),
})

/** @param {unknown} document @returns {Tables} */
const tablesOf = (document) => {
  const read = readDocument(document)
  return {
    nodes: new Table(read.nodes), links: new Table(read.links), frames: new Table(read.frames),
    notes: new Table(read.notes), parameters: new Table(read.parameters), meta: new Table([read.meta]),
  }
}
