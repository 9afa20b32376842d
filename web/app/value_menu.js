// What a right click on an input offers: its value back as it was, copied, named, and what its kind can do.

import { storedName } from '../document/addresses.js'
import { defaultValue, inputType, valueOf } from '../document/catalog.js'
import { setInput } from '../document/edits.js'
import { curveWords, isCurve } from '../kernels/curve.js'
import { heightOf } from '../kernels/fitting.js'
import { isLongText } from '../kernels/layout.js'
import { numberText, randomSeed } from '../kernels/numbers.js'
import { toast } from '../panels/toasts.js'
import { useLast } from './last_values.js'
import { editLarge } from './prompting.js'
import { describe } from './shortcuts.js'
import { editSize } from './sizing.js'
import { canPaste, copyValue, pasteValue } from './value_clipboard.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('./menus.js').MenuRow} MenuRow */
/** @typedef {import('../document/catalog.js').Widget} Widget */

/** @param {App} app @param {string} node @param {string} input @param {readonly [number, number]} client @returns {MenuRow[]} */
export const valueRows = (app, node, input, client) => {
  const { store, catalog } = app
  const record = store.node(node)
  const type = record && inputType(catalog, record.type, input)
  if (!record || !type?.widget || store.linksTo(node, input).length) return []
  const { widget } = type
  const value = valueOf(record, type)
  const original = defaultValue(widget)
  return [
    ...kindRows(app, node, input, widget, value, client),
    { label: original === null ? 'Reset' : `Reset to ${shown(widget, original)}`, enabled: original !== null && JSON.stringify(original) !== JSON.stringify(value), run: () => setInput(store, node, input, original) },
    { label: 'Copy value', run: () => void copyValue(app, node, input) },
    { label: 'Paste value', enabled: canPaste(app, node, input), run: () => pasteValue(app, node, input) },
    { label: `Copy as reference: ${storedName(store, node)}.${input}`, run: () => void copyReference(app, `${storedName(store, node)}.${input}`) },
    'line',
  ]
}

/** @param {App} app @param {string} name */
const copyReference = async ({ store }, name) => {
  await navigator.clipboard.writeText(name)
  toast(store.current ? `${name} names this input, in every instance, in formulas, --set and the protocol` : `${name} names this input in formulas, --set and the protocol`)
}

/** @param {App} app @param {string} node @param {string} input @param {Widget} widget @param {unknown} value @param {readonly [number, number]} client @returns {MenuRow[]} */
const kindRows = (app, node, input, widget, value, client) => {
  const { store } = app
  if (widget.kind === 'seed') {
    const next = typeof value === 'number' ? value + 1 : 0
    return [
      { label: 'Another seed', run: () => setInput(store, node, input, randomSeed(widget)) },
      { label: `Next seed: ${next}`, run: () => setInput(store, node, input, next) },
      { label: 'The last seed that ran', run: () => void useLast(app, node, input) },
      'line',
    ]
  }
  if (widget.kind === 'int' && (heightOf(input) || heightOf(input.replace('height', 'width')))) {
    return [{ label: 'Size…', run: () => void editSize(app, node, input.replace('height', 'width'), client) }, 'line']
  }
  return isLongText(widget) ? [{ label: 'Edit large', key: describe('Mod+E'), run: () => void editLarge(app, node, input) }, 'line'] : []
}

/** @param {Widget} widget @param {unknown} value */
const shown = (widget, value) => {
  const text = typeof value === 'boolean' ? (value ? 'on' : 'off') : (isCurve(value) ? curveWords(value) : numberText(widget, value)) || 'nothing'
  return text.length > 28 ? `${text.slice(0, 27)}…` : text
}
