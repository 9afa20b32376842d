// One field of the form for each kind of widget: the editors of the canvas, in a page.

import { attachText } from '../widgets/attach_text.js'
import { openChoiceList } from '../widgets/choice_list.js'
import { saidValue } from '../document/said.js'
import { translate } from '../languages/language.js'
import { isCurve } from '../kernels/curve.js'
import { viewOfCurve } from '../kernels/curve_edit.js'
import { smallPlot } from './curve_plot.js'
import { element } from './element.js'
import { numberField } from './form_number.js'
import { icon } from './icons.js'

/** @typedef {import('../document/catalog.js').Widget} Widget */
/**
 * @typedef {object} Field
 * @property {HTMLElement} node
 * @property {(value: unknown) => void} show never while one types in it
 * @property {() => void} [end]
 */
/**
 * How a field is edited: what the shell knows of its input.
 * @typedef {object} FieldEditing
 * @property {(changed: (text: string) => void) => import('../widgets/text_session.js').TextSession} session
 * @property {import('../widgets/prompt_help.js').PromptServices | null} prompt
 * @property {import('../widgets/choice_rows.js').ChoiceDetails | null} details
 * @property {(text: string) => number | null} evaluate
 * @property {() => void} useLast
 * @property {() => Promise<unknown>} lastValue what the input had in the last run
 * @property {((client: [number, number]) => void) | null} editSize of a width
 * @property {(client: [number, number]) => void} editCurve
 */
/** @typedef {{id: string, label: string, widget: Widget, change: (value: unknown) => void, upload: (file: File) => void, editing: FieldEditing}} FieldOptions */

/** @param {FieldOptions} options @returns {Field} */
export const createField = (options) => {
  const { kind } = options.widget
  if (kind === 'int' || kind === 'float' || kind === 'seed') return numberField(options)
  if (kind === 'choice' || kind === 'file') return choice(options)
  if (kind === 'curve') return curve(options)
  return kind === 'toggle' ? toggle(options) : text(options)
}

/** @param {FieldOptions} options @returns {Field} */
const text = ({ id, widget, editing }) => {
  const area = element('textarea', { id, class: widget.multiline ? 'form-text' : 'form-line', rows: widget.multiline ? 3 : 1, spellcheck: false, dir: 'auto', placeholder: widget.placeholder ?? '' })
  const attached = attachText(area, { open: editing.session, prompt: widget.multiline ? editing.prompt : null })
  area.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !widget.multiline && !event.isComposing) return event.preventDefault()
    if (!attached.key(event)) return
    event.preventDefault()
    event.stopPropagation()
  })
  const sized = new ResizeObserver(() => attached.help?.place())
  sized.observe(area)
  return {
    node: element('div', { class: 'form-prompt' }, area, attached.help?.marks, attached.help?.foot),
    show: (value) => {
      const shown = String(value ?? '')
      if (document.activeElement === area || area.value === shown) return
      area.value = shown
      attached.help?.update()
    },
    end: () => {
      attached.end()
      sized.disconnect()
    },
  }
}

/** @param {FieldOptions} options @returns {Field} */
const choice = ({ id, label, widget, change, upload, editing }) => {
  const choices = widget.choices ?? []
  /** @type {unknown} */
  let current = null
  const name = element('span', { class: 'form-chosen', translate: 'no' })
  const open = async () => {
    const { x, y, width, height } = select.getBoundingClientRect()
    const chosen = await openChoiceList({ anchor: { x, y, width, height }, choices, current, label, details: editing.details })
    select.focus({ preventScroll: true })
    if (chosen !== null) change(chosen)
  }
  const select = element('button', { id, type: 'button', class: 'form-select', 'aria-haspopup': 'listbox', onclick: () => void open() }, name, icon('down'))
  const file = element('input', { type: 'file', accept: 'image/*', hidden: true, 'aria-label': 'Picture file', onchange: () => file.files?.[0] && upload(file.files[0]) })
  const button = widget.upload ? element('button', { type: 'button', onclick: () => file.click() }, icon('open'), 'Choose a picture') : null
  return {
    node: element('div', { class: 'form-choose' }, select, button, button && file),
    show: (value) => {
      current = value
      const isGone = value !== null && value !== undefined && !choices.some((each) => each === value)
      name.textContent = value === null || value === undefined ? translate('Choose …') : `${String(value)}${isGone ? ' (not there)' : ''}`
      select.classList.toggle('form-gone', isGone)
      select.setAttribute('aria-label', `${label}: ${name.textContent}`)
    },
  }
}

/** @param {FieldOptions} options @returns {Field} */
const toggle = ({ id, change }) => {
  const box = element('input', { id, type: 'checkbox', onchange: () => change(box.checked) })
  return { node: box, show: (value) => (box.checked = value === true) }
}

const PLOT = { width: 300, height: 72, inset: 6 }

/** @param {FieldOptions} options @returns {Field} */
const curve = ({ id, label, widget, editing }) => {
  const open = () => {
    const { left, bottom } = button.getBoundingClientRect()
    editing.editCurve([left, bottom + 4])
  }
  const button = element('button', { id, type: 'button', class: 'form-plot', 'aria-haspopup': 'dialog', onclick: open })
  return {
    node: button,
    show: (value) => {
      button.setAttribute('aria-label', `${label}: ${saidValue(value)}`)
      button.replaceChildren(isCurve(value) ? smallPlot(value, PLOT, viewOfCurve(widget, value)) : 'Draw a curve')
    },
  }
}
