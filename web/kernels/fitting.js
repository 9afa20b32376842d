// Whether a value of one widget is one for another, and what it becomes there.

import { isCurve, readCurve } from './curve.js'
import { withinLimits } from './curve_edit.js'
import { conformed, readNumber } from './numbers.js'
import { readSize } from './sizes.js'

/** @typedef {import('../document/catalog.js').Widget} Widget */

/** @param {Widget} widget @param {unknown} value @returns {unknown} undefined: it is none */
export const fitted = (widget, value) => {
  const { kind, choices = [] } = widget
  if (kind === 'text') return typeof value === 'object' ? undefined : String(value)
  if (kind === 'toggle') return typeof value === 'boolean' ? value : undefined
  if (kind === 'choice' || kind === 'file') return choices.find((choice) => choice === value) ?? choices.find((choice) => String(choice) === String(value))
  if (kind === 'curve') {
    const curve = isCurve(value) ? value : readCurve(String(value ?? ''))
    return curve ? withinLimits(curve, widget) : undefined
  }
  const number = typeof value === 'string' ? readNumber(widget, value) : value
  return typeof number === 'number' && Number.isFinite(number) ? conformed(widget, number) : undefined
}

/** The input that makes a size with one of this name. @param {string} name @returns {string | null} */
export const heightOf = (name) => (/^(target_)?width$/.test(name) ? name.replace('width', 'height') : null)

/** The other way round. @param {string} name @returns {string | null} */
export const widthOf = (name) => (/^(target_)?height$/.test(name) ? name.replace('height', 'width') : null)

/** Both sides of the size that a text says, `512x768`, for an input that is one of them. @param {Widget} widget @param {string} name @param {string} text @param {Readonly<Record<string, unknown>>} values of the node's inputs @returns {[string, number][] | null} */
export const sizeSides = (widget, name, text, values) => {
  const size = widget.kind === 'int' ? readSize(text) : null
  const [width, height] = heightOf(name) ? [name, heightOf(name)] : [widthOf(name), name]
  if (!size || !width || !height || [width, height].some((side) => typeof values[side] !== 'number')) return null
  return [[width, conformed(widget, size.width)], [height, conformed(widget, size.height)]]
}
