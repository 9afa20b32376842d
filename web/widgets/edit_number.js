// Typing a number: plain, as arithmetic, or by the names of other inputs; arrows and the wheel step it.

import { setInput } from '../document/edits.js'
import { evaluate } from '../kernels/arithmetic.js'
import { conformed, numberText, stepOf } from '../kernels/numbers.js'
import { pushed } from '../kernels/ranges.js'
import { openFieldEditor } from './field_editor.js'
import { inputNumbers } from './number_names.js'
import { historyKey } from './text_session.js'

/** @typedef {import('../document/store.js').Store} Store */
/** @typedef {import('./field.js').Field} Field */
/** @typedef {import('./field_editor.js').OpenEditor} OpenEditor */

/** @param {HTMLElement} host @param {Store} store @param {Field} field @param {import('./edit_text.js').Then} then @returns {OpenEditor} */
export const editNumber = (host, store, field, then) => new NumberEditor(host, store, field, then).editor

class NumberEditor {
  #store
  #field
  #then
  /** What a formula can name. */
  #names
  #before
  #told = Object.assign(document.createElement('div'), { className: 'field-told', hidden: true })
  #open

  /** @param {HTMLElement} host @param {Store} store @param {Field} field @param {import('./edit_text.js').Then} then */
  constructor(host, store, field, then) {
    this.#store = store
    this.#field = field
    this.#then = then
    this.#names = inputNumbers(store, field.node, field.input.name)
    this.#before = numberText(field.widget, field.value)
    this.#open = openFieldEditor(host, {
      rect: field.rect, text: this.#before, className: 'field-number', label: field.input.name, multiline: false,
      onInput: () => this.#tell(), onKey: (event) => this.#key(event), onClose: (text, keep) => this.#close(text, keep),
    })
    const { element } = this.#open
    element.addEventListener('wheel', (event) => this.#wheel(/** @type {WheelEvent} */ (event)), { passive: false })
    element.inputMode = 'decimal'
    this.#told.style.width = `${field.rect.width}px`
    host.append(this.#told)
    element.focus({ preventScroll: true })
    element.select()
  }

  /** @returns {OpenEditor} */
  get editor() {
    const { element, close, follow } = this.#open
    return {
      element, close,
      follow: (camera) => {
        follow(camera)
        this.#told.style.transform = `${element.style.transform} translate(0, ${this.#field.rect.height}px)`
      },
    }
  }

  /** @param {string} text */
  #valueOf(text) {
    return evaluate(text, this.#names)
  }

  /** What a formula makes, or what it could name. */
  #tell() {
    const { element } = this.#open
    const { widget } = this.#field
    const value = this.#valueOf(element.value)
    element.classList.toggle('field-wrong', value === null)
    this.#told.hidden = /^\s*[-+]?[\d.]*\s*$/.test(element.value)
    this.#told.textContent = value === null ? `Known here: ${siblings(this.#names).join(', ') || 'numbers and + - * / ^ ( )'}` : `= ${numberText(widget, conformed(widget, value))}`
  }

  /** @param {number} steps */
  #step(steps) {
    const { element } = this.#open
    const { widget } = this.#field
    element.value = numberText(widget, conformed(widget, (this.#valueOf(element.value) ?? 0) + steps * stepOf(widget)))
    this.#tell()
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault()
    event.stopPropagation()
    this.#step(-Math.sign(event.deltaY || event.deltaX) * (event.shiftKey ? 10 : 1)) // Shift turns a wheel sideways.
  }

  /** @param {KeyboardEvent} event @returns {boolean} */
  #key(event) {
    const undoes = historyKey(event)
    if (undoes && this.#open.element.value === this.#before) { // Nothing to take back here: what was done before this is meant.
      this.#open.close(false)
      this.#store[undoes]()
      return true
    }
    if (event.key === 'Tab') {
      this.#open.close(true)
      this.#then.onTab(event.shiftKey)
      return true
    }
    const way = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0
    if (way) this.#step(way * (event.shiftKey ? 10 : 1))
    return way !== 0
  }

  /** @param {string} text @param {boolean} keep */
  #close(text, keep) {
    const { widget, node, input, siblings: others } = this.#field
    const value = this.#valueOf(text)
    this.#told.remove()
    this.#then.onClose()
    if (!keep || value === null) return
    this.#store.edit(`Set ${input.name}`, () => {
      for (const [name, each] of pushed(widget, input.name, conformed(widget, value), others)) setInput(this.#store, node, name, each)
    })
  }
}

/** The node's own inputs. @param {Readonly<Record<string, number>>} names */
const siblings = (names) => Object.keys(names).filter((name) => !name.includes('.'))
