// The pictures of a sweep in rows and columns, whose axes can be exchanged; cells fill while the run works, and can be skipped.

import { openSheet } from '../panels/dialogs.js'
import { element, redrawList } from '../panels/element.js'
import { icon } from '../panels/icons.js'
import { isPending } from '../run/cells.js'
import { axesOf, cellsOf, coordinateAt, firstPivot, turned } from '../run/pivot.js'
import { heldIn, holdAgain, hole, skipButton, tellChanges, tellProgress, tile } from './grid_cells.js'

/** @typedef {import('../run/pivot.js').Axis} Axis */
/** @typedef {import('../run/pivot.js').Pivot} Pivot */
/** @typedef {import('../run/cells.js').Cell} State */
/** @typedef {import('../run/pivot.js').Coordinate} Coordinate */
/** @typedef {{cells: readonly Cell[], coordinate: Coordinate, state: State}} Place */
/** @typedef {{coordinate: Readonly<Record<string, unknown>>, node: string, url: string, thumbnail: string}} Cell */
/**
 * @typedef {object} GridOptions
 * @property {string} title
 * @property {() => readonly Cell[]} read the pictures that are there
 * @property {() => readonly Record<string, unknown>[]} places all that there will be
 * @property {(axes: readonly string[]) => (coordinate: Coordinate) => State} states what became of each place
 * @property {() => readonly string[]} notes what there is to say besides
 * @property {() => boolean} works whether cells can be skipped now
 * @property {(coordinate: Coordinate) => void} skip
 * @property {() => (() => void) | null} again what makes the skipped ones; null: not now
 * @property {(node: string) => string} titleOf
 * @property {(cells: readonly Cell[], index: number, compare: boolean) => void} open
 * @property {(changed: () => void) => () => void} subscribe
 */

/** @param {unknown} value */
const words = (value) => (typeof value === 'string' ? value : JSON.stringify(value) ?? '')

/** @param {GridOptions} options */
export const openGrid = ({ title, read, places, states, notes, works, skip, again, titleOf, open, subscribe }) => {
  const bar = element('div', { class: 'grid-bar' })
  const table = element('table', { class: 'grid-table' })
  const noted = element('div', { class: 'grid-notes', role: 'status' })
  const said = element('p', { class: 'only-read', role: 'status' })
  /** What was known of each place when it was drawn last. @type {Map<string, import('../run/cells.js').CellState>} */
  const before = new Map()
  /** @type {Pivot | null} */
  let pivot = null
  /** Of several nodes that show pictures, the one that is seen. @type {string | null} */
  let node = null

  const select = (/** @type {string} */ label, /** @type {readonly {name: string, value: string}[]} */ options, /** @type {string} */ value, /** @type {(value: string) => void} */ choose) =>
    element('label', {}, label, element('select', { onchange: (/** @type {Event} */ { target }) => (choose(/** @type {HTMLSelectElement} */ (target).value), draw()) },
      ...options.map((option) => element('option', { value: option.value, selected: option.value === value }, option.name))))

  /** @param {readonly Axis[]} axes @param {Pivot} now @param {readonly string[]} nodes @param {number} skipped @param {(() => void) | null} make */
  const drawBar = (axes, now, nodes, skipped, make) => redrawList(bar, [axes, now, nodes, node, skipped, !make], () => [
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
    ...(skipped ? [element('span', { class: 'spring' }), element('span', { class: 'grid-count' }, `${skipped} skipped`)] : []),
    ...(skipped && make ? [element('button', { class: 'small labelled-small', title: 'A new run makes what is missing, and nothing else', onclick: make }, icon('restore'), skipped === 1 ? 'Make it' : 'Make them')] : []),
  ])

  /** A value above a column or beside a row; what leaves the line out, where several cells of it are to be made. @param {Axis} axis @param {number} index @param {readonly Place[]} line */
  const heading = ({ name, values }, index, line) => {
    const several = works() && line.filter(({ cells, state }) => !cells.length && isPending(state)).length > 1
    return [words(values[index]), ...(several ? [skipButton('', { ...pivot?.at, [name]: values[index] }, skip)] : [])]
  }
  /** @param {readonly (readonly Place[])[]} rows @param {Axis | undefined} across @param {Axis | undefined} down */
  const drawTable = (rows, across, down) => {
    const flat = rows.flat().flatMap(({ cells }) => cells)
    const place = (/** @type {Place} */ { cells: [first, ...others], coordinate, state }) =>
      (first ? tile(first, others.length, (compare) => open(flat, flat.indexOf(first), compare)) : hole(coordinate, state, works() ? skip : null))
    const columns = across ? across.values.map((value, index) => element('th', { scope: 'col', title: words(value) }, ...heading(across, index, rows.flatMap((row) => row[index] ?? [])))) : [element('td', {})]
    return [
      element('thead', {}, element('tr', {}, element('td', {}), ...columns)),
      element('tbody', {}, ...rows.map((row, index) => element('tr', {}, down ? element('th', { scope: 'row', title: words(down.values[index]) }, ...heading(down, index, row)) : element('td', {}),
        ...row.map((each) => element('td', {}, place(each)))))),
    ]
  }

  const draw = () => {
    const all = read()
    const nodes = [...new Set(all.map((cell) => cell.node))]
    if (node === null || !nodes.includes(node)) node = nodes[0] ?? null
    const axes = axesOf(places())
    pivot ??= firstPivot(axes)
    const now = pivot
    const stateOf = states(axes.map(({ name }) => name))
    const rows = cellsOf(all.filter((cell) => cell.node === node), axes, now).map((row, down) => row.map((cells, across) => {
      const coordinate = coordinateAt(axes, now, down, across)
      return { cells, coordinate, state: stateOf(coordinate) }
    }))
    const held = heldIn(sheet)
    drawBar(axes, now, nodes, rows.flat().filter(({ cells, state }) => !cells.length && state.state === 'skipped').length, again())
    redrawList(table, [now, works(), axes, rows.map((row) => row.map(({ cells, state }) => [cells.map(({ url }) => url), cells.length ? '' : state.state]))],
      () => drawTable(rows, axes.find(({ name }) => name === now.across), axes.find(({ name }) => name === now.down)))
    redrawList(noted, notes(), () => notes().map((text) => element('p', {}, text)))
    tellProgress(table, stateOf)
    tellChanges(said, rows.flat(), before)
    holdAgain(sheet, held)
  }
  const sheet = openSheet(title, 'grid', bar, noted, table, said)
  draw()
  let frame = 0
  const stop = subscribe(() => (frame ||= requestAnimationFrame(() => (frame = 0, draw())))) // Every step of a long run says something.
  sheet.addEventListener('close', () => (stop(), cancelAnimationFrame(frame)))
}
