// Keys, the system clipboard and files dropped beside the canvas, turned into commands.

import { dissolve } from '../document/edits.js'
import { kindOfText, unwrapped } from '../kernels/pasted.js'
import { toast } from '../panels/toasts.js'
import { copySelected, paste } from './commands.js'
import { takeAddress, takeModelNamed } from './addresses.js'
import { takeFiles } from './opening.js'
import { settings } from './settings.js'
import { isTyping, matches } from './shortcuts.js'
import { takeWords } from './words.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('./commands.js').Command} Command */

const TAP_MS = 400
/** Commands that keep working while one types. */
const WHILE_TYPING = new Set(['run', 'cancel', 'save', 'open', 'palette'])

/** A key that puts something into a text, whatever command people gave it to. @param {KeyboardEvent} event */
const writes = ({ key, ctrlKey, metaKey, altKey }) => !ctrlKey && !metaKey && !altKey && !/^F\d+$/.test(key)

/** @param {EventTarget | null} target */
const isButton = (target) => target instanceof HTMLElement && target.closest('button, a, [role=menuitem]') !== null

/** Arrows and Enter belong to lists, buttons and panels where the focus is on one. @param {Command} command @param {EventTarget | null} target */
const isForCanvas = ({ id }, target) =>
  !/^(walk|nudge|edit_value|menu$)/.test(id) || target === document.body || (target instanceof HTMLElement && target.id === 'canvas')

/** A paste does not say whether Shift was held. */
let shiftHeld = false

/** @param {App} app @param {readonly Command[]} commands */
export const listenToKeys = (app, commands) => {
  for (const kind of ['keydown', 'keyup']) addEventListener(kind, (event) => (shiftHeld = /** @type {KeyboardEvent} */ (event).shiftKey), { capture: true })
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || event.key === 'Process') return // An input method has it.
    const command = commands.find(({ keys }) => keys.some((key) => matches(event, key, { byPlace: settings.keysByPlace })))
    if (!command || !isForCanvas(command, event.target)) return
    if ((isTyping(event.target) || app.editor.isEditing) && (!WHILE_TYPING.has(command.id) || writes(event))) return
    event.preventDefault()
    app.editor.keepTyped()
    if (command.enabled() && !(event.repeat && command.id === 'run')) void command.run()
  })
  listenToSpace(() => void commands.find(({ id }) => id === 'add')?.run(), app)
  addEventListener('copy', (event) => copy(app, event))
  addEventListener('cut', (event) => {
    if (copy(app, event)) dissolve(app.store, app.catalog, { ...app.editor.heldWhole, links: app.selection.links })
  })
  addEventListener('paste', (event) => takeClipboard(app, event))
  addEventListener('dragover', (event) => event.preventDefault())
  addEventListener('drop', (event) => takeDrop(app, event))
}

/**
 * A file dropped on a panel is taken too, and never makes the browser leave the page.
 * @param {App} app @param {DragEvent} event
 */
const takeDrop = (app, event) => {
  if (event.defaultPrevented) return // The canvas took it.
  event.preventDefault()
  const files = [...(event.dataTransfer?.files ?? [])]
  const text = unwrapped(event.dataTransfer?.getData('text/uri-list') || event.dataTransfer?.getData('text/plain') || '')
  if (files.length) void takeFiles(app, files, {})
  else if (text && !isTyping(event.target) && !paste(app.store, app.selection, text, app.editor.pointer)) takeText(app, text)
}

/** A tap on Space; held, it pans the canvas. @param {() => void} tapped @param {App} app */
const listenToSpace = (tapped, { editor }) => {
  let pressedAt = 0
  addEventListener('keydown', (event) => {
    if (event.key !== ' ' || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return
    pressedAt = isTyping(event.target) || isButton(event.target) || editor.isEditing ? 0 : event.timeStamp
  })
  addEventListener('keyup', (event) => {
    if (event.key === ' ' && event.timeStamp - pressedAt < TAP_MS) tapped()
    pressedAt = 0
  })
  for (const kind of ['pointerdown', 'wheel']) addEventListener(kind, () => (pressedAt = 0), { capture: true, passive: true })
}

/** @param {App} app @param {ClipboardEvent} event @returns {boolean} */
const copy = (app, event) => {
  const { selection, editor } = app
  const textIsMeant = isTyping(event.target) || editor.isEditing || String(getSelection()) !== ''
  if (textIsMeant || selection.nodes.size + selection.annotations.size === 0) return false
  event.clipboardData?.setData('text/plain', copySelected(app))
  event.preventDefault()
  return true
}

/** @param {App} app @param {ClipboardEvent} event */
const takeClipboard = (app, event) => {
  if (isTyping(event.target) || app.editor.isEditing || document.querySelector('dialog[open]')) return
  const files = [...(event.clipboardData?.files ?? [])]
  const text = unwrapped(event.clipboardData?.getData('text/plain') ?? '')
  if (!files.length && !text) return
  event.preventDefault()
  const node = app.selection.nodes.size === 1 ? [...app.selection.nodes][0] : null
  if (files.length) void takeFiles(app, files, { node })
  else if (!paste(app.store, app.selection, text, app.editor.pointer, { fed: shiftHeld })) takeText(app, text, app.editor.hoveredWidget)
}

/**
 * Text that is no part of a graph may be a workflow in another program's format, or A1111's line of parameters: the server knows.
 * @param {App} app @param {string} text @param {{input: string} | null} [over] what words were meant for, and what did not take them
 */
const takeText = (app, text, over = null) => {
  const kind = kindOfText(text)
  if (kind === 'json') void takeFiles(app, [new File([text], 'pasted.json', { type: 'application/json' })], {})
  else if (kind === 'parameters') void takeFiles(app, [new File([text], 'pasted parameters.txt', { type: 'text/plain' })], {})
  else if (kind === 'address') void takeAddress(app, text.trim().split(/\s/)[0] ?? '')
  else if (kind === 'model') takeModelNamed(app, text.trim().split(/[\\/]/).at(-1) ?? '')
  else if (kind === 'words' && over) toast(`${over.input.replaceAll('_', ' ')} cannot be what was pasted`)
  else if (kind === 'words') takeWords(app, text)
}
