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

/**
 * Two diffs, one after the other, as one: each record appears once, and one that ended as it began, not at all.
 * @param {readonly Change[]} first
 * @param {readonly Change[]} second
 * @returns {Change[]}
 */
export const compose = (first, second) => {
  /** @type {Map<string, Change>} */
  const merged = new Map()
  for (const change of [...first, ...second]) {
    const key = `${change.graph}/${change.table}/${change.id}`
    const earlier = merged.get(key)
    merged.set(key, earlier ? { ...change, before: earlier.before, orderBefore: earlier.orderBefore } : change)
  }
  return [...merged.values()].filter(({ before, after, orderBefore, orderAfter }) =>
    before !== after || orderBefore !== orderAfter)
}

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
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .some((field) => !drawing.has(field) && old[field] !== now[field])
}
