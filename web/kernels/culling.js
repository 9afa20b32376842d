// What the screen can show, and how finely it is worth drawing.

/** @typedef {import('./geometry.js').Rect} Rect */
/** @typedef {'full' | 'shapes' | 'blocks'} Detail */

const FULL_FROM = 0.55
const SHAPES_FROM = 0.3

/** full: everything; shapes: no widget text; blocks: a title and a big picture. @param {number} zoom @returns {Detail} */
export const detailAt = (zoom) => (zoom >= FULL_FROM ? 'full' : zoom >= SHAPES_FROM ? 'shapes' : 'blocks')

/** The bounds of many items, packed: all are asked for in every frame, and 4,000 objects all over the heap take ten times as long. */
export class Bounds {
  #edges

  /** @param {readonly Rect[]} items */
  constructor(items) {
    this.#edges = new Float64Array(items.length * 4)
    items.forEach((item, place) => this.put(place, item))
  }

  /** @param {number} place @param {Rect} item */
  put(place, { x, y, width, height }) {
    const at = place * 4
    this.#edges[at] = x
    this.#edges[at + 1] = y
    this.#edges[at + 2] = x + width
    this.#edges[at + 3] = y + height
  }

  /**
   * The items whose bounds a rectangle touches, in their order.
   * @template T
   * @param {readonly T[]} items at the same places @param {Rect} rect
   */
  touching(items, { x, y, width, height }) {
    const edges = this.#edges
    const [right, bottom] = [x + width, y + height]
    /** @type {T[]} */
    const found = []
    for (let place = 0, at = 0; place < items.length; place += 1, at += 4) {
      const isAcross = (edges[at] ?? 0) <= right && x <= (edges[at + 2] ?? 0)
      if (isAcross && (edges[at + 1] ?? 0) <= bottom && y <= (edges[at + 3] ?? 0)) found.push(/** @type {T} */ (items[place]))
    }
    return found
  }
}
