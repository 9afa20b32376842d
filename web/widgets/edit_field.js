// Typing a widget's value: numbers with arithmetic, texts live; one undo entry from opening to closing.

import { setInput } from '../document/edits.js'
import { evaluate } from '../kernels/arithmetic.js'
import { conformed, numberText, stepOf } from '../kernels/numbers.js'
import { looseBracket, weighted } from '../kernels/prompt_weight.js'
import { isLongText } from '../kernels/layout.js'
import { openFieldEditor } from './field_editor.js'

/** @typedef {import('../document/store.js').Store} Store */
/** @typedef {import('./field.js').Field} Field */
/** @typedef {import('./field_editor.js').OpenEditor} OpenEditor */

/**
 * @param {HTMLElement} host
 * @param {Store} store
 * @param {Field} field
 * @param {{onClose: () => void, onTab: (backwards: boolean) => void}} then
 * @returns {OpenEditor}
 */
export const editField = (host, store, field, then) =>
  field.widget.kind === 'text' ? editText(host, store, field, then) : editNumber(host, store, field, then)

/** @param {HTMLElement} host @param {Store} store @param {Field} field @param {{onClose: () => void, onTab: (backwards: boolean) => void}} then */
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
  return opened(editor, true)
}

/** @param {HTMLElement} host @param {Store} store @param {Field} field @param {{onClose: () => void, onTab: (backwards: boolean) => void}} then */
const editText = (host, store, field, { onClose, onTab }) => {
  const multiline = isLongText(field.widget)
  store.begin(`Edit ${field.input.name}`)
  const editor = openFieldEditor(host, {
    rect: field.rect, text: String(field.value ?? ''), className: multiline ? 'field-text' : 'field-line', label: field.input.name, multiline,
    onInput: (text) => {
      setInput(store, field.node, field.input.name, text)
      editor.element.classList.toggle('field-unbalanced', multiline && looseBracket(text) !== null)
    },
    onKey: (event, element) => {
      if (weigh(event, element)) return true
      if (event.key !== 'Tab') return false
      editor.close(true)
      onTab(event.shiftKey)
      return true
    },
    onClose: (_text, keep) => {
      if (keep) store.commit()
      else store.cancel()
      onClose()
    },
  })
  return opened(editor, !multiline)
}

/** Ctrl and an arrow change the weight under the caret; typing it could be undone, and so can this. @param {KeyboardEvent} event @param {HTMLInputElement | HTMLTextAreaElement} element */
const weigh = (event, element) => {
  const way = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0
  if (!way || !(event.ctrlKey || event.metaKey)) return false
  const edit = weighted(element.value, element.selectionStart ?? 0, element.selectionEnd ?? 0, way)
  if (!edit) return true
  element.setSelectionRange(edit.from, edit.to)
  document.execCommand('insertText', false, edit.insert)
  element.setSelectionRange(edit.start, edit.end)
  return true
}

/** @param {OpenEditor} editor @param {boolean} selectAll */
const opened = (editor, selectAll) => {
  editor.element.focus({ preventScroll: true })
  if (selectAll) editor.element.select()
  else editor.element.setSelectionRange(editor.element.value.length, editor.element.value.length)
  return editor
}
