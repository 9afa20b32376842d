// A look at a value as a page shows it: its few words, then all that the server told, to be unfolded.

import { bytesText, faultWords, lookWords, numberText } from '../canvas/look_words.js'
import { element } from '../panels/element.js'

/** @typedef {import('../canvas/look_words.js').Look} Look */

/** @param {Look} look @returns {HTMLElement[]} */
export const lookElements = (look) => {
  const fault = faultWords(look)
  return [
    ...(look.kind === 'text' ? [element('pre', { class: 'look-text', tabIndex: 0 }, String(look.value) + ((look.length ?? 0) > String(look.value).length ? '…' : ''))]
      : lookWords(look).map((line, index) => element('p', { class: index ? 'look-more' : 'look-first' }, line))),
    ...(fault ? [element('p', { class: 'look-fault' }, fault)] : []),
    ...(look.kind === 'numbers' ? [curveOf(/** @type {number[]} */ (look.value))] : []),
    ...(hasMore(look) ? [element('details', { class: 'look-all' }, element('summary', {}, 'All of it'), ...rows(look))] : []),
  ]
}

/** @param {Look} look */
const hasMore = ({ fields, items, tensor }) => Boolean(tensor || items?.length || (fields && Object.keys(fields).length))

/** @param {string} name @param {string} value */
const row = (name, value) => element('div', { class: 'look-row' }, element('span', { class: 'look-name' }, name), element('span', { class: 'look-value' }, value))

/** @param {string} name @param {Look} look */
const branch = (name, look) => (hasMore(look)
  ? element('details', { class: 'look-branch' }, element('summary', {}, element('span', { class: 'look-name' }, name), element('span', { class: 'look-value' }, lookWords(look)[0] ?? '')), ...rows(look))
  : row(name, lookWords(look).join(' · ')))

/** @param {Look} look @returns {HTMLElement[]} */
const rows = ({ tensor, fields = {}, items = [], count = 0, bytes }) => [
  ...(tensor ? Object.entries(tensor).map(([name, value]) => row(name, Array.isArray(value) ? value.join(' × ') : typeof value === 'number' ? numberText(value) : String(value))) : []),
  ...(bytes === undefined ? [] : [row('bytes', bytesText(bytes))]),
  ...Object.entries(fields).map(([name, held]) => branch(name.replaceAll('_', ' '), held)),
  ...items.map((item, index) => branch(String(index), item)),
  ...(count > items.length && items.length ? [row('…', `${count - items.length} more`)] : []),
]

/** Numbers as a line from left to right, as noise levels fall. @param {readonly number[]} numbers */
const curveOf = (numbers) => {
  const finite = numbers.filter((value) => Number.isFinite(value))
  const [least, most] = [Math.min(...finite), Math.max(...finite)]
  const point = (/** @type {number} */ value, /** @type {number} */ index) =>
    `${((index / Math.max(1, finite.length - 1)) * 100).toFixed(2)},${(38 - ((value - least) / (most - least || 1)) * 36).toFixed(2)}`
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 100 40')
  svg.setAttribute('preserveAspectRatio', 'none')
  svg.setAttribute('class', 'look-curve')
  svg.setAttribute('aria-hidden', 'true')
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline')
  line.setAttribute('points', finite.map(point).join(' '))
  svg.append(line)
  const box = element('div', {})
  box.append(svg)
  return box
}
