// Snapping of a dragged group of nodes: to the edges and middles of its neighbours, else to the grid.

/** @typedef {import('./geometry.js').Rect} Rect */
/** @typedef {{axis: 'x' | 'y', at: number, from: number, to: number}} Guide a line to draw */
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
  const x = bestAlignment(moved, others, 'x', reach)
  const y = bestAlignment(moved, others, 'y', reach)
  return {
    dx: x ? x.shift : toGrid(moved.x) - moved.x,
    dy: y ? y.shift : toGrid(moved.y) - moved.y,
    guides: [x?.guide, y?.guide].filter((guide) => guide !== undefined),
  }
}

/** @param {Rect} rect @param {'x' | 'y'} axis */
const linesOf = (rect, axis) => {
  const [start, length] = axis === 'x' ? [rect.x, rect.width] : [rect.y, rect.height]
  return [start, start + length / 2, start + length]
}

/** @param {Rect} moved @param {readonly Rect[]} others @param {'x' | 'y'} axis @param {number} reach */
const bestAlignment = (moved, others, axis, reach) => {
  const mine = linesOf(moved, axis)
  /** @type {{shift: number, guide: Guide} | null} */
  let best = null
  for (const other of others) {
    linesOf(other, axis).forEach((line, index) => {
      const shift = line - /** @type {number} */ (mine[index]) // like with like: left with left, middle with middle
      if (Math.abs(shift) <= Math.abs(best?.shift ?? reach)) best = { shift, guide: guideBetween(moved, other, axis, line) }
    })
  }
  return /** @type {{shift: number, guide: Guide} | null} */ (best)
}

/** @param {Rect} a @param {Rect} b @param {'x' | 'y'} axis @param {number} at @returns {Guide} */
const guideBetween = (a, b, axis, at) => axis === 'x'
  ? { axis, at, from: Math.min(a.y, b.y), to: Math.max(a.y + a.height, b.y + b.height) }
  : { axis, at, from: Math.min(a.x, b.x), to: Math.max(a.x + a.width, b.x + b.width) }
