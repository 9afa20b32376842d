// The pictures of a sweep in rows and columns, whose axes can be exchanged; cells fill while the run works.

import { openSheet } from '../panels/dialogs.js'
import { element, redrawList } from '../panels/element.js'
import { icon } from '../panels/icons.js'
import { axesOf, cellsOf, firstPivot, turned } from '../run/pivot.js'

/** @typedef {import('../run/pivot.js').Axis} Axis */
/** @typedef {import('../run/pivot.js').Pivot} Pivot */
/** @typedef {{coordinate: Readonly<Record<string, unknown>>, node: string, url: string, thumbnail: string}} Cell */
/**
 * @typedef {object} GridOptions
 * @property {string} title
 * @property {() => readonly Cell[]} read the pictures that are there
 * @property {() => readonly Record<string, unknown>[]} places all that there will be
 * @property {(node: string) => string} titleOf
 * @property {(cells: readonly Cell[], index: number, compare: boolean) => void} open
 * @property {(changed: () => void) => () => void} subscribe
 */

/** @param {unknown} value */
const words = (value) => (typeof value === 'string' ? value : JSON.stringify(value) ?? '')

/** @param {GridOptions} options */
export const openGrid = ({ title, read, places, titleOf, open, subscribe }) => {
  const bar = element('div', { class: 'grid-bar' })
  const table = element('table', { class: 'grid-table' })
  /** @type {Pivot | null} */
  let pivot = null
  /** Of several nodes that show pictures, the one that is seen. @type {string | null} */
  let node = null

  const select = (/** @type {string} */ label, /** @type {readonly {name: string, value: string}[]} */ options, /** @type {string} */ value, /** @type {(value: string) => void} */ choose) =>
    element('label', {}, label, element('select', { onchange: (/** @type {Event} */ { target }) => (choose(/** @type {HTMLSelectElement} */ (target).value), draw()) },
      ...options.map((option) => element('option', { value: option.value, selected: option.value === value }, option.name))))

  /** @param {readonly Axis[]} axes @param {Pivot} now @param {readonly string[]} nodes */
  const drawBar = (axes, now, nodes) => redrawList(bar, [axes, now, nodes, node], () => [
    ...(['across', 'down']).flatMap((side) => {
      const name = now[/** @type {'across' | 'down'} */ (side)]
      return name === null ? [] : [select(side === 'across' ? 'Across' : 'Down', axes.map((axis) => ({ name: axis.name, value: axis.name })), name,
        (chosen) => (pivot = turned(now, axes, /** @type {'across' | 'down'} */ (side), chosen)))]
    }),
    ...(now.across !== null && now.down !== null ? [element('button', { class: 'quiet', title: 'Exchange rows and columns', 'aria-label': 'Exchange rows and columns', onclick: () => (pivot = turned(now, axes, 'across', now.down ?? ''), draw()) }, icon('swap'))] : []),
    ...Object.entries(now.at).map(([name, value]) => {
      const values = axes.find((axis) => axis.name === name)?.values ?? []
      return select(name, values.map((each, index) => ({ name: words(each), value: String(index) })), String(values.findIndex((each) => words(each) === words(value))),
        (chosen) => (pivot = { ...now, at: { ...now.at, [name]: values[Number(chosen)] } }))
    }),
    ...(nodes.length > 1 ? [select('Node', nodes.map((id) => ({ name: titleOf(id), value: id })), node ?? '', (chosen) => (node = chosen))] : []),
  ])

  const draw = () => {
    const all = read()
    const nodes = [...new Set(all.map((cell) => cell.node))]
    if (node === null || !nodes.includes(node)) node = nodes[0] ?? null
    const axes = axesOf(places())
    pivot ??= firstPivot(axes)
    const now = pivot
    drawBar(axes, now, nodes)
    const shown = all.filter((cell) => cell.node === node)
    const rows = cellsOf(shown, axes, now)
    const flat = rows.flat(2)
    const labels = (/** @type {string | null} */ name) => axes.find((axis) => axis.name === name)?.values.map(words) ?? ['']
    redrawList(table, [now, labels(now.across), labels(now.down), rows.map((row) => row.map((cell) => cell.map(({ url }) => url)))], () => [
      element('thead', {}, element('tr', {}, element('td', {}), ...labels(now.across).map((label) => element(label ? 'th' : 'td', { scope: 'col', title: label }, label)))),
      element('tbody', {}, ...rows.map((row, index) => element('tr', {}, now.down === null ? element('td', {}) : element('th', { scope: 'row', title: labels(now.down)[index] }, labels(now.down)[index] ?? ''),
        ...row.map(([first, ...others]) => element('td', {}, first ? tile(first, others.length, (compare) => open(flat, flat.indexOf(first), compare)) : element('span', { class: 'grid-none', title: 'Not there yet' })))))),
    ])
  }
  draw()
  const sheet = openSheet(title, 'grid', bar, table)
  const stop = subscribe(draw)
  sheet.addEventListener('close', stop)
}

/** @param {Cell} cell @param {number} more @param {(compare: boolean) => void} open */
const tile = ({ coordinate, thumbnail }, more, open) => {
  const label = Object.entries(coordinate).map(([name, value]) => `${name} ${words(value)}`).join(', ')
  return element('button', { class: 'grid-tile', title: `${label}\nShift+click compares`, 'aria-label': label, onclick: (/** @type {MouseEvent} */ { shiftKey }) => open(shiftKey) },
    element('img', { src: thumbnail, alt: '', loading: 'lazy', draggable: false }), more > 0 ? element('span', { class: 'grid-more' }, `+${more}`) : null)
}
