// The curve of a wire, as plain numbers.

/** @typedef {import('./geometry.js').Point} Point */
/** @typedef {import('./geometry.js').Rect} Rect */
/** @typedef {{x1: number, y1: number, c1x: number, c1y: number, c2x: number, c2y: number, x2: number, y2: number}} Curve */

/** A cubic that leaves an output to the right and enters an input from the left. @param {Point} from @param {Point} to @returns {Curve} */
export const linkCurve = ([x1, y1], [x2, y2]) => {
  const reach = handleLength(x2 - x1, y2 - y1)
  return { x1, y1, c1x: x1 + reach, c1y: y1, c2x: x2 - reach, c2y: y2, x2, y2 }
}

/** Handles grow with the distance; a wire that runs backwards gets a round loop. @param {number} dx @param {number} dy */
const handleLength = (dx, dy) => {
  const distance = Math.hypot(dx, dy)
  if (dx >= 0) return Math.min(Math.max(dx * 0.5, Math.min(distance * 0.4, 40)), 240)
  return Math.min(40 + Math.sqrt(-dx) * 7, 240)
}

/** @param {Curve} curve @param {number} t 0 to 1 @returns {[number, number]} */
export const pointOn = ({ x1, y1, c1x, c1y, c2x, c2y, x2, y2 }, t) => {
  const u = 1 - t
  const a = u * u * u
  const b = 3 * u * u * t
  const c = 3 * u * t * t
  const d = t * t * t
  return [a * x1 + b * c1x + c * c2x + d * x2, a * y1 + b * c1y + c * c2y + d * y2]
}

/** A rectangle that holds the whole curve. @param {Curve} curve @returns {Rect} */
export const curveBounds = ({ x1, y1, c1x, c2x, x2, y2 }) => {
  const x = Math.min(x1, x2, c1x, c2x)
  const y = Math.min(y1, y2)
  return { x, y, width: Math.max(x1, x2, c1x, c2x) - x, height: Math.max(y1, y2) - y }
}

const SEGMENTS = 24

/** How far a point is from the curve. @param {Curve} curve @param {number} x @param {number} y */
export const distanceTo = (curve, x, y) => {
  let best = Infinity
  let [ax, ay] = [curve.x1, curve.y1]
  for (let index = 1; index <= SEGMENTS; index += 1) {
    const [bx, by] = pointOn(curve, index / SEGMENTS)
    best = Math.min(best, distanceToSegment(x, y, ax, ay, bx, by))
    ax = bx
    ay = by
  }
  return best
}

/** @param {number} x @param {number} y @param {number} ax @param {number} ay @param {number} bx @param {number} by */
const distanceToSegment = (x, y, ax, ay, bx, by) => {
  const dx = bx - ax
  const dy = by - ay
  const length = dx * dx + dy * dy
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length))
  return Math.hypot(x - ax - t * dx, y - ay - t * dy)
}
