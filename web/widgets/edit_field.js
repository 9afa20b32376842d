// Typing a widget's value, over its place on the canvas.

import { editNumber } from './edit_number.js'
import { editText } from './edit_text.js'

/**
 * @param {HTMLElement} host
 * @param {import('../document/store.js').Store} store
 * @param {import('./field.js').Field} field
 * @param {import('./edit_text.js').Then} then
 * @returns {import('./field_editor.js').OpenEditor}
 */
export const editField = (host, store, field, then) =>
  field.widget.kind === 'text' ? editText(host, store, field, then) : editNumber(host, store, field, then)
