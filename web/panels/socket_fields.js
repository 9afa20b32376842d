// What a socket of a signature says besides its name: what it is called on screen, and what an input is where nothing is given.

import { saidValue } from '../document/said.js'
import { evaluate } from '../kernels/arithmetic.js'
import { fitted } from '../kernels/fitting.js'
import { conformed, numberText } from '../kernels/numbers.js'
import { element } from './element.js'

/** @typedef {import('../document/catalog.js').Widget} Widget */
/** @typedef {import('../document/subgraph_format.js').Socket} Socket */

const NUMBERS = new Set(['int', 'float', 'seed'])
const CHOICES = new Set(['choice', 'file', 'toggle'])

/** @param {Widget} widget */
const choicesOf = ({ kind, choices = [] }) => (kind === 'toggle' ? [true, false] : choices)

/** @param {unknown} choice */
const said = (choice) => (choice === true ? 'on' : choice === false ? 'off' : saidValue(choice))

/** What was typed as a default, or the words of the chosen one: undefined for none, null where the widget takes no such value. @param {Widget} widget @param {string} text @returns {unknown} */
export const readDefault = (widget, text) => {
  if (text.trim() === '') return undefined
  if (CHOICES.has(widget.kind)) return choicesOf(widget).find((choice) => said(choice) === text) ?? null
  if (widget.kind === 'curve') return fitted(widget, text) ?? null
  if (!NUMBERS.has(widget.kind)) return text
  const value = evaluate(text)
  return value === null ? null : conformed(widget, value)
}

/**
 * The line below a socket.
 * @param {Socket} socket @param {Widget | null} widget that the input leads to @param {(fields: Partial<Socket>) => void} change
 */
export const socketFields = (socket, widget, change) => {
  const label = element('input', { type: 'text', value: socket.label ?? '', placeholder: socket.name.replaceAll('_', ' '), maxLength: 80 })
  label.onchange = () => change({ label: label.value.trim() || undefined })
  const fields = [labelled('Label', `Label of ${socket.name}`, label), widget && labelled('Default', `Default of ${socket.name}`, defaultField(socket, widget, (value) => change({ default: value })))]
  return element('div', { class: 'signature-more' }, ...fields)
}

/** @param {string} words @param {string} name for screen readers @param {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} field */
const labelled = (words, name, field) => {
  field.setAttribute('aria-label', name)
  field.addEventListener('keydown', (event) => {
    const { key, isComposing } = /** @type {KeyboardEvent} */ (event)
    if (key === 'Enter' && !isComposing && field instanceof HTMLInputElement) field.blur()
    if (key !== 'Escape') event.stopPropagation()
  })
  return element('label', {}, words, field)
}

/** Empty: what stands inside counts, which it shows. @param {Socket} socket @param {Widget} widget @param {(value: unknown) => void} change */
const defaultField = ({ default: preset }, widget, change) => {
  const shown = preset === undefined ? '' : NUMBERS.has(widget.kind) ? numberText(widget, preset) : said(preset)
  if (CHOICES.has(widget.kind)) return chooser(widget, preset, (text) => change(readDefault(widget, text)))
  const inside = preset !== undefined ? '' : NUMBERS.has(widget.kind) ? numberText(widget, widget.default) : saidValue(widget.default)
  const field = element(widget.multiline ? 'textarea' : 'input', { value: shown, placeholder: inside, spellcheck: false, translate: 'no', ...(widget.multiline ? { rows: 2 } : { type: 'text' }) })
  field.onchange = () => {
    const value = readDefault(widget, field.value)
    if (value === null) field.value = shown
    else change(value)
  }
  return field
}

/** @param {Widget} widget @param {unknown} preset @param {(text: string) => void} change */
const chooser = (widget, preset, change) => {
  const known = choicesOf(widget)
  const offered = preset === undefined || known.some((choice) => choice === preset) ? known : [preset, ...known]
  const select = element('select', {}, element('option', { value: '', selected: preset === undefined }, 'as inside'),
    ...offered.map((choice) => element('option', { value: said(choice), selected: choice === preset, translate: widget.kind === 'toggle' ? undefined : 'no' }, said(choice))))
  select.onchange = () => change(select.value)
  return select
}
