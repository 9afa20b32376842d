// A curve in a rectangle: the ground, what lies below it, and the line.

import { lineOf } from '../kernels/curve.js'

/** @typedef {import('../kernels/curve.js').Curve} Curve */
/** @typedef {import('../kernels/geometry.js').Rect} Rect */

/** Lines for a curve are made once: a curve is never changed in place. @type {WeakMap<object, [number, number][]>} */
const lines = new WeakMap()

/** @param {Curve} curve */
const knownLine = (curve) => {
  const known = lines.get(curve) ?? lineOf(curve)
  lines.set(curve, known)
  return known
}

/** @param {import('./paint.js').Paint} paint @param {Rect} rect @param {Curve} curve @param {readonly [number, number]} view the least and the most that is drawn */
export const drawCurve = ({ ctx, theme }, { x, y, width, height }, curve, [low, high]) => {
  const across = (/** @type {number} */ at) => x + at * width
  const upward = (/** @type {number} */ value) => y + height - ((value - low) / (high - low || 1)) * height
  ctx.beginPath()
  knownLine(curve).forEach(([at, value], index) => (index ? ctx.lineTo(across(at), upward(value)) : ctx.moveTo(across(at), upward(value))))
  ctx.strokeStyle = theme.accent.normal
  ctx.lineWidth = 1.75
  ctx.lineJoin = 'round'
  ctx.stroke()
  const ground = upward(Math.max(low, Math.min(high, 0)))
  ctx.lineTo(x + width, ground)
  ctx.lineTo(x, ground)
  ctx.closePath()
  ctx.fillStyle = theme.accent.faint
  ctx.fill()
}
