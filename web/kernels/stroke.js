// A brush drawn along a line: round stamps, whose coverage is the largest of all, so that a stroke never piles up.

import { union } from './geometry.js'
import { clipped } from './planes.js'

/** @typedef {import('./geometry.js').Rect} Rect */
/** @typedef {import('./planes.js').Plane} Plane */
/** @typedef {{x: number, y: number, radius: number}} Dab pixel n lies between n and n + 1 */

/** Stamps of a stroke lie this share of the radius apart: its edge looks smooth. */
const SPACING = 0.12

/**
 * One round stamp: whole up to `hardness` of the radius, then falling smoothly; the hardest edge still blends over one pixel.
 * @param {Plane} coverage @param {Dab} dab @param {number} hardness 0..1 @returns {Rect | null} what it touched
 */
export const stamp = (coverage, { x, y, radius }, hardness) => {
  const rect = clipped(coverage, { x: x - radius - 1, y: y - radius - 1, width: 2 * radius + 2, height: 2 * radius + 2 })
  if (!rect) return null
  const soft = Math.max(1, radius * (1 - hardness))
  for (let row = rect.y; row < rect.y + rect.height; row += 1) {
    for (let column = rect.x; column < rect.x + rect.width; column += 1) {
      const inside = (radius + 0.5 - Math.hypot(column + 0.5 - x, row + 0.5 - y)) / soft
      if (inside <= 0) continue
      const share = inside >= 1 ? 1 : soft === 1 ? inside : inside * inside * (3 - 2 * inside)
      const at = row * coverage.width + column
      const value = Math.round(255 * share)
      if (value > /** @type {number} */ (coverage.data[at])) coverage.data[at] = value
    }
  }
  return rect
}

/** Stamps from one place to another; the radius goes along. @param {Plane} coverage @param {Dab} from @param {Dab} to @param {number} hardness @returns {Rect | null} */
export const strokeLine = (coverage, from, to, hardness) => {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const steps = Math.max(1, Math.ceil(length / Math.max(0.5, Math.min(from.radius, to.radius) * SPACING)))
  /** @type {Rect[]} */
  const touched = []
  for (let step = 1; step <= steps; step += 1) {
    const part = step / steps
    const between = (/** @type {number} */ a, /** @type {number} */ b) => a + (b - a) * part
    const rect = stamp(coverage, { x: between(from.x, to.x), y: between(from.y, to.y), radius: between(from.radius, to.radius) }, hardness)
    if (rect) touched.push(rect)
  }
  return union(touched)
}
