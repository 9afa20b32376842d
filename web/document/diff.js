// Reversible diffs of records: what one edit changed, forwards and backwards.

/** @typedef {import('./workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {import('./workflow_format.js').LinkRecord} LinkRecord */
/** @typedef {import('./workflow_format.js').CarriedRecord} CarriedRecord */
/** @typedef {import('./workflow_format.js').MetaRecord} MetaRecord */
/** @typedef {import('./subgraph_format.js').SubgraphRecord} SubgraphRecord */

/**
 * The record type of each table.
 * @typedef {{nodes: NodeRecord, links: LinkRecord, frames: CarriedRecord, notes: CarriedRecord,
 *   parameters: CarriedRecord, subgraphs: SubgraphRecord, meta: MetaRecord}} RecordOf
 */
/** @typedef {keyof RecordOf} TableName */

/**
 * One record before and after; `order` is its place in the table, which a restored record takes again.
 * @typedef {object} Change
 * @property {string} graph the sub-graph that it is in; empty for the root and for what the document has once
 * @property {TableName} table
 * @property {string} id
 * @property {object | undefined} before
 * @property {object | undefined} after
 * @property {number | undefined} orderBefore
 * @property {number | undefined} orderAfter
 */

/** Fields of a node that only draw; changing them never changes a result. */
const DRAWING_FIELDS = new Set(['title', 'position', 'size', 'collapsed', 'colour', 'open', 'pinned', 'compact'])
/** Of a sub-graph, what only names it. */
const NAMING_FIELDS = new Set(['title', 'description', 'category'])

/** @param {Change} change @returns {Change} */
const reversed = (change) => ({
  ...change,
  before: change.after, after: change.before, orderBefore: change.orderAfter, orderAfter: change.orderBefore,
})

/** The changes that undo these. @param {readonly Change[]} changes @returns {Change[]} */
export const invert = (changes) => changes.toReversed().map(reversed)

/** Diffs one after the other as one: each record appears once, and one that ended as it began, not at all. */
export class MergedChanges {
  /** @type {Change[]} */
  #all = []
  /** Where a record's change stands, by graph, table and id: one joined key for each of 200 dragged nodes would cost a drag more. @type {Map<string, Map<string, Map<string, number>>>} */
  #places = new Map()

  /** @param {readonly Change[]} changes */
  add(changes) {
    for (const change of changes) {
      const places = within(within(this.#places, change.graph), change.table)
      const place = places.get(change.id)
      const earlier = place === undefined ? undefined : this.#all[place]
      places.set(change.id, place ?? this.#all.length)
      this.#all[place ?? this.#all.length] = earlier ? { ...change, before: earlier.before, orderBefore: earlier.orderBefore } : change
    }
    return this
  }

  get changes() {
    return this.#all.filter(({ before, after, orderBefore, orderAfter }) => before !== after || orderBefore !== orderAfter)
  }
}

/** @template V @param {Map<string, Map<string, V>>} maps @param {string} key */
const within = (maps, key) => {
  const known = maps.get(key) ?? new Map()
  maps.set(key, known)
  return known
}

/** Two diffs, one after the other, as one. @param {readonly Change[]} first @param {readonly Change[]} second */
export const compose = (first, second) => new MergedChanges().add(first).add(second).changes

/** Whether a diff can change what a run computes. @param {readonly Change[]} changes */
export const affectsResult = (changes) => changes.some(changeAffectsResult)

/** Whether a link only takes another way. @param {object | undefined} before @param {object | undefined} after */
const sameEnds = (before, after) => before !== undefined && after !== undefined &&
  ['from', 'to'].every((end) => String(Reflect.get(before, end)) === String(Reflect.get(after, end)))

/** @param {Change} change */
const changeAffectsResult = ({ table, before, after }) => {
  if (table === 'links') return !sameEnds(before, after)
  if (table !== 'nodes' && table !== 'subgraphs') return false
  if (!before || !after) return true
  const drawing = table === 'nodes' ? DRAWING_FIELDS : NAMING_FIELDS
  const old = /** @type {Record<string, unknown>} */ (before)
  const now = /** @type {Record<string, unknown>} */ (after)
  for (const field in now) if (old[field] !== now[field] && !drawing.has(field)) return true
  for (const field in old) if (!(field in now) && !drawing.has(field)) return true
  return false
}
