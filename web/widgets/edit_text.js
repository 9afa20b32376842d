// Typing a text in its place on the canvas, or large over it.

import { isLongText } from '../kernels/layout.js'
import { attachText } from './attach_text.js'
import { openFieldEditor } from './field_editor.js'
import { historyKey, textSession } from './text_session.js'

/** @typedef {import('../document/store.js').Store} Store */
/** @typedef {import('../kernels/geometry.js').Camera} Camera */
/** @typedef {import('./field.js').Field} Field */
/** @typedef {import('./field_editor.js').OpenEditor} OpenEditor */
/** @typedef {import('./prompt_help.js').PromptServices} PromptServices */
/**
 * @typedef {object} Then
 * @property {() => void} onClose
 * @property {(backwards: boolean) => void} onTab
 * @property {PromptServices | null} prompt where the text is one
 * @property {() => void} [openLarge]
 * @property {(text: string) => void} notify
 */

/** An open text grows with what is written, up to this; in world pixels. */
const TALLEST = 320

/** Without a server brackets and weights are still told. @param {import('../document/catalog.js').Widget} widget @returns {PromptServices | null} */
const offline = ({ prompt }) => (prompt ? { rules: prompt, vocabulary: () => Promise.reject(new Error('offline')), count: () => Promise.reject(new Error('offline')) } : null)

/** @param {HTMLElement} host @param {Store} store @param {Field} field @param {Then} then @returns {OpenEditor} */
export const editText = (host, store, field, then) =>
  isLongText(field.widget) ? new LongTextEditor(host, store, field, then).editor : editLine(host, store, field, then)

/** @param {HTMLElement} host @param {Store} store @param {Field} field @param {Then} then @returns {OpenEditor} */
const editLine = (host, store, field, { onClose, onTab }) => {
  const editor = openFieldEditor(host, {
    rect: field.rect, text: String(field.value ?? ''), className: 'field-line', label: field.input.name, multiline: false, keepsOnEscape: true,
    onKey: (event) => {
      const step = historyKey(event)
      if (step) session[step]()
      if (event.key !== 'Tab') return step !== null
      editor.close(true)
      onTab(event.shiftKey)
      return true
    },
    onClose: () => {
      session.end()
      onClose()
    },
  })
  const session = textSession(store, field.node, field.input.name, (text) => (editor.element.value = text), () => editor.close(true))
  editor.element.addEventListener('input', (event) => session.write(editor.element.value, /** @type {InputEvent} */ (event).inputType ?? ''))
  editor.element.focus({ preventScroll: true })
  editor.element.select()
  return editor
}

/** A text of many lines, with what lies over it and hangs below it. */
class LongTextEditor {
  #rect
  #then
  #open
  #area
  #text
  #foot
  /** @type {Camera | null} */
  #camera = null

  /** @param {HTMLElement} host @param {Store} store @param {Field} field @param {Then} then */
  constructor(host, store, field, then) {
    this.#rect = field.rect
    this.#then = then
    this.#open = openFieldEditor(host, {
      rect: field.rect, text: String(field.value ?? ''), className: 'field-text', label: field.input.name, multiline: true, keepsOnEscape: true,
      onKey: (event) => this.#key(event), onClose: () => this.#close(),
    })
    this.#area = /** @type {HTMLTextAreaElement} */ (this.#open.element)
    this.#foot = footOf(then.openLarge && (() => this.#enlarge()))
    this.#foot.style.width = `${field.rect.width}px`
    this.#text = attachText(this.#area, {
      open: (changed) => textSession(store, field.node, field.input.name, changed, () => this.#open.close(true)),
      prompt: then.prompt ?? offline(field.widget), changed: () => this.#grow(),
    })
    const { help } = this.#text
    if (help) {
      this.#foot.prepend(help.foot)
      host.append(help.marks)
    }
    host.append(this.#foot)
    this.#grow()
    this.#area.focus({ preventScroll: true })
    this.#area.setSelectionRange(this.#area.value.length, this.#area.value.length)
  }

  /** @returns {OpenEditor} */
  get editor() {
    return { ...this.#open, follow: (camera) => this.#follow(camera) }
  }

  /** @param {Camera} camera */
  #follow(camera) {
    this.#camera = camera
    this.#open.follow(camera)
    const { transform, height } = this.#area.style
    if (this.#text.help) this.#text.help.marks.style.transform = transform
    this.#foot.style.transform = `${transform} translate(0, ${Number.parseFloat(height)}px)`
  }

  #grow() {
    this.#area.style.height = `${this.#rect.height}px`
    this.#area.style.height = `${Math.max(this.#rect.height, Math.min(this.#area.scrollHeight + 2, TALLEST))}px`
    this.#text.help?.place()
    if (this.#camera) this.#follow(this.#camera)
  }

  #enlarge() {
    this.#open.close(true)
    this.#then.openLarge?.()
  }

  /** @param {KeyboardEvent} event @returns {boolean} */
  #key(event) {
    if (this.#text.key(event)) return true
    if (isLargeKey(event) && this.#then.openLarge) {
      this.#enlarge()
      return true
    }
    if (event.key !== 'Tab') return false
    this.#open.close(true)
    this.#then.onTab(event.shiftKey)
    return true
  }

  #close() {
    this.#text.end()
    this.#foot.remove()
    this.#text.help?.marks.remove()
    this.#then.onClose()
  }
}

/** @param {KeyboardEvent} event */
export const isLargeKey = ({ code, ctrlKey, metaKey, shiftKey, altKey }) => code === 'KeyE' && (ctrlKey || metaKey) && !shiftKey && !altKey

/** What hangs below an open text. @param {(() => void) | undefined} openLarge */
const footOf = (openLarge) => {
  const foot = Object.assign(document.createElement('div'), { className: 'field-foot' })
  for (const kind of ['pointerdown', 'dblclick', 'wheel', 'contextmenu']) foot.addEventListener(kind, (event) => event.stopPropagation())
  foot.addEventListener('pointerdown', (event) => event.preventDefault()) // The text keeps the focus.
  if (openLarge) {
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'field-large', textContent: 'Large', title: 'Edit the text large (Ctrl+E)', onclick: openLarge })
    foot.append(button)
  }
  return foot
}
