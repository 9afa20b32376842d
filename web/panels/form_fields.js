// One field of the form for each kind of widget: what the browser itself offers, in the editor's look.

import { numberText, randomSeed } from '../kernels/numbers.js'
import { element } from './element.js'
import { icon } from './icons.js'

/** @typedef {import('../document/catalog.js').Widget} Widget */
/**
 * @typedef {object} Field
 * @property {HTMLElement} node
 * @property {(value: unknown) => void} show never while one types in it
 */
/** @typedef {{id: string, widget: Widget, change: (value: unknown) => void, upload: (file: File) => void}} FieldOptions */

/** @param {FieldOptions} options @returns {Field} */
export const createField = (options) => {
  const { kind, multiline } = options.widget
  if (kind === 'text' && multiline) return textArea(options)
  if (kind === 'int' || kind === 'float' || kind === 'seed') return number(options)
  if (kind === 'choice' || kind === 'file') return choice(options)
  if (kind === 'toggle') return toggle(options)
  return line(options)
}

/** @param {HTMLElement} input */
const isBusy = (input) => document.activeElement === input

/** @param {FieldOptions} options @returns {Field} */
const textArea = ({ id, widget, change }) => {
  const area = element('textarea', { id, class: 'form-text', rows: 3, placeholder: widget.placeholder ?? '', oninput: () => change(area.value) })
  return { node: area, show: (value) => isBusy(area) || (area.value = String(value ?? '')) }
}

/** @param {FieldOptions} options @returns {Field} */
const line = ({ id, change }) => {
  const input = element('input', { id, type: 'text', oninput: () => change(input.value) })
  return { node: input, show: (value) => isBusy(input) || (input.value = String(value ?? '')) }
}

/** A slider beside the number where it has both ends near each other. @param {FieldOptions} options @returns {Field} */
const number = ({ id, widget, change }) => {
  const { min, max, step = widget.kind === 'float' ? 0.01 : 1 } = widget
  const set = (/** @type {HTMLInputElement} */ input) => input.value !== '' && Number.isFinite(input.valueAsNumber) && change(input.valueAsNumber)
  const input = element('input', { id, type: 'number', min, max: widget.kind === 'seed' ? undefined : max, step: widget.kind === 'float' ? 'any' : step, inputMode: 'decimal', oninput: () => set(input) })
  const isShort = widget.kind !== 'seed' && min !== undefined && max !== undefined && (max - min) / step <= 400
  const slider = element('input', { type: 'range', min, max, step, tabIndex: -1, 'aria-hidden': 'true', oninput: () => set(slider) })
  const die = widget.kind === 'seed' ? element('button', { type: 'button', class: 'quiet', 'aria-label': 'Another seed', title: 'Another seed', onclick: () => change(randomSeed(widget)) }, icon('restore')) : null
  return {
    node: element('div', { class: 'form-number' }, isShort && slider, input, die),
    show: (value) => {
      if (!isBusy(input)) input.value = typeof value === 'number' ? numberText(widget, value) : ''
      if (typeof value === 'number') slider.value = String(value)
    },
  }
}

/** @param {FieldOptions} options @returns {Field} */
const choice = ({ id, widget, change, upload }) => {
  const choices = widget.choices ?? []
  const select = element('select', { id, onchange: () => change(choices[Number(select.value)]) })
  const file = element('input', { type: 'file', accept: 'image/*', hidden: true, 'aria-label': 'Picture file', onchange: () => file.files?.[0] && upload(file.files[0]) })
  const button = widget.upload ? element('button', { type: 'button', onclick: () => file.click() }, icon('open'), 'Choose a picture') : null
  return {
    node: element('div', { class: 'form-choice' }, select, button, button && file),
    show: (value) => {
      const at = choices.indexOf(/** @type {string} */ (value))
      const gone = at < 0 ? [element('option', { value: '-1' }, value === null || value === undefined ? 'choose' : `${String(value)} (not there)`)] : []
      select.replaceChildren(...gone, ...choices.map((each, index) => element('option', { value: String(index) }, String(each))))
      select.value = String(at)
    },
  }
}

/** @param {FieldOptions} options @returns {Field} */
const toggle = ({ id, change }) => {
  const box = element('input', { id, type: 'checkbox', onchange: () => change(box.checked) })
  return { node: box, show: (value) => (box.checked = value === true) }
}
