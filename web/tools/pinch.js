// Two fingers: pan and zoom at once, the world staying under the fingers.

import { toWorld, zoomedAt } from '../kernels/geometry.js'

/** @typedef {readonly [number, number]} Point */

/** @param {import('./bench.js').Bench} bench @param {Point} a @param {Point} b both in screen coordinates */
export const enterPinch = (bench, a, b) => {
  const before = bench.camera()
  const spread = Math.max(distance(a, b), 1)
  const held = toWorld(before, middle(a, b))
  return {
    /** @param {Point} nextA @param {Point} nextB */
    move: (nextA, nextB) => {
      const at = middle(nextA, nextB)
      const { zoom } = zoomedAt(before, at, before.zoom * (distance(nextA, nextB) / spread))
      bench.setCamera({ x: held[0] - at[0] / zoom, y: held[1] - at[1] / zoom, zoom })
    },
  }
}

/** @param {Point} a @param {Point} b */
const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1])

/** @param {Point} a @param {Point} b @returns {[number, number]} */
const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]
