// Two numbers that say from where to where: each is shown as the range between them, and neither passes the other.

/** @typedef {import('../document/catalog.js').Widget} Widget */
/** @typedef {Readonly<Record<string, unknown>>} Values of the node's inputs */

/** @type {readonly (readonly [string, string])[]} */
const PAIRS = [['start_percent', 'end_percent'], ['start_at_step', 'end_at_step'], ['start', 'end']]
/** By either name: asked for every number that is drawn. */
const PAIR_OF = new Map(PAIRS.flatMap((pair) => pair.map((name) => [name, pair])))

/** `start` and `end` alone are parts of the way only where they go up to 1. @param {Widget} widget @param {string} name @returns {readonly [string, string] | null} */
const pairOf = ({ kind, max }, name) => {
  const pair = PAIR_OF.get(name) ?? null
  return pair?.[0] === 'start' && !(kind === 'float' && max === 1) ? null : pair
}

/** The part of a slider that the two enclose, from 0 to 1. @param {Widget} widget @param {string} name @param {Values} values @returns {[number, number] | null} null: it is not one of two */
export const enclosed = (widget, name, values) => {
  const pair = pairOf(widget, name)
  if (!pair || widget.kind !== 'float' || widget.min !== 0 || widget.max !== 1) return null
  const [from, to] = pair.map((each) => values[each])
  return typeof from === 'number' && typeof to === 'number' ? [Math.min(from, to), to] : null
}

/** What is to be set, so that the end stays behind the start: the number, and the other where it is pushed. @param {Widget} widget @param {string} name @param {number} value @param {Values} values as they were before @returns {[string, number][]} */
export const pushed = (widget, name, value, values) => {
  const pair = pairOf(widget, name)
  const [start, end] = pair ?? []
  const other = pair && values[name === start ? end ?? '' : start ?? '']
  if (!pair || typeof other !== 'number') return [[name, value]]
  return name === start ? [[name, value], [String(end), Math.max(other, value)]] : [[name, value], [String(start), Math.min(other, value)]]
}
