// Snapping of a dragged group of nodes: to the edges and middles of its neighbours, to gaps like theirs, else to the grid.

/** @typedef {import('./geometry.js').Rect} Rect */
/** @typedef {{axis: 'x' | 'y', at: number, from: number, to: number, isGap?: boolean}} Guide a line to draw: across `axis` at a place, or along it where it measures a gap */
/** @typedef {{shift: number, guides: Guide[]}} Found */
/** @typedef {{dx: number, dy: number, guides: Guide[]}} Snap */

export const GRID = 16

/** @param {number} value */
export const toGrid = (value) => Math.round(value / GRID) * GRID

/**
 * The correction that brings a moved rectangle into line.
 * @param {Rect} moved @param {readonly Rect[]} others @param {number} reach world units
 * @returns {Snap}
 */
export const snapToNeighbours = (moved, others, reach) => {
  const x = nearer(bestAlignment(moved, others, 'x', reach), bestGap(moved, others, 'x', reach))
  const y = nearer(bestAlignment(moved, others, 'y', reach), bestGap(moved, others, 'y', reach))
  return {
    dx: x ? x.shift : toGrid(moved.x) - moved.x,
    dy: y ? y.shift : toGrid(moved.y) - moved.y,
    guides: [...x?.guides ?? [], ...y?.guides ?? []],
  }
}

/** @param {Rect} rect @param {'x' | 'y'} axis */
const linesOf = (rect, axis) => {
  const [start, length] = axis === 'x' ? [rect.x, rect.width] : [rect.y, rect.height]
  return [start, start + length / 2, start + length]
}

/** @param {Found | null} a @param {Found | null} b */
const nearer = (a, b) => (a && (!b || Math.abs(a.shift) <= Math.abs(b.shift)) ? a : b)

/** @param {Rect} moved @param {readonly Rect[]} others @param {'x' | 'y'} axis @param {number} reach @returns {Found | null} */
const bestAlignment = (moved, others, axis, reach) => {
  const mine = linesOf(moved, axis)
  /** @type {Found | null} */
  let best = null
  for (const other of others) {
    linesOf(other, axis).forEach((line, index) => {
      const shift = line - /** @type {number} */ (mine[index]) // like with like: left with left, middle with middle
      if (Math.abs(shift) <= Math.abs(best?.shift ?? reach)) best = { shift, guides: [guideBetween(moved, other, axis, line)] }
    })
  }
  return /** @type {Found | null} */ (best)
}

/** @param {Rect} a @param {Rect} b @param {'x' | 'y'} axis @param {number} at @returns {Guide} */
const guideBetween = (a, b, axis, at) => axis === 'x'
  ? { axis, at, from: Math.min(a.y, b.y), to: Math.max(a.y + a.height, b.y + b.height) }
  : { axis, at, from: Math.min(a.x, b.x), to: Math.max(a.x + a.width, b.x + b.width) }

/** One axis of a rectangle. @typedef {{start: number, end: number}} Span */

/** @param {Rect} rect @param {'x' | 'y'} axis @returns {Span} */
const spanOf = (rect, axis) => (axis === 'x' ? { start: rect.x, end: rect.x + rect.width } : { start: rect.y, end: rect.y + rect.height })

/**
 * As far from its neighbours in the row as they are from theirs, or in the middle between two.
 * @param {Rect} moved @param {readonly Rect[]} others @param {'x' | 'y'} axis @param {number} reach @returns {Found | null}
 */
const bestGap = (moved, others, axis, reach) => {
  const across = spanOf(moved, axis === 'x' ? 'y' : 'x')
  const row = others.filter((other) => {
    const span = spanOf(other, axis === 'x' ? 'y' : 'x')
    return span.start < across.end && span.end > across.start
  }).map((other) => spanOf(other, axis))
  const own = spanOf(moved, axis)
  const middle = (own.start + own.end) / 2
  const before = row.filter(({ start, end }) => (start + end) / 2 < middle).sort((a, b) => b.end - a.end)
  const after = row.filter(({ start, end }) => (start + end) / 2 >= middle).sort((a, b) => a.start - b.start)
  const length = own.end - own.start
  const [left, farLeft, right, farRight] = [before[0], before.find(({ end }) => end <= (before[0]?.start ?? 0)), after[0], after.find(({ start }) => start >= (after[0]?.end ?? 0))]
  const places = [
    left && right && right.start - left.end > length ? [(left.end + right.start - length) / 2, left.end, right.start] : null,
    left && farLeft ? [left.end + (left.start - farLeft.end), farLeft.end, left.start] : null,
    right && farRight ? [right.start - (farRight.start - right.end) - length, right.end, farRight.start] : null,
  ]
  /** @type {Found | null} */
  let best = null
  for (const place of places) {
    const [start = 0, from = 0, to = 0] = place ?? []
    const shift = start - own.start
    if (!place || Math.abs(shift) > reach || (best && Math.abs(best.shift) <= Math.abs(shift))) continue
    best = { shift, guides: gapGuides({ start, end: start + length }, { from, to }, { left, right }, axis, (across.start + across.end) / 2) }
  }
  return best
}

/** The gap that was taken over, and the same beside what is moved. @param {Span} own @param {{from: number, to: number}} given @param {{left: Span | undefined, right: Span | undefined}} neighbours @param {'x' | 'y'} axis @param {number} at @returns {Guide[]} */
const gapGuides = (own, { from, to }, { left, right }, axis, at) => {
  const gap = (/** @type {number} */ start, /** @type {number} */ end) => ({ axis, at, from: start, to: end, isGap: true })
  if (left && right && from === left.end && to === right.start) return [gap(from, own.start), gap(own.end, to)]
  return left && to === left.start ? [gap(from, to), gap(left.end, own.start)] : [gap(own.end, right?.start ?? from), gap(from, to)]
}
