// The document while it is edited: graphs of records, changed only by transactions that can be undone.

import { definitionOf, forget, lostBy, refuseRecursion } from './definitions.js'
import { affectsResult, compose, invert, MergedChanges } from './diff.js'
import { documentOf, tablesOf } from './document_tables.js'
import { GraphReader } from './graph_reader.js'
import { GraphTables } from './graph_tables.js'
import { Past, REMEMBERED_BYTES } from './past.js'
import { graphAt, samePath, validPath } from './places.js'
import { useNamesOfToday } from './renames.js'
import { Transaction } from './transaction.js'
import { emptyDocument } from './workflow_format.js'

/** @typedef {import('./diff.js').Change} Change */
/** @typedef {import('./diff.js').RecordOf} RecordOf */
/** @typedef {import('./diff.js').TableName} TableName */
/** @typedef {import('./subgraph_format.js').SubgraphRecord} SubgraphRecord */
/** @typedef {import('./workflow_format.js').CarriedRecord} CarriedRecord */
/** @typedef {import('./workflow_format.js').View} View */

/**
 * What subscribers hear. `affectsResult` is false where only the drawing changed; `enter`: another graph is shown.
 * @typedef {object} StoreEvent
 * @property {'edit' | 'undo' | 'redo' | 'cancel' | 'load' | 'view' | 'enter'} kind
 * @property {string} label
 * @property {readonly Change[]} changes empty for load, view and enter
 * @property {boolean} affectsResult
 * @property {number} renamed nodes that came in with names of before
 */

/** @typedef {import('./places.js').Place} Place */
/** @typedef {import('./document_tables.js').Tables} Tables */
/** @typedef {{label: string, changes: Change[], coalesce: string | undefined, time: number, path: readonly Place[], bytes: number}} Entry bytes: of memory, estimated */
/** @typedef {{tables: Tables, past: Past, path: readonly Place[], views: Map<string, View>}} Suspended a document that rests, with its history */

export class Store extends GraphReader {
  /** @type {Tables} */
  #tables
  #past
  #remembers
  /** @type {Set<(event: StoreEvent) => void>} */
  #listeners = new Set()
  /** @type {{label: string, merged: MergedChanges} | null} */
  #gesture = null
  /** @type {Transaction | null} */
  #transaction = null
  /** @type {readonly Place[]} */
  #path = []
  /** Where a sub-graph was looked at last; the root's is saved with the document. @type {Map<string, View>} */
  #views = new Map()
  /** The graph that was shown when listeners were told last. */
  #shown = ''
  /** @type {import('./renames.js').Renames} */
  #renames = new Map()
  /** Reads and writes go to this graph for the time of a `within`. @type {string | null} */
  #elsewhere = null
  #clock

  /** Counts every change of the document. */
  revision = 0
  /** Counts the changes that can change a result: what a live plan watches. */
  contentRevision = 0
  /** Counts the changes that can change what an instance looks like. */
  definitionsRevision = 0

  /**
   * @param {unknown} [document] parsed JSON
   * @param {() => number} [clock] milliseconds
   * @param {number} [remembers] bytes of edits that can be undone
   */
  constructor(document = emptyDocument(), clock = () => performance.now(), remembers = REMEMBERED_BYTES) {
    super()
    this.#clock = clock
    this.#remembers = remembers
    this.#past = new Past(remembers)
    this.#tables = tablesOf(document)
  }

  /** Replaces the document and forgets the history. @param {unknown} document */
  load(document) {
    this.resume({ tables: tablesOf(document), past: new Past(this.#remembers), path: [], views: new Map() }, 'Open')
  }

  /** The open document with its history, to be taken up again. @returns {Suspended} */
  suspend() {
    this.commit()
    return { tables: this.#tables, past: this.#past, path: this.#path, views: this.#views }
  }

  /** Puts a suspended document in the place of this one. @param {Suspended} suspended @param {string} [label] */
  resume({ tables, past, path, views }, label = 'Switch') {
    this.#tables = tables
    this.#past = past
    this.#path = path
    this.#views = views
    this.#gesture = null
    this.#notify('load', label, [], this.#renamed(null).count)
  }

  /** From now on no record says a name of before, not one that undo brings back; that is no edit. @param {import('./renames.js').Renames} renames @returns {number} how many nodes did */
  setRenames(renames) {
    this.#renames = renames
    const { count, changes } = this.#renamed(null)
    if (changes.length) this.#notify('edit', 'Rename', changes)
    return count
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

  /** The sub-graph that is shown and edited; empty for the root. */
  get current() {
    return this.#elsewhere ?? graphAt(this.#path)
  }

  /** The instances that were entered to get here, outermost first. */
  get path() {
    return this.#path
  }

  /** @override */
  get here() {
    return this.graph(this.current)
  }

  /** Any graph of the document, to read. @param {string} id empty for the root @returns {GraphTables} */
  graph(id) {
    const known = this.#tables.graphs.get(id)
    if (known) return known
    const graph = new GraphTables({ nodes: [], links: [], frames: [], notes: [] })
    this.#tables.graphs.set(id, graph)
    return graph
  }

  /** @returns {readonly SubgraphRecord[]} */
  subgraphs() {
    return this.#tables.document.subgraphs.list()
  }

  /** @param {string} id */
  subgraph(id) {
    return this.#tables.document.subgraphs.get(id)
  }

  /** Shows what is in an instance. @param {string} node @returns {boolean} whether there is anything */
  enter(node) {
    const graph = definitionOf(this.node(node)?.type)
    if (graph === null || !this.subgraph(graph)) return false
    this.goInto([...this.#path, { node, graph }])
    return true
  }

  /** Shows the graph around this one. @returns {boolean} whether there is one */
  leave() {
    if (!this.#path.length) return false
    this.goInto(this.#path.slice(0, -1))
    return true
  }

  /** @param {readonly Place[]} path as far as it leads */
  goInto(path) {
    const valid = validPath(this, path)
    if (samePath(valid, this.#path)) return
    this.commit()
    this.#path = valid
    this.#notify('enter', valid.length ? 'Enter' : 'Leave', [])
  }

  /** Everything in `fn` reads and writes another graph than the one that is shown. @template R @param {string} graph @param {() => R} fn @returns {R} */
  within(graph, fn) {
    const before = this.#elsewhere
    this.#elsewhere = graph
    try {
      return fn()
    } finally {
      this.#elsewhere = before
    }
  }

  /** @param {'frames' | 'notes' | 'parameters'} table @returns {readonly CarriedRecord[]} */
  carried(table) {
    return table === 'parameters' ? this.#tables.document.parameters.list() : this.here.carried(table)
  }

  get title() {
    return String(this.#meta.fields.title || 'Untitled')
  }

  /** @returns {View} */
  get view() {
    const { current } = this
    return { x: 0, y: 0, zoom: 1, .../** @type {Partial<View>} */ (current ? this.#views.get(current) ?? {} : this.#meta.fields.view ?? {}) }
  }

  /** Where the editor looks: saved with the document, never an undo entry. @param {View} view @param {string} [graph] */
  setView(view, graph = this.current) {
    if (graph) this.#views.set(graph, view)
    else this.#tables.document.meta.put({ id: 'meta', fields: { ...this.#meta.fields, view } })
    this.#notify('view', 'View', [])
  }

  /** @param {string} title */
  setTitle(title) {
    this.edit('Rename workflow', (tx) => tx.put('meta', { id: 'meta', fields: { ...this.#meta.fields, title } }))
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
    const transaction = new Transaction((name) => this.#find(name))
    this.#transaction = transaction
    let result
    let renamed = 0
    try {
      result = fn(transaction)
      renamed = useNamesOfToday(this, transaction, this.#renames, transaction.changes)
      refuseRecursion(this, transaction.changes)
      for (const id of lostBy(this, transaction.changes)) forget(this, transaction, id)
    } catch (error) {
      this.#apply(invert(transaction.changes))
      throw error
    } finally {
      this.#transaction = null
    }
    this.#record(label, compose([], transaction.changes), options.coalesce, renamed)
    return result
  }

  /** Opens a gesture: every edit until `commit` is one undo entry. @param {string} label */
  begin(label) {
    this.commit()
    this.#gesture = { label, merged: new MergedChanges() }
  }

  /** Closes the gesture and remembers it. */
  commit() {
    const gesture = this.#gesture
    this.#gesture = null
    const changes = gesture?.merged.changes ?? []
    if (gesture && changes.length) this.#past.remember({ label: gesture.label, changes, coalesce: undefined, time: this.#clock(), path: this.#path })
  }

  /** Closes the gesture as if it had never been. */
  cancel() {
    const gesture = this.#gesture
    this.#gesture = null
    const changes = invert(gesture?.merged.changes ?? [])
    if (!gesture || !changes.length) return
    this.#notify('cancel', gesture.label, this.#apply(changes))
  }

  get undoLabel() {
    return this.#gesture?.label ?? this.#past.done.at(-1)?.label ?? null
  }

  get redoLabel() {
    return this.#past.undone.at(-1)?.label ?? null
  }

  /** The labels of all remembered edits, oldest first, how many of them are done, and how many older ones are forgotten. */
  get history() {
    return { labels: this.#past.line.map(({ label }) => label), done: this.#past.done.length, forgotten: this.#past.forgotten }
  }

  /** Which state of the document this is: another edit gives another one, and undoing it this one again. */
  get mark() {
    return this.#past.mark
  }

  /** What was undone before other edits came. */
  get branches() {
    return this.#past.branches
  }

  /** Does again what another edit had taken the place of; that one is left in turn. @param {import('./branches.js').Branch} branch */
  takeBranch({ place, labels, left }) {
    this.goTo(place)
    this.#past.take(left)
    this.goTo(place + labels.length)
  }

  /** Goes back or forth until so many of the remembered edits are done. @param {number} done */
  goTo(done) {
    while (this.#past.done.length > done && this.undo());
    while (this.#past.done.length < done && this.redo());
  }

  undo() {
    this.commit()
    const entry = this.#past.back()
    if (!entry) return false
    this.#replay('undo', entry, invert(entry.changes))
    return true
  }

  redo() {
    this.commit()
    const entry = this.#past.forth()
    if (!entry) return false
    this.#replay('redo', entry, entry.changes)
    return true
  }

  /** @param {(event: StoreEvent) => void} listener @returns {() => void} unsubscribe */
  subscribe(listener) {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  get #meta() {
    return /** @type {RecordOf['meta']} */ (this.#tables.document.meta.get('meta'))
  }

  /** The table that a name means now. @param {TableName} name @param {string} [graph] */
  #find(name, graph = this.current) {
    const { document } = this.#tables
    const once = name === 'parameters' || name === 'subgraphs' || name === 'meta'
    const table = once ? document[name] : this.graph(graph).tables[name]
    return { graph: once ? '' : graph, table: /** @type {import('./transaction.js').AnyTable} */ (/** @type {unknown} */ (table)) }
  }

  /** @param {string} label @param {Change[]} changes @param {string | undefined} coalesce @param {number} renamed */
  #record(label, changes, coalesce, renamed) {
    if (!changes.length) return
    if (this.#gesture) this.#gesture.merged.add(changes)
    else this.#past.remember({ label, changes, coalesce, time: this.#clock(), path: this.#path })
    this.#notify('edit', label, changes, renamed)
  }

  /** An edit that is undone or done again is seen: where it was made is shown. @param {'undo' | 'redo'} kind @param {Entry} entry @param {Change[]} changes */
  #replay(kind, { label, path }, changes) {
    const applied = this.#apply(changes)
    const { current } = this
    if (changes.every(({ graph, table }) => graph !== current && table in this.here.tables)) this.#path = path
    this.#notify(kind, label, applied)
  }

  /** @param {readonly Change[]} changes @returns {readonly Change[]} what became of it */
  #apply(changes) {
    for (const change of changes) {
      const { table } = this.#find(change.table, change.graph)
      if (change.after) table.put(/** @type {{id: string}} */ (change.after), change.orderAfter)
      else table.remove(change.id)
    }
    const renamed = this.#renamed(changes)
    return renamed.changes.length ? compose(changes, renamed.changes) : changes
  }

  /** Writes names of today where those of before came in. @param {readonly Change[] | null} changes null: anywhere */
  #renamed(changes) {
    const transaction = new Transaction((name) => this.#find(name))
    return { count: useNamesOfToday(this, transaction, this.#renames, changes), changes: transaction.changes }
  }

  /** Whoever hears it sees the graph that is shown; an edit may have taken that one away. @param {StoreEvent['kind']} kind @param {string} label @param {readonly Change[]} changes @param {number} [renamed] */
  #notify(kind, label, changes, renamed = 0) {
    const affects = kind === 'load' || affectsResult(changes)
    this.revision += 1
    if (affects) this.contentRevision += 1
    if (kind === 'load' || changes.some(({ table }) => table === 'subgraphs') || affectsResult(changes.filter(({ graph }) => graph))) this.definitionsRevision += 1
    this.#path = validPath(this, this.#path)
    const before = this.#shown
    this.#shown = graphAt(this.#path)
    this.within(this.#shown, () => {
      for (const listener of [...this.#listeners]) listener({ kind, label, changes, affectsResult: affects, renamed })
    })
    if (this.#shown !== before && kind !== 'enter' && kind !== 'load') this.#notify('enter', label, [])
  }
}
