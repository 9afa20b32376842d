// Editing a sweep: its values and its axis, and what a run of it will mean. Nothing changes until it is done.

import { axesOf, describeSweep, readValues, typedText } from '../document/sweeps.js'
import { element, placeInWindow } from './element.js'

/** @typedef {import('../document/catalog.js').Widget} Widget */
/** @typedef {import('../document/sweeps.js').Sweep} Sweep */
/** @typedef {import('../document/workflow_format.js').NodeRecord} NodeRecord */

/**
 * @typedef {object} SweepRequest
 * @property {readonly [number, number]} client where to open
 * @property {string} label of the input
 * @property {Widget} widget
 * @property {Sweep} sweep
 * @property {readonly NodeRecord[]} others the document's nodes, without this input
 * @property {boolean} removable
 */

/** @type {(() => void) | null} */
let closeOpen = null

/** @param {SweepRequest} request @returns {Promise<Sweep | 'remove' | null>} null: left as it was */
export const openSweep = (request) => new Promise((resolve) => {
  closeOpen?.()
  const { widget, label, sweep } = request
  const values = valuesEditor(widget, sweep.sweep, () => tell())
  const axes = axesOf(request.others)
  const axis = element('input', { class: 'sweep-axis', value: sweep.axis ?? '', spellcheck: false, 'aria-label': 'Axis' })
  axis.setAttribute('list', 'sweep-axes')
  const known = element('datalist', { id: 'sweep-axes' }, ...axes.map(({ name }) => element('option', { value: name })))
  const told = element('p', { class: 'sweep-told', role: 'status' })
  const done = element('button', { type: 'submit', class: 'primary' }, 'Done')
  const remove = element('button', { type: 'button', onclick: () => close('remove') }, 'Use one value')
  const panel = element('form', { class: 'panel sweep-panel', role: 'dialog', 'aria-label': `Sweep ${label}`, noValidate: true },
    element('h2', {}, `Sweep ${label}`), values.node, element('label', { class: 'sweep-row' }, element('span', {}, 'Axis'), axis), known, told,
    element('footer', {}, request.removable && remove, element('span', { class: 'sweep-space' }), done))

  const read = () => ({ sweep: values.read(), axis: axis.value.trim() })
  const tell = () => {
    const { sweep: found, axis: name } = read()
    const said = !found ? { text: values.wrong, fits: false }
      : name ? describeSweep(axes, { axis: name, count: found.length }) : { text: 'Name the axis.', fits: false }
    told.textContent = said.text
    told.classList.toggle('wrong', !said.fits)
    done.disabled = !found || !name
  }
  const close = (/** @type {Sweep | 'remove' | null} */ result) => {
    if (closeOpen !== dismiss) return
    closeOpen = null
    panel.remove()
    removeEventListener('pointerdown', pressed, true)
    resolve(result)
  }
  const dismiss = () => close(null)
  const begun = values.read()
  /** Texts that were typed are work. */
  const isWritten = () => widget.kind === 'text' && JSON.stringify(values.read()) !== JSON.stringify(begun)
  const keep = () => {
    const { sweep: found, axis: name } = read()
    close(found && name ? { sweep: found, axis: name } : null)
  }
  const pressed = (/** @type {PointerEvent} */ { target }) => panel.contains(/** @type {Node} */ (target)) || keep()
  panel.addEventListener('submit', (event) => (event.preventDefault(), keep()))
  panel.addEventListener('input', tell)
  panel.addEventListener('keydown', (event) => {
    event.stopPropagation()
    if (event.key === 'Escape') isWritten() ? keep() : dismiss()
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) keep()
  })
  closeOpen = dismiss
  addEventListener('pointerdown', pressed, true)
  document.body.append(panel)
  placeInWindow(panel, request.client)
  tell()
  values.focus()
})

/**
 * Where values are typed or ticked.
 * @param {Widget} widget @param {readonly unknown[]} values @param {() => void} changed
 * @returns {{node: HTMLElement, read: () => unknown[] | null, focus: () => void, wrong: string}}
 */
const valuesEditor = (widget, values, changed) => {
  const choices = widget.kind === 'toggle' ? [false, true] : widget.choices
  if (choices && ['toggle', 'choice', 'file'].includes(widget.kind)) return tickList(choices, values, changed)
  const isText = widget.kind === 'text'
  const isCurve = widget.kind === 'curve'
  const area = element('textarea', { class: 'sweep-values', value: typedText(widget, values), rows: isText || isCurve ? 6 : 2, spellcheck: false, 'aria-label': 'Values' })
  area.placeholder = isText ? 'One text in a line' : isCurve ? '0: 8, 1: 2, smooth' : '4, 6, 8 or 1..9'
  const focus = () => {
    area.focus()
    area.setSelectionRange(area.value.length, area.value.length)
  }
  const wrong = isCurve ? 'Give a curve in each line: points, and what lies between them.' : 'Give numbers between commas, or a range such as 1..9.'
  return { node: area, read: () => readValues(widget, area.value), focus, wrong }
}

/** Ticked values keep the order in which they were; new ones come last. @param {readonly unknown[]} choices @param {readonly unknown[]} values @param {() => void} changed */
const tickList = (choices, values, changed) => {
  let chosen = [...values]
  const gone = values.filter((value) => !choices.includes(value))
  const row = (/** @type {unknown} */ choice) => {
    const box = element('input', { type: 'checkbox', checked: chosen.includes(choice) })
    box.onchange = () => {
      chosen = box.checked ? [...chosen, choice] : chosen.filter((value) => value !== choice)
      changed()
    }
    return element('label', { class: gone.includes(choice) ? 'gone' : null }, box, typeof choice === 'boolean' ? (choice ? 'On' : 'Off') : String(choice))
  }
  const list = element('div', { class: 'sweep-ticks', role: 'group', 'aria-label': 'Values' }, ...[...gone, ...choices].map(row))
  const focus = () => list.querySelector('input')?.focus()
  return { node: list, read: () => (chosen.length ? chosen : null), focus, wrong: 'Choose one at least.' }
}
