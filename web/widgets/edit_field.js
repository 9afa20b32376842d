// Typing a widget's value: numbers with arithmetic, texts as they are written.

import { setInput } from '../document/edits.js'
import { evaluate } from '../kernels/arithmetic.js'
import { conformed, numberText, stepOf } from '../kernels/numbers.js'
import { editText } from './edit_text.js'
import { openFieldEditor } from './field_editor.js'

/** @typedef {import('../document/store.js').Store} Store */
/** @typedef {import('./field.js').Field} Field */
/** @typedef {import('./field_editor.js').OpenEditor} OpenEditor */

/**
 * @param {HTMLElement} host
 * @param {Store} store
 * @param {Field} field
 * @param {import('./edit_text.js').Then} then
 * @returns {OpenEditor}
 */
export const editField = (host, store, field, then) =>
  field.widget.kind === 'text' ? editText(host, store, field, then) : editNumber(host, store, field, then)

/** @param {HTMLElement} host @param {Store} store @param {Field} field @param {import('./edit_text.js').Then} then */
const editNumber = (host, store, field, { onClose, onTab }) => {
  const { widget } = field
  const editor = openFieldEditor(host, {
    rect: field.rect, text: numberText(widget, field.value), className: 'field-number', label: field.input.name, multiline: false,
    onInput: (text) => editor.element.classList.toggle('field-wrong', evaluate(text) === null),
    onKey: (event, element) => {
      if (event.key === 'Tab') {
        editor.close(true)
        onTab(event.shiftKey)
        return true
      }
      const direction = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0
      if (!direction) return false
      const factor = event.shiftKey ? 10 : 1
      element.value = numberText(widget, conformed(widget, (evaluate(element.value) ?? 0) + direction * factor * stepOf(widget)))
      return true
    },
    onClose: (text, keep) => {
      const value = evaluate(text)
      onClose()
      if (keep && value !== null) setInput(store, field.node, field.input.name, conformed(widget, value))
    },
  })
  editor.element.inputMode = 'decimal'
  return opened(editor)
}

/** @param {OpenEditor} editor */
const opened = (editor) => {
  editor.element.focus({ preventScroll: true })
  editor.element.select()
  return editor
}
