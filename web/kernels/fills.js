// Coverages of areas: what looks like a pixel, what an outline holds, and a ramp.

import { clamp } from './geometry.js'
import { emptyPlane } from './planes.js'

/** @typedef {import('./geometry.js').Point} Point */
/** @typedef {import('./planes.js').Plane} Plane */
/** @typedef {{width: number, height: number, data: Uint8Array<ArrayBuffer> | Uint8ClampedArray<ArrayBuffer>}} Pixels four bytes each: red, green, blue, alpha */

/**
 * The pixels joined to one by their sides whose red, green and blue each differ from its own by at most the tolerance.
 * @param {Pixels} pixels @param {Point} from @param {number} tolerance 0..255 @returns {Plane}
 */
export const floodFill = ({ width, height, data }, [fromX, fromY], tolerance) => {
  const filled = emptyPlane(width, height)
  const [startX, startY] = [Math.floor(fromX), Math.floor(fromY)]
  if (startX < 0 || startY < 0 || startX >= width || startY >= height) return filled
  const seed = 4 * (startY * width + startX)
  const [red, green, blue] = /** @type {[number, number, number]} */ ([...data.slice(seed, seed + 3)])
  const near = (/** @type {number} */ a, /** @type {number | undefined} */ b) => Math.abs(a - Number(b)) <= tolerance
  const isAlike = (/** @type {number} */ at) => filled.data[at] === 0 &&
    near(red, data[4 * at]) && near(green, data[4 * at + 1]) && near(blue, data[4 * at + 2])
  const waiting = [startY * width + startX]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (!isAlike(at)) continue
    const row = at - (at % width)
    let left = at
    while (left > row && isAlike(left - 1)) left -= 1
    let right = at
    while (right < row + width - 1 && isAlike(right + 1)) right += 1
    filled.data.fill(255, left, right + 1)
    for (const beside of [-width, width]) {
      if (row + beside < 0 || row + beside >= width * height) continue
      for (let next = left + beside; next <= right + beside; next += 1) {
        if (isAlike(next) && (next === right + beside || !isAlike(next + 1))) waiting.push(next) // One for each span.
      }
    }
  }
  return filled
}

const SAMPLES = 4 // rows in a pixel; along a row the coverage is exact

/** What a closed outline holds, also where it crosses itself. @param {readonly Point[]} outline @param {number} width @param {number} height @returns {Plane} */
export const fillOutline = (outline, width, height) => {
  const filled = emptyPlane(width, height)
  const heights = outline.map(([, y]) => y)
  const shares = new Float32Array(width)
  const first = Math.max(0, Math.floor(Math.min(...heights)))
  for (let row = first; row < Math.min(height, Math.ceil(Math.max(...heights))); row += 1) {
    shares.fill(0)
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      for (const [from, to] of spansAt(outline, row + (sample + 0.5) / SAMPLES)) addSpan(shares, from, to)
    }
    for (let x = 0; x < width; x += 1) filled.data[row * width + x] = Math.round(clamp(/** @type {number} */ (shares[x]), 0, 1) * 255)
  }
  return filled
}

/** Where a level line lies inside, by the winding number. @param {readonly Point[]} outline @param {number} level @returns {[number, number][]} */
const spansAt = (outline, level) => {
  const crossings = outline.flatMap(([x, y], index) => {
    const [nextX, nextY] = /** @type {Point} */ (outline[(index + 1) % outline.length])
    if (y <= level === nextY <= level) return []
    return [{ x: x + ((level - y) / (nextY - y)) * (nextX - x), turn: y <= level ? 1 : -1 }]
  }).sort((a, b) => a.x - b.x)
  /** @type {[number, number][]} */
  const spans = []
  let winding = 0
  for (const [index, { x, turn }] of crossings.entries()) {
    winding += turn
    const next = crossings[index + 1]
    if (winding !== 0 && next) spans.push([x, next.x])
  }
  return spans
}

/** @param {Float32Array} shares @param {number} from @param {number} to */
const addSpan = (shares, from, to) => {
  for (let x = Math.max(0, Math.floor(from)); x < Math.min(shares.length, Math.ceil(to)); x += 1) {
    shares[x] = /** @type {number} */ (shares[x]) + (Math.min(to, x + 1) - Math.max(from, x)) / SAMPLES
  }
}

/** The corners of a rectangle between two opposite ones, on whole pixels. @param {Point} a @param {Point} b @returns {Point[]} */
export const cornersOf = ([ax, ay], [bx, by]) => {
  const [left, right] = [Math.floor(Math.min(ax, bx)), Math.ceil(Math.max(ax, bx))]
  const [top, bottom] = [Math.floor(Math.min(ay, by)), Math.ceil(Math.max(ay, by))]
  return [[left, top], [right, top], [right, bottom], [left, bottom]]
}

/** A ramp from all at one point to nothing at another. @param {Point} from @param {Point} to @param {number} width @param {number} height @returns {Plane} */
export const gradient = ([fromX, fromY], [toX, toY], width, height) => {
  const ramp = emptyPlane(width, height)
  const [dx, dy] = [toX - fromX, toY - fromY]
  const square = dx * dx + dy * dy
  if (square === 0) return ramp
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const along = ((x + 0.5 - fromX) * dx + (y + 0.5 - fromY) * dy) / square
      ramp.data[y * width + x] = Math.round(255 * clamp(1 - along, 0, 1))
    }
  }
  return ramp
}
