// The way of a wire through its points: one curve from each to the next.

import { curveBounds, distanceTo, pointOn } from './link_path.js'
import { union } from './geometry.js'

/** @typedef {import('./geometry.js').Point} Point */
/** @typedef {import('./link_path.js').Curve} Curve */

const SAMPLES = 20

/** stepped: level and upright stretches; hidden: only those of the selection are drawn @typedef {'curved' | 'stepped' | 'straight' | 'hidden'} LinkStyle */

/** Stretches from one point of a wire to the next. */
export const STRETCHES = { curved: 1, stepped: 5, straight: 1, hidden: 1 }
/** How far a stepped wire leaves its socket before it turns back. */
const STEP_OUT = 24

/**
 * A wire leaves its output and enters its input to the right; at a point between it goes the way that its neighbours lie.
 * @param {Point} from @param {readonly Point[]} via @param {Point} to @param {LinkStyle} [style] @returns {Curve[]}
 */
export const routeCurves = (from, via, to, style = 'curved') => {
  const points = [from, ...via, to]
  if (style === 'stepped') return points.slice(1).flatMap((end, place) => stepped(/** @type {Point} */ (points[place]), end))
  if (style === 'straight') return points.slice(1).map((end, place) => straight(/** @type {Point} */ (points[place]), end))
  const ways = points.map((_, place) => {
    const [before, after] = [points[place - 1], points[place + 1]]
    return before && after && after[0] < before[0] ? -1 : 1
  })
  return points.slice(1).map((end, place) => curveBetween(/** @type {Point} */ (points[place]), ways[place] ?? 1, end, ways[place + 1] ?? 1))
}

/** @param {Point} from @param {Point} to @returns {Curve} */
const straight = ([x1, y1], [x2, y2]) => {
  const [dx, dy] = [(x2 - x1) / 3, (y2 - y1) / 3]
  return { x1, y1, c1x: x1 + dx, c1y: y1 + dy, c2x: x2 - dx, c2y: y2 - dy, x2, y2 }
}

/** Across the middle; what leads back goes around by the height between. @param {Point} from @param {Point} to @returns {Curve[]} */
const stepped = ([x1, y1], [x2, y2]) => {
  const isBack = x2 < x1 + 2 * STEP_OUT
  const [out, into] = isBack ? [x1 + STEP_OUT, x2 - STEP_OUT] : [(x1 + x2) / 2, (x1 + x2) / 2]
  const level = (y1 + y2) / 2
  /** @type {Point[]} */
  const corners = [[x1, y1], [out, y1], [out, level], [into, level], [into, y2], [x2, y2]]
  return corners.slice(1).map((corner, place) => straight(/** @type {Point} */ (corners[place]), corner))
}

/** @param {Point} from @param {number} way 1 to the right, -1 to the left @param {Point} to @param {number} wayIn @returns {Curve} */
const curveBetween = ([x1, y1], way, [x2, y2], wayIn) => {
  const [first, second] = [reach((x2 - x1) * way, y2 - y1) * way, reach((x2 - x1) * wayIn, y2 - y1) * wayIn]
  return { x1, y1, c1x: x1 + first, c1y: y1, c2x: x2 - second, c2y: y2, x2, y2 }
}

/** Handles grow with the distance; what runs against its own direction gets a round loop. @param {number} ahead @param {number} dy */
const reach = (ahead, dy) => {
  if (ahead >= 0) return Math.min(Math.max(ahead * 0.5, Math.min(Math.hypot(ahead, dy) * 0.4, 40)), 240)
  return Math.min(40 + Math.sqrt(-ahead) * 7, 240)
}

/** @param {readonly Curve[]} curves */
export const routeBounds = (curves) => union(curves.map(curveBounds)) ?? { x: 0, y: 0, width: 0, height: 0 }

/** Handles reach so far to the side of what they lead to. */
const BACKWARDS = 240
const FORWARDS = 40

/**
 * A rectangle that holds the way, known before its curves are: somewhat larger than `routeBounds`.
 * @param {{x1: number, y1: number, x2: number, y2: number}} ends @param {readonly Point[]} via
 */
export const routeExtent = ({ x1, y1, x2, y2 }, via) => {
  let [left, right, top, bottom] = x1 < x2 ? [x1, x2, y1, y1] : [x2, x1, y1, y1]
  if (y2 < top) top = y2
  else bottom = y2
  for (const [x, y] of via) {
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
  }
  const margin = x2 < x1 || via.length ? BACKWARDS : FORWARDS
  return { x: left - margin, y: top, width: right - left + 2 * margin, height: bottom - top }
}

/** @param {readonly Curve[]} curves @param {number} x @param {number} y */
export const routeDistance = (curves, x, y) => Math.min(...curves.map((curve) => distanceTo(curve, x, y)))

/** Which part of the way is nearest to a point: a new one goes there. @param {readonly Curve[]} curves @param {number} x @param {number} y @param {number} [stretches] of each part */
export const nearestPart = (curves, x, y, stretches = 1) => {
  const distances = curves.map((curve) => distanceTo(curve, x, y))
  return Math.floor(distances.indexOf(Math.min(...distances)) / stretches)
}

/** The middle of the middle part, where a word about the wire stands. @param {readonly Curve[]} curves @returns {[number, number]} */
export const routeMiddle = (curves) => {
  const part = curves[Math.floor(curves.length / 2)]
  if (!part) return [0, 0]
  return curves.length % 2 ? pointOn(part, 0.5) : [part.x1, part.y1]
}

/**
 * Where a straight cut first crosses the way, or null.
 * @param {readonly Curve[]} curves @param {Point} a @param {Point} b @param {number} [stretches] of each part @returns {{part: number, at: [number, number]} | null}
 */
export const crossing = (curves, a, b, stretches = 1) => {
  for (const [stretch, curve] of curves.entries()) {
    let before = pointOn(curve, 0)
    for (let step = 1; step <= SAMPLES; step += 1) {
      const now = pointOn(curve, step / SAMPLES)
      const at = meeting(before, now, a, b)
      if (at) return { part: Math.floor(stretch / stretches), at }
      before = now
    }
  }
  return null
}

/** Where two stretches meet. @param {Point} p @param {Point} q @param {Point} a @param {Point} b @returns {[number, number] | null} */
const meeting = (p, q, a, b) => {
  const [px, py, ax, ay] = [q[0] - p[0], q[1] - p[1], b[0] - a[0], b[1] - a[1]]
  const cross = px * ay - py * ax
  if (cross === 0) return null
  const t = ((a[0] - p[0]) * ay - (a[1] - p[1]) * ax) / cross
  const u = ((a[0] - p[0]) * py - (a[1] - p[1]) * px) / cross
  return t >= 0 && t <= 1 && u >= 0 && u <= 1 ? [p[0] + t * px, p[1] + t * py] : null
}
