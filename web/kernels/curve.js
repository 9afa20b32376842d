// Curves over a way from 0 to 1 (docs/data.md): what they are at a place, as a line, in words and from them.

/** @typedef {'linear' | 'smooth' | 'step'} Interpolation */
/** @typedef {readonly [number, number]} CurvePoint */
/** @typedef {{points: readonly CurvePoint[], interpolation?: Interpolation}} Curve */

/** @type {readonly Interpolation[]} */
export const INTERPOLATIONS = ['linear', 'smooth', 'step']
/** Pieces that a smooth line between two points is drawn in. */
const PIECES = 14
/** Points that a text may give. */
const MOST_POINTS = 256

/** @param {unknown} value @returns {value is Curve} */
export const isCurve = (value) =>
  typeof value === 'object' && value !== null && 'points' in value && Array.isArray(value.points) && value.points.length > 0
  && value.points.every((point) => Array.isArray(point) && point.length === 2 && point.every(Number.isFinite))

/** Before the first point and behind the last their values hold. @param {Curve} curve @param {number} x */
export const curveAt = ({ points, interpolation = 'linear' }, x) => {
  const left = points.findLastIndex(([at]) => at <= x)
  const [from, to] = [points[left], points[left + 1]]
  if (!from) return points[0]?.[1] ?? 0
  if (!to || interpolation === 'step') return from[1]
  const width = to[0] - from[0]
  const t = (x - from[0]) / width
  const rise = to[1] - from[1]
  if (interpolation === 'linear' || points.length < 3) return from[1] + rise * t
  const slopes = slopesOf(points)
  return from[1] + rise * t * t * (3 - 2 * t) + width * ((slopes[left] ?? 0) * t * (1 - t) ** 2 + (slopes[left + 1] ?? 0) * t * t * (t - 1))
}

/** Slopes that keep each piece monotone (Fritsch and Carlson 1980, the circle of radius 3), as diffusion/curves.py has them. @param {readonly CurvePoint[]} points */
export const slopesOf = (points) => {
  const secants = points.slice(1).map(([x, y], index) => (y - (points[index]?.[1] ?? 0)) / (x - (points[index]?.[0] ?? 0)))
  const slopes = points.map((_, index) => {
    const [before, after] = [secants[index - 1], secants[index]]
    if (before === undefined || after === undefined) return before ?? after ?? 0
    return before * after <= 0 ? 0 : (before + after) / 2
  })
  secants.forEach((secant, index) => {
    const [alpha, beta] = secant === 0 ? [0, 0] : [(slopes[index] ?? 0) / secant, (slopes[index + 1] ?? 0) / secant]
    const length = Math.hypot(alpha, beta)
    if (secant !== 0 && length <= 3) return
    slopes[index] = secant === 0 ? 0 : (3 * alpha * secant) / length
    slopes[index + 1] = secant === 0 ? 0 : (3 * beta * secant) / length
  })
  return slopes
}

/** The curve as a line from end to end. @param {Curve} curve @returns {[number, number][]} */
export const lineOf = (curve) => {
  const { points, interpolation = 'linear' } = curve
  const [first = [0, 0], last = first] = [points[0], points.at(-1)]
  /** @type {[number, number][]} */
  const line = [[0, first[1]]]
  points.forEach(([x, y], index) => {
    const [before, level] = points[index - 1] ?? [0, first[1]]
    if (interpolation === 'step') line.push([x, level])
    else if (interpolation === 'smooth' && index > 0 && points.length > 2) {
      for (let piece = 1; piece < PIECES; piece += 1) {
        const at = before + ((x - before) * piece) / PIECES
        line.push([at, curveAt(curve, at)])
      }
    }
    line.push([x, y])
  })
  line.push([1, last[1]])
  return line
}

/** As short as says it. @param {number} value */
export const shortNumber = (value) => String(Number(value.toPrecision(4)))

/** `0: 8 → 1: 2, linear`, as the program says it. @param {Curve} curve */
export const curveWords = ({ points, interpolation = 'linear' }) =>
  `${points.map(([x, y]) => `${shortNumber(x)}: ${shortNumber(y)}`).join(' → ')}, ${interpolation}`

/** What a text of that kind says; null where it is none. A number alone is a flat curve. @param {string} text @returns {Curve | null} */
export const readCurve = (text) => {
  const parts = text.split(/→|->|,|;/).map((part) => part.trim()).filter(Boolean)
  const interpolation = INTERPOLATIONS.find((each) => each === parts.at(-1)?.toLowerCase())
  const said = interpolation ? parts.slice(0, -1) : parts
  const flat = said.length === 1 && said[0] !== undefined && !said[0].includes(':') ? Number(said[0]) : NaN
  if (Number.isFinite(flat)) return { points: [[0, flat], [1, flat]], interpolation: interpolation ?? 'linear' }
  const points = said.map((part) => /** @type {[number, number]} */ (part.split(':').map((number) => (number.trim() ? Number(number) : NaN))))
  const isInOrder = points.every(([x], index) => x >= 0 && x <= 1 && x > (points[index - 1]?.[0] ?? -1))
  const curve = { points, interpolation: interpolation ?? 'linear' }
  return isCurve(curve) && isInOrder && points.length <= MOST_POINTS ? curve : null
}
