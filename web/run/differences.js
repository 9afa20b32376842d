// What made two pictures otherwise, in rows of a table: inputs, wires, nodes, and places in a sweep.

import { saidValue } from '../document/said.js'

/** @typedef {{value: unknown} | {links: [string, string][]} | null} Side */
/** @typedef {{node: string, type?: string, change: 'added' | 'removed' | 'changed', field?: string, input?: string, from?: unknown, to?: unknown}} Change as docs/protocol.md gives it */
/** @typedef {{name: string, here: string, there: string}} Row */
/** @typedef {(node: string) => string} TitleOf */

const LONGEST = 160

/** @param {unknown} value */
const words = (value) => {
  const text = (value === undefined ? '—' : saidValue(value) || JSON.stringify(value)).replaceAll(/\s+/g, ' ')
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

/** @param {unknown} given @param {TitleOf} titleOf */
const sideWords = (given, titleOf) => {
  const side = /** @type {Side} */ (given)
  if (!side) return '—'
  return 'links' in side ? side.links.map(([node, output]) => `${titleOf(node)}.${output}`).join(', ') : words(side.value)
}

/** @param {Change} change @param {TitleOf} titleOf @returns {Row} */
const rowOf = ({ node, change, field, input, from, to }, titleOf) => {
  const title = titleOf(node)
  if (change !== 'changed') return { name: title, here: change === 'added' ? 'not there' : 'there', there: change === 'added' ? 'there' : 'not there' }
  if (field) return { name: `${title} · ${field}`, here: words(from), there: words(to) }
  return { name: `${title} · ${(input ?? '').replaceAll('_', ' ')}`, here: sideWords(from, titleOf), there: sideWords(to, titleOf) }
}

/** @param {readonly Change[]} changes @param {TitleOf} titleOf @returns {Row[]} */
export const changeRows = (changes, titleOf) => changes.map((change) => rowOf(change, titleOf))

/** @param {Record<string, unknown>} here @param {Record<string, unknown>} there @returns {Row[]} */
export const coordinateRows = (here, there) =>
  [...new Set([...Object.keys(here), ...Object.keys(there)])].filter((axis) => JSON.stringify(here[axis]) !== JSON.stringify(there[axis]))
    .map((axis) => ({ name: axis, here: words(here[axis]), there: words(there[axis]) }))
