// A number in the form: typed or as a formula, by a slider where it has both ends near each other, a seed rolled.

import { numberText, randomSeed, stepOf } from '../kernels/numbers.js'
import { element } from './element.js'
import { icon } from './icons.js'

/** @typedef {import('./form_fields.js').Field} Field */
/** @typedef {import('./form_fields.js').FieldOptions} FieldOptions */

/** Steps that a slider still tells apart. */
const FINEST = 400

/** @param {FieldOptions} options @returns {Field} */
export const numberField = (options) => {
  const { id, widget, change, editing } = options
  const input = element('input', { id, type: 'text', inputMode: 'decimal', spellcheck: false, autocomplete: 'off' })
  const told = element('p', { class: 'form-hint form-told' })
  const isPlain = () => /^\s*[-+]?[\d.,]*\s*$/.test(input.value)
  const tell = () => {
    const value = editing.evaluate(input.value)
    told.textContent = isPlain() ? '' : value === null ? 'No number yet: 512*1.5, width/2' : `= ${numberText(widget, value)}`
    return value
  }
  const set = (/** @type {number} */ value) => {
    input.value = numberText(widget, value)
    change(value)
  }
  input.addEventListener('input', () => {
    const value = tell()
    if (value !== null && isPlain()) change(value)
  })
  input.addEventListener('change', () => {
    const value = tell()
    if (value !== null) set(value)
    told.textContent = ''
  })
  const step = (/** @type {Event} */ event, /** @type {number} */ steps) => {
    event.preventDefault()
    const value = Number(((editing.evaluate(input.value) ?? 0) + steps * stepOf(widget)).toPrecision(12))
    set(Math.min(widget.max ?? Infinity, Math.max(widget.min ?? -Infinity, value)))
  }
  input.addEventListener('keydown', (event) => {
    const way = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0
    if (way) step(event, way * (event.shiftKey ? 10 : 1))
  })
  input.addEventListener('wheel', (event) => {
    if (document.activeElement === input) step(event, -Math.sign(event.deltaY || event.deltaX) * (event.shiftKey ? 10 : 1))
  }, { passive: false })
  const slider = sliderFor(options)
  return {
    node: element('div', { class: 'form-number' }, slider, input, ...buttonsFor(options), told),
    show: (value) => {
      if (document.activeElement !== input) input.value = numberText(widget, value)
      if (slider && typeof value === 'number') slider.value = String(value)
    },
  }
}

/** @param {FieldOptions} options */
const sliderFor = ({ widget, change }) => {
  const { min, max, kind } = widget
  const step = widget.step ?? (kind === 'float' ? 0.01 : 1)
  if (kind === 'seed' || min === undefined || max === undefined || min === null || max === null || (max - min) / step > FINEST) return null
  const slider = element('input', { type: 'range', min, max, step, tabIndex: -1, 'aria-hidden': 'true', oninput: () => change(slider.valueAsNumber) })
  return slider
}

/** @param {FieldOptions} options */
const buttonsFor = ({ widget, change, editing }) => {
  const button = (/** @type {string} */ label, /** @type {import('./icons.js').IconName} */ name, /** @type {(event: MouseEvent) => void} */ onclick) =>
    element('button', { type: 'button', class: 'quiet', 'aria-label': label, title: label, onclick }, icon(name))
  const { editSize } = editing
  if (editSize) return [button('Shape and presets', 'frame', ({ currentTarget }) => editSize(belowOf(/** @type {HTMLElement} */ (currentTarget))))]
  if (widget.kind !== 'seed') return []
  const last = button('The last seed that ran', 'restore', () => editing.useLast())
  for (const kind of ['pointerenter', 'focus']) last.addEventListener(kind, () => void tellLast(last, editing))
  return [last, button('Another seed', 'die', () => change(randomSeed(widget)))]
}

/** Which seed it was. @param {HTMLElement} button @param {import('./form_fields.js').FieldEditing} editing */
const tellLast = async (button, editing) => {
  const value = await editing.lastValue().catch(() => undefined)
  if (typeof value === 'number') button.title = `The last seed that ran: ${value}`
}

/** @param {HTMLElement} anchor @returns {[number, number]} */
const belowOf = (anchor) => {
  const { right, bottom } = anchor.getBoundingClientRect()
  return [right - 300, bottom + 6]
}
