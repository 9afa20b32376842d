// What the screen can show, and how finely it is worth drawing.

import { intersects } from './geometry.js'

/** @typedef {import('./geometry.js').Rect} Rect */
/** @typedef {'full' | 'shapes' | 'blocks'} Detail */

const FULL_FROM = 0.55
const SHAPES_FROM = 0.3

/** full: everything; shapes: no widget text; blocks: a title and a big picture. @param {number} zoom @returns {Detail} */
export const detailAt = (zoom) => (zoom >= FULL_FROM ? 'full' : zoom >= SHAPES_FROM ? 'shapes' : 'blocks')

/**
 * The items whose bounds the view touches, in their order.
 * @template T
 * @param {readonly T[]} items @param {(item: T) => Rect} boundsOf @param {Rect} view
 */
export const visible = (items, boundsOf, view) => items.filter((item) => intersects(boundsOf(item), view))
