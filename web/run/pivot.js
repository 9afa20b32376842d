// The pictures of a sweep as a table: any of its axes across, any down, the others at one value each.

/** @typedef {Readonly<Record<string, unknown>>} Coordinate */
/** @typedef {{name: string, values: unknown[]}} Axis */
/** @typedef {{across: string | null, down: string | null, at: Readonly<Record<string, unknown>>}} Pivot at: the values of the other axes */

/** @param {unknown} a @param {unknown} b */
const same = (a, b) => a === b || JSON.stringify(a) === JSON.stringify(b)

/** Every axis with its values, in the order in which they come; what has one value only is none. @param {readonly Coordinate[]} coordinates @returns {Axis[]} */
export const axesOf = (coordinates) => {
  /** @type {Map<string, unknown[]>} */
  const axes = new Map()
  for (const coordinate of coordinates) {
    for (const [name, value] of Object.entries(coordinate)) {
      const values = axes.get(name) ?? []
      axes.set(name, values)
      if (!values.some((known) => same(known, value))) values.push(value)
    }
  }
  return [...axes].filter(([, values]) => values.length > 1).map(([name, values]) => ({ name, values: sorted(values) }))
}

/** Numbers by size, anything else as it came. @param {unknown[]} values */
const sorted = (values) => (values.every((value) => typeof value === 'number') ? /** @type {number[]} */ ([...values]).sort((a, b) => a - b) : values)

/** As one first looks at it: the longest axis across, the next down. @param {readonly Axis[]} axes @returns {Pivot} */
export const firstPivot = (axes) => {
  const [across, down, ...others] = [...axes].sort((a, b) => b.values.length - a.values.length)
  return { across: across?.name ?? null, down: down?.name ?? null, at: Object.fromEntries(others.map(({ name, values }) => [name, values[0]])) }
}

/**
 * Another axis across or down; the one that was there takes its place, or is held at its first value.
 * @param {Pivot} pivot @param {readonly Axis[]} axes @param {'across' | 'down'} side @param {string} name @returns {Pivot}
 */
export const turned = (pivot, axes, side, name) => {
  const other = side === 'across' ? 'down' : 'across'
  const old = pivot[side]
  const next = { ...pivot, [side]: name, ...(pivot[other] === name ? { [other]: old } : {}) }
  const at = Object.fromEntries(axes.filter((axis) => axis.name !== next.across && axis.name !== next.down)
    .map((axis) => [axis.name, pivot.at[axis.name] ?? axis.values[0]]))
  return { ...next, at }
}

/**
 * The table's rows of cells; a cell holds what lies there. Where an axis is none, there is one row or column.
 * @template {{coordinate: Coordinate}} Item
 * @param {readonly Item[]} items @param {readonly Axis[]} axes @param {Pivot} pivot @returns {Item[][][]}
 */
export const cellsOf = (items, axes, { across, down, at }) => {
  const valuesOf = (/** @type {string | null} */ name) => axes.find((axis) => axis.name === name)?.values ?? [undefined]
  const lies = (/** @type {Item} */ { coordinate }, /** @type {string | null} */ name, /** @type {unknown} */ value) => name === null || same(coordinate[name], value)
  const shown = items.filter((item) => Object.entries(at).every(([name, value]) => lies(item, name, value)))
  return valuesOf(down).map((row) => valuesOf(across).map((column) => shown.filter((item) => lies(item, across, column) && lies(item, down, row))))
}

/** The place of one of the table's cells: a value on each axis. @param {readonly Axis[]} axes @param {Pivot} pivot @param {number} row @param {number} column @returns {Coordinate} */
export const coordinateAt = (axes, { across, down, at }, row, column) => Object.fromEntries(axes.map(({ name, values }) => [name, name === across ? values[column] : name === down ? values[row] : at[name]]))
