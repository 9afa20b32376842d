// A soft edge: three box blurs are close to a Gaussian one (W. M. Wells, 1986), at a cost that no radius changes.

import { emptyPlane } from './planes.js'

/** @typedef {import('./planes.js').Plane} Plane */

const PASSES = 3

/** The mask blurred over about `radius` pixels; beyond its border it goes on as at the border. @param {Plane} plane @param {number} radius whole pixels @returns {Plane} */
export const feather = ({ width, height, data }, radius) => {
  const half = Math.round(radius / 2)
  let values = Float32Array.from(data)
  if (half > 0) {
    for (let pass = 0; pass < PASSES; pass += 1) {
      values = blurred(values, { lines: height, length: width, step: 1, stride: width, half })
      values = blurred(values, { lines: width, length: height, step: width, stride: 1, half })
    }
  }
  const soft = emptyPlane(width, height)
  for (let at = 0; at < values.length; at += 1) soft.data[at] = Math.round(/** @type {number} */ (values[at]))
  return soft
}

/**
 * The mean of `2 * half + 1` neighbours along each line, by a running sum.
 * @param {Float32Array<ArrayBuffer>} from @param {{lines: number, length: number, step: number, stride: number, half: number}} walk
 */
const blurred = (from, { lines, length, step, stride, half }) => {
  const to = new Float32Array(from.length)
  for (let line = 0; line < lines; line += 1) {
    const start = line * stride
    const at = (/** @type {number} */ place) => /** @type {number} */ (from[start + Math.min(Math.max(place, 0), length - 1) * step])
    let sum = 0
    for (let place = -half; place <= half; place += 1) sum += at(place)
    for (let place = 0; place < length; place += 1) {
      to[start + place * step] = sum / (2 * half + 1)
      sum += at(place + half + 1) - at(place - half)
    }
  }
  return to
}
