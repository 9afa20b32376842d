// Values of number widgets: what a drag, a step or a typed text makes of them.

import { evaluate } from './arithmetic.js'
import { clamp } from './geometry.js'

/** @typedef {import('../document/catalog.js').Widget} Widget */

/** Seeds stay below 2^53, where JavaScript's numbers are whole. */
export const MAX_SEED = 2 ** 53 - 1

/** @param {Widget} widget */
export const isWhole = (widget) => widget.kind === 'int' || widget.kind === 'seed'

/** @param {Widget} widget */
export const stepOf = (widget) => widget.step || (isWhole(widget) ? 1 : 0.01)

/** @param {Widget} widget */
export const limitsOf = (widget) => {
  const low = widget.min ?? (isWhole(widget) ? -MAX_SEED : -Infinity)
  const high = widget.max ?? (isWhole(widget) ? MAX_SEED : Infinity)
  return isWhole(widget) ? [Math.max(low, -MAX_SEED), Math.min(high, MAX_SEED)] : [low, high]
}

/** Within the limits, whole where it must be; on the step only where a drag made it. @param {Widget} widget @param {number} value @param {{snap?: boolean}} [options] */
export const conformed = (widget, value, { snap = false } = {}) => {
  const [low = -Infinity, high = Infinity] = limitsOf(widget)
  const step = stepOf(widget)
  const base = Number.isFinite(low) && Math.abs(low) < 1e9 ? low : 0
  const stepped = snap ? base + Math.round((value - base) / step) * step : value
  const whole = isWhole(widget) ? Math.round(stepped) : tidy(stepped)
  return clamp(whole, low, high)
}

/** Without the dust of binary fractions: 0.1 + 0.2 is 0.3. @param {number} value */
const tidy = (value) => Number(value.toPrecision(12))

/** Has a range worth a slider's fill. @param {Widget} widget */
export const hasSlider = (widget) => {
  const [low = -Infinity, high = Infinity] = limitsOf(widget)
  return Number.isFinite(low) && Number.isFinite(high) && (widget.slider === true || (high - low) / stepOf(widget) <= 200)
}

/** Where the value stands in its range, 0 to 1. @param {Widget} widget @param {number} value */
export const fractionOf = (widget, value) => {
  const [low = 0, high = 1] = limitsOf(widget)
  return high > low ? clamp((value - low) / (high - low), 0, 1) : 0
}

/**
 * The value after dragging by so many screen pixels. A slider follows the pointer; another moves a step every few
 * pixels. Shift is ten times finer, Ctrl ten times coarser.
 * @param {Widget} widget @param {number} start @param {number} pixels @param {number} fieldPixels the field's width on screen
 * @param {{fine?: boolean, coarse?: boolean}} [keys]
 */
export const scrubbed = (widget, start, pixels, fieldPixels, { fine = false, coarse = false } = {}) => {
  const [low = 0, high = 1] = limitsOf(widget)
  const factor = fine ? 0.1 : coarse ? 10 : 1
  const perPixel = hasSlider(widget) ? (high - low) / Math.max(fieldPixels, 1) : stepOf(widget) / PIXELS_PER_STEP
  const value = start + pixels * perPixel * factor
  // Fine dragging may leave the step, for it is asked for where the step is too coarse.
  return conformed(widget, value, { snap: !(fine && widget.kind === 'float') })
}

const PIXELS_PER_STEP = 4

/** As short as says it: 7, 0.75, 1234567. @param {Widget} widget @param {unknown} value */
export const numberText = (widget, value) => {
  if (typeof value !== 'number') return value === null || value === undefined ? '' : String(value)
  if (isWhole(widget)) return String(value)
  const decimals = clamp(-Math.floor(Math.log10(stepOf(widget)) + 1e-9), 1, 6)
  const exact = tidy(value)
  const fixed = exact.toFixed(decimals)
  return Number(fixed) === exact ? fixed : String(exact)
}

/**
 * What a typed or pasted text says, before limits; null where it is no number. A comma between groups of three digits
 * parts thousands where the number is whole, and is a decimal point otherwise.
 * @param {Widget} widget @param {string} text @param {import('./arithmetic.js').Names} [names]
 */
export const readNumber = (widget, text, names = {}) =>
  evaluate(isWhole(widget) && /^\s*[-+−]?[1-9]\d{0,2}(,\d{3})+\s*(px)?\s*$/i.test(text) ? text.replaceAll(',', '') : text, names)

/** A seed that nobody has used. @param {Widget} widget @param {() => number} [random] */
export const randomSeed = (widget, random = Math.random) => {
  const [low = 0, high = MAX_SEED] = limitsOf(widget)
  // Fifteen digits are plenty, and still fit the field and the eye.
  return Math.floor(Math.max(low, 0) + random() * Math.min(high - Math.max(low, 0) + 1, 1e15))
}
