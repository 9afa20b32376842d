// How much memory the history holds for a change: of a record that took another's place, what the two do not share.

/** @typedef {import('./diff.js').Change} Change */

const CHANGE = 96
const OBJECT = 32
const FIELD = 16
const LETTER = 2
const NOTHING = {}

/** What a value holds beside what an older one holds already. @param {unknown} value @param {unknown} [older] @returns {number} */
const added = (value, older) => {
  if (value === older) return 0
  if (typeof value === 'string') return OBJECT + LETTER * value.length
  if (typeof value !== 'object' || value === null) return FIELD
  let bytes = OBJECT
  const from = typeof older === 'object' && older !== null ? older : NOTHING
  for (const name in value) bytes += FIELD + added(Reflect.get(value, name), Reflect.get(from, name))
  return bytes
}

/** Bytes, estimated. @param {readonly Change[]} changes */
export const sizeOf = (changes) => {
  let bytes = 0
  for (const { before, after } of changes) bytes += CHANGE + (after ? added(after, before) : added(before))
  return bytes
}
