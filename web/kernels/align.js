// Bringing rectangles into line, and spacing them evenly: where each one's left top goes.

/** @typedef {import('./geometry.js').Rect & {id: string}} Named */
/** centre: their middles one above another; middle: side by side @typedef {'left' | 'right' | 'top' | 'bottom' | 'centre' | 'middle'} Side */
/** @typedef {Map<string, [number, number]>} Places */

/** @param {readonly Named[]} rects @param {Side} side @returns {Places} */
export const aligned = (rects, side) => {
  const left = Math.min(...rects.map(({ x }) => x))
  const top = Math.min(...rects.map(({ y }) => y))
  const right = Math.max(...rects.map(({ x, width }) => x + width))
  const bottom = Math.max(...rects.map(({ y, height }) => y + height))
  return new Map(rects.map(({ id, x, y, width, height }) => [id, {
    left: /** @type {[number, number]} */ ([left, y]), right: /** @type {[number, number]} */ ([right - width, y]),
    top: /** @type {[number, number]} */ ([x, top]), bottom: /** @type {[number, number]} */ ([x, bottom - height]),
    centre: /** @type {[number, number]} */ ([Math.round((left + right - width) / 2), y]), middle: /** @type {[number, number]} */ ([x, Math.round((top + bottom - height) / 2)]),
  }[side]]))
}

/**
 * The same gap between each two neighbours; the outer ones stay where they are.
 * @param {readonly Named[]} rects @param {'x' | 'y'} axis @returns {Places}
 */
export const distributed = (rects, axis) => {
  const length = axis === 'x' ? 'width' : 'height'
  const sorted = rects.toSorted((a, b) => a[axis] + a[length] / 2 - b[axis] - b[length] / 2)
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (!first || !last) return new Map()
  const inside = sorted.reduce((sum, rect) => sum + rect[length], 0)
  const gap = (last[axis] + last[length] - first[axis] - inside) / Math.max(sorted.length - 1, 1)
  let at = first[axis]
  /** @type {Places} */
  const places = new Map()
  for (const rect of sorted) {
    places.set(rect.id, axis === 'x' ? [Math.round(at), rect.y] : [rect.x, Math.round(at)])
    at += rect[length] + gap
  }
  return places
}
