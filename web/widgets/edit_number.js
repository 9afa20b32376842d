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
export const editNumber = (host, store, field, { onClose, onTab }) => {
  const { widget, node, input, rect } = field
  const names = inputNumbers(store, node, input.name)
  const before = numberText(widget, field.value)
  const valueOf = (/** @type {string} */ text) => evaluate(text, names)
  const step = (/** @type {number} */ steps) => {
    editor.element.value = numberText(widget, conformed(widget, (valueOf(editor.element.value) ?? 0) + steps * stepOf(widget)))
    tell()
  }
  const editor = openFieldEditor(host, {
    rect, text: before, className: 'field-number', label: input.name, multiline: false,
    onInput: () => tell(),
    onKey: (event, element) => {
      const undoes = historyKey(event)
      if (undoes && element.value === before) { // Nothing to take back here: what was done before this is meant.
        editor.close(false)
        store[undoes]()
        return true
      }
      if (event.key === 'Tab') {
        editor.close(true)
        onTab(event.shiftKey)
        return true
      }
      const way = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0
      if (way) step(way * (event.shiftKey ? 10 : 1))
      return way !== 0
    },
    onClose: (text, keep) => {
      const value = valueOf(text)
      told.remove()
      onClose()
      if (!keep || value === null) return
      store.edit(`Set ${input.name}`, () => {
        for (const [name, each] of pushed(widget, input.name, conformed(widget, value), field.siblings)) setInput(store, node, name, each)
      })
    },
  })
  const told = Object.assign(document.createElement('div'), { className: 'field-told', hidden: true })
  const tell = () => {
    const text = editor.element.value
    const value = valueOf(text)
    editor.element.classList.toggle('field-wrong', value === null)
    told.hidden = /^\s*[-+]?[\d.]*\s*$/.test(text)
    told.textContent = value === null ? `Known here: ${siblings(names).join(', ') || 'numbers and + - * / ^ ( )'}` : `= ${numberText(widget, conformed(widget, value))}`
  }
  editor.element.addEventListener('wheel', (event) => {
    event.preventDefault()
    event.stopPropagation()
    const { deltaX, deltaY, shiftKey } = /** @type {WheelEvent} */ (event) // Shift turns a wheel sideways.
    step(-Math.sign(deltaY || deltaX) * (shiftKey ? 10 : 1))
  }, { passive: false })
  editor.element.inputMode = 'decimal'
  host.append(told)
  told.style.width = `${rect.width}px`
  editor.element.focus({ preventScroll: true })
  editor.element.select()
  return {
    ...editor,
    follow: (camera) => {
      editor.follow(camera)
      told.style.transform = `${editor.element.style.transform} translate(0, ${rect.height}px)`
    },
  }
}

/** The node's own inputs. @param {Readonly<Record<string, number>>} names */
const siblings = (names) => Object.keys(names).filter((name) => !name.includes('.'))
