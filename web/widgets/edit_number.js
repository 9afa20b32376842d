// Typing a number: plain, as arithmetic, or by the names of other inputs; arrows and the wheel step it.

import { setInput } from '../document/edits.js'
import { sizeSides } from '../kernels/fitting.js'
import { conformed, isWhole, numberText, readNumber, stepOf } from '../kernels/numbers.js'
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
      onInput: () => this.#tell(), onKey: (event) => this.#key(event), onFlush: (text) => this.#keep(text), onClose: (text, keep) => this.#close(text, keep),
    })
    const { element } = this.#open
    element.addEventListener('wheel', (event) => this.#wheel(/** @type {WheelEvent} */ (event)), { passive: false })
    element.addEventListener('dblclick', () => /** @type {HTMLInputElement} */ (element).select()) // A word of it is no number: -0.5.
    element.inputMode = 'decimal'
    this.#told.style.width = `${field.rect.width}px`
    this.#told.setAttribute('role', 'status')
    host.append(this.#told)
    element.focus({ preventScroll: true })
    element.select()
  }

  /** @returns {OpenEditor} */
  get editor() {
    const { element, follow } = this.#open
    return {
      ...this.#open,
      follow: (camera) => {
        follow(camera)
        this.#told.style.transform = `${element.style.transform} translate(0, ${this.#field.rect.height}px)`
      },
    }
  }

  /** @param {string} text */
  #valueOf(text) {
    return readNumber(this.#field.widget, text, this.#names)
  }

  /** The whole size that a text says: `512x768` in a width or a height. @param {string} text @returns {[string, number][] | null} */
  #sizeOf(text) {
    const { widget, input, siblings: others } = this.#field
    return sizeSides(widget, input.name, text, others)
  }

  /** What a formula makes, what it could name, and where the limits are. */
  #tell() {
    const { element } = this.#open
    const { widget } = this.#field
    const size = this.#sizeOf(element.value)
    const value = this.#valueOf(element.value)
    element.classList.toggle('field-wrong', value === null && !size)
    const isPlain = /^\s*[-+−]?[\d.,]*\s*$/.test(element.value)
    const taken = value === null ? null : conformed(widget, value)
    this.#told.hidden = size === null && isPlain && (value === null || taken === value)
    if (size) this.#told.textContent = `= ${size.map(([, side]) => side).join(' × ')}`
    else if (value === null || taken === null) this.#told.textContent = `Known here: ${siblings(this.#names).join(', ') || 'numbers and + - * / ^ ( )'}`
    else this.#told.textContent = limitText(widget, value, taken) || `= ${numberText(widget, taken)}`
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
    const way = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key]
    if (way) this.#step(way * (event.shiftKey ? 10 : 1))
    return way !== undefined
  }

  /** @param {string} text @param {boolean} keep */
  #close(text, keep) {
    this.#told.remove()
    this.#then.onClose()
    if (keep) this.#keep(text)
  }

  /** @param {string} text */
  #keep(text) {
    const { widget, node, input, siblings: others } = this.#field
    if (text === this.#before) return
    const value = this.#valueOf(text)
    const taken = value === null ? null : conformed(widget, value)
    const size = this.#sizeOf(text)
    if (!size && (value === null || taken === null)) return this.#then.notify(`“${text}” is no number: ${said(input)} stays ${this.#before}`)
    if (!size && value !== null && taken !== null && limitText(widget, value, taken)) this.#then.notify(`${said(input)}: ${limitText(widget, value, taken)}`)
    this.#store.edit(size ? 'Set size' : `Set ${input.name}`, () => {
      for (const [name, each] of size ?? pushed(widget, input.name, Number(taken), others)) setInput(this.#store, node, name, each)
    })
    this.#before = text
  }
}

/** @param {import('../document/catalog.js').InputType} input */
const said = ({ name }) => name.replaceAll('_', ' ')

/** Which limit a value has met; empty where none. @param {import('../document/catalog.js').Widget} widget @param {number} value @param {number} taken */
const limitText = (widget, value, taken) => {
  if (Math.abs(taken - value) < (isWhole(widget) ? 1 : 1e-9)) return ''
  return taken < value ? `${numberText(widget, taken)} is the most` : `${numberText(widget, taken)} is the least`
}

/** The node's own inputs. @param {Readonly<Record<string, number>>} names */
const siblings = (names) => Object.keys(names).filter((name) => !name.includes('.'))
