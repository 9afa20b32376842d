// Values between widgets: Ctrl+C over one takes its value along, Ctrl+V over another sets it there.

import { inputType, valueOf } from '../document/catalog.js'
import { setInput } from '../document/edits.js'
import { isSweep } from '../document/sweeps.js'
import { curveWords, isCurve } from '../kernels/curve.js'
import { fitted, sizeSides } from '../kernels/fitting.js'
import { toast } from '../panels/toasts.js'
import { isTyping } from './shortcuts.js'

/** @typedef {import('./app.js').App} App */

/** Into a text one types: all of it would be replaced. */
const PASTED = new Set(['int', 'float', 'seed', 'choice', 'file'])
const LONGEST = 200

/** @typedef {{node: string, input: string, value: unknown, text: string}} CopiedValue */

/** What the clipboard of the system holds too, and must still hold. @type {CopiedValue | null} */
let copied = null
/** Nodes were copied with it: over the place of origin they are meant. */
let isWithNodes = false

/** @param {App} app @param {string} node @param {string} input */
const fieldOf = ({ store, catalog }, node, input) => {
  const record = store.node(node)
  const type = record && inputType(catalog, record.type, input)
  return record && type?.widget && !store.linksTo(node, input).length ? { widget: type.widget, value: valueOf(record, type) } : null
}

/** @param {App} app @param {string} node @param {string} input @returns {CopiedValue | null} */
const take = (app, node, input) => {
  const field = fieldOf(app, node, input)
  if (!field || field.value === null) return null
  return (copied = { node, input, value: structuredClone(field.value), text: isCurve(field.value) ? curveWords(field.value) : typeof field.value === 'object' ? JSON.stringify(field.value) : String(field.value) })
}

/** @param {App} app @param {string} node @param {string} input */
export const copyValue = async (app, node, input) => {
  const taken = take(app, node, input)
  isWithNodes = false
  if (taken) await navigator.clipboard.writeText(taken.text).then(() => toast(`Copied ${taken.input.replaceAll('_', ' ')}: ${short(taken.text)}`), () => {})
}

/** What the copied value is for this input; undefined where it is none. @param {App} app @param {string} node @param {string} input */
const valueFor = (app, node, input) => {
  const field = fieldOf(app, node, input)
  if (!field || !copied) return undefined
  return isSweep(copied.value) ? structuredClone(copied.value) : fitted(field.widget, copied.value)
}

/** @param {App} app @param {string} node @param {string} input */
export const canPaste = (app, node, input) => valueFor(app, node, input) !== undefined

/** @param {App} app @param {string} node @param {string} input */
export const pasteValue = (app, node, input) => {
  const value = valueFor(app, node, input)
  if (value !== undefined) setInput(app.store, node, input, value)
}

/** What another program has copied, into a number, a size or a choice: `512px`, `512x768`, `dpmpp_2m`. @param {App} app @param {string} node @param {string} input @param {string} text @returns {boolean} whether it was one */
const pasteText = (app, node, input, text) => {
  const field = fieldOf(app, node, input)
  if (!field || !PASTED.has(field.widget.kind) || text.length > LONGEST) return false
  const value = fitted(field.widget, text.trim())
  const sides = sizeSides(field.widget, input, text, app.store.node(node)?.inputs ?? {}) ?? (value === undefined ? [] : [[input, value]])
  app.store.edit(sides.length > 1 ? 'Set size' : `Set ${input}`, () => sides.forEach(([name, each]) => setInput(app.store, node, name, each)))
  return sides.length > 0
}

/** @param {string} text */
const short = (text) => (text.length > 40 ? `${text.slice(0, 39)}…` : text)

/** Before nodes are copied and pasted: over a widget its value is meant. @param {App} app */
export const listenToValues = (app) => {
  const isBusy = (/** @type {Event} */ { target }) => isTyping(target) || app.editor.isEditing || document.querySelector('dialog[open]') !== null
  addEventListener('copy', (event) => {
    const over = app.editor.hoveredWidget
    if (isBusy(event) || String(getSelection()) !== '') return
    copied = null
    const taken = over && take(app, over.node, over.input)
    isWithNodes = app.selection.nodes.size > 0
    if (!taken || isWithNodes) return // The nodes go onto the system's clipboard; the value goes along.
    event.clipboardData?.setData('text/plain', taken.text)
    event.preventDefault()
    event.stopImmediatePropagation()
    toast(`Copied ${taken.input.replaceAll('_', ' ')}: ${short(taken.text)}`)
  }, { capture: true })
  addEventListener('paste', (event) => {
    const over = app.editor.hoveredWidget
    if (!over || isBusy(event)) return
    const text = event.clipboardData?.getData('text/plain') ?? ''
    const isOurs = copied !== null && (isWithNodes ? text.startsWith('{') : text === copied.text)
    const isOrigin = over.node === copied?.node && over.input === copied.input
    const isTaken = isOurs ? !isOrigin && canPaste(app, over.node, over.input) : pasteText(app, over.node, over.input, text)
    if (!isTaken) return
    event.preventDefault()
    event.stopImmediatePropagation()
    if (isOurs) pasteValue(app, over.node, over.input)
  }, { capture: true })
}
