// What a hand does to a curve: points moved, added and taken away, shapes to begin with. Each gives another curve.

import { curveAt } from './curve.js'

/** @typedef {import('./curve.js').Curve} Curve */
/** @typedef {import('./curve.js').CurvePoint} CurvePoint */
/** @typedef {{min?: number, max?: number, shown?: readonly [number, number]}} CurveLimits of a widget */
/** @typedef {readonly [number, number]} View the least and the most that is drawn */
/** @typedef {'flat' | 'up' | 'down' | 'in' | 'out' | 'bell' | 'interval'} Preset */

/** Two points are at least so far from each other. */
const GAP = 0.001
/** Shares of the way, and of what is drawn, that Shift snaps to. */
const SNAPS = 20
const MOST_POINTS = 256

/** Hard limits. @param {CurveLimits} limits @returns {[number, number]} */
export const limitsOfCurve = ({ min = 0, max = 1 }) => [min, max]

/** What is drawn: the usual part, and all points. @param {CurveLimits} limits @param {Curve} curve @returns {[number, number]} */
export const viewOfCurve = (limits, { points }) => {
  const [low, high] = limits.shown ?? limitsOfCurve(limits)
  const values = points.map(([, y]) => y)
  return [Math.min(low, ...values), Math.max(high, ...values)]
}

/** @param {number} value @param {number} low @param {number} high */
const between = (value, low, high) => Math.min(high, Math.max(low, value))

/** Decimals that are worth telling, by what is drawn. @param {View} view */
const decimalsOf = ([low, high]) => between(3 - Math.floor(Math.log10(Math.max(high - low, 1e-6))), 0, 6)

/** @param {number} value @param {View} view */
export const tidyValue = (value, view) => Number(value.toFixed(decimalsOf(view)))

/**
 * A point as near to a place as it may come: between its neighbours and within the limits.
 * @param {Curve} curve @param {number} index @param {CurvePoint} place @param {CurveLimits} limits @returns {Curve}
 */
export const movedPoint = (curve, index, [x, y], limits) => {
  const view = viewOfCurve(limits, curve)
  const [low, high] = limitsOfCurve(limits)
  const before = index > 0 ? (curve.points[index - 1]?.[0] ?? 0) + GAP : 0
  const after = index < curve.points.length - 1 ? (curve.points[index + 1]?.[0] ?? 1) - GAP : 1
  const at = Number(between(x, before, Math.max(before, after)).toFixed(4))
  return { ...curve, points: curve.points.map((point, place) => (place === index ? [at, between(tidyValue(y, view), low, high)] : point)) }
}

/** Another widget's curve as one of this: what is too low or too high is brought in. @param {Curve} curve @param {CurveLimits} limits @returns {Curve} */
export const withinLimits = ({ points, interpolation = 'linear' }, limits) => {
  const [low, high] = limitsOfCurve(limits)
  return { points: points.map(([x, y]) => [x, between(y, low, high)]), interpolation }
}

/** A place on the grid: steps of the sampler where they are known. @param {CurvePoint} place @param {View} view @param {number | null} steps @returns {[number, number]} */
export const snappedPlace = ([x, y], [low, high], steps) => {
  const parts = steps && steps > 1 ? steps - 1 : SNAPS
  const unit = (high - low) / SNAPS
  return [Math.round(x * parts) / parts, low + Math.round((y - low) / unit) * unit]
}

/** @param {Curve} curve @param {CurvePoint} place @param {CurveLimits} limits @returns {{curve: Curve, index: number} | null} null: a point is there */
export const addedPoint = (curve, [x, y], limits) => {
  const at = Number(between(x, 0, 1).toFixed(4))
  if (curve.points.length >= MOST_POINTS || curve.points.some(([other]) => Math.abs(other - at) < GAP)) return null
  const index = curve.points.filter(([other]) => other < at).length
  const points = curve.points.toSpliced(index, 0, [at, y])
  return { curve: movedPoint({ ...curve, points }, index, [at, y], limits), index }
}

/** A point in the middle of the way to the next one, or from the one before. @param {Curve} curve @param {number} index @param {CurveLimits} limits */
export const splitBehind = (curve, index, limits) => {
  const from = curve.points[index]?.[0] ?? 0
  const to = curve.points[index + 1]?.[0] ?? (from < 1 ? 1 : curve.points[index - 1]?.[0] ?? 0)
  const x = (from + to) / 2
  return addedPoint(curve, [x, curveAt(curve, x)], limits)
}

/** The last point stays. @param {Curve} curve @param {number} index @returns {Curve} */
export const withoutPoint = (curve, index) =>
  (curve.points.length > 1 ? { ...curve, points: curve.points.filter((_, place) => place !== index) } : curve)

/** The end becomes the beginning. @param {Curve} curve @returns {Curve} */
export const flippedAcross = (curve) => ({ ...curve, points: curve.points.map(([x, y]) => /** @type {CurvePoint} */ ([Number((1 - x).toFixed(4)), y])).reverse() })

/** High becomes low, between the least and the most that it has. @param {Curve} curve @returns {Curve} */
export const flippedUp = (curve) => {
  const values = curve.points.map(([, y]) => y)
  const sum = Math.min(...values) + Math.max(...values)
  return { ...curve, points: curve.points.map(([x, y]) => /** @type {CurvePoint} */ ([x, Number((sum - y).toPrecision(12))])) }
}

/** Where a shape is low and high: as the curve is; one that is flat stands on what is drawn. @param {Curve} curve @param {View} view @returns {[number, number]} */
const spanOf = ({ points }, [floor, top]) => {
  const values = points.map(([, y]) => y)
  const [low, high] = [Math.min(...values), Math.max(...values)]
  if (high > low) return [low, high]
  return high > floor ? [floor, high] : [floor, top]
}

/** @type {Record<Preset, (low: number, high: number) => Curve>} */
const SHAPES = {
  flat: (low, high) => ({ points: [[0, high], [1, high]], interpolation: 'linear' }),
  up: (low, high) => ({ points: [[0, low], [1, high]], interpolation: 'linear' }),
  down: (low, high) => ({ points: [[0, high], [1, low]], interpolation: 'linear' }),
  in: (low, high) => ({ points: [[0, low], [0.5, low + (high - low) * 0.18], [1, high]], interpolation: 'smooth' }),
  out: (low, high) => ({ points: [[0, low], [0.5, low + (high - low) * 0.82], [1, high]], interpolation: 'smooth' }),
  bell: (low, high) => ({ points: [[0, low], [0.5, high], [1, low]], interpolation: 'smooth' }),
  interval: (low, high) => ({ points: [[0, low], [0.2, high], [0.8, low]], interpolation: 'step' }),
}
export const PRESETS = /** @type {Preset[]} */ (Object.keys(SHAPES))

/** A shape between the curve's own least and most. @param {Preset} name @param {Curve} curve @param {View} view @returns {Curve} */
export const presetCurve = (name, curve, view) => {
  const [low, high] = spanOf(curve, view)
  const made = SHAPES[name](low, high)
  return { ...made, points: made.points.map(([x, y]) => [x, tidyValue(y, view)]) }
}
