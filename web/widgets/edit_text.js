// Typing a text in its place on the canvas, or large over it.

import { isLongText } from '../kernels/layout.js'
import { attachText } from './attach_text.js'
import { openFieldEditor } from './field_editor.js'
import { historyKey, textSession } from './text_session.js'

/** @typedef {import('../document/store.js').Store} Store */
/** @typedef {import('./field.js').Field} Field */
/** @typedef {import('./field_editor.js').OpenEditor} OpenEditor */
/** @typedef {import('./prompt_help.js').PromptServices} PromptServices */
/**
 * @typedef {object} Then
 * @property {() => void} onClose
 * @property {(backwards: boolean) => void} onTab
 * @property {PromptServices | null} prompt where the text is one
 * @property {() => void} [openLarge]
 */

/** An open text grows with what is written, up to this; in world pixels. */
const TALLEST = 320

/** Without a server brackets and weights are still told. @param {import('../document/catalog.js').Widget} widget @returns {PromptServices | null} */
const offline = ({ prompt }) => (prompt ? { rules: prompt, vocabulary: () => Promise.reject(new Error('offline')), count: () => Promise.reject(new Error('offline')) } : null)

/** @param {HTMLElement} host @param {Store} store @param {Field} field @param {Then} then @returns {OpenEditor} */
export const editText = (host, store, field, then) =>
  isLongText(field.widget) ? editLongText(host, store, field, then) : editLine(host, store, field, then)

/** @param {HTMLElement} host @param {Store} store @param {Field} field @param {Then} then @returns {OpenEditor} */
const editLine = (host, store, field, { onClose, onTab }) => {
  const editor = openFieldEditor(host, {
    rect: field.rect, text: String(field.value ?? ''), className: 'field-line', label: field.input.name, multiline: false,
    onKey: (event) => {
      const step = historyKey(event)
      if (step) session[step]()
      if (event.key !== 'Tab') return step !== null
      editor.close(true)
      onTab(event.shiftKey)
      return true
    },
    onClose: (_text, keep) => {
      session.end()
      if (!keep) session.revert()
      onClose()
    },
  })
  const session = textSession(store, field.node, field.input.name, (text) => (editor.element.value = text), () => editor.close(true))
  editor.element.addEventListener('input', (event) => session.write(editor.element.value, /** @type {InputEvent} */ (event).inputType ?? ''))
  editor.element.focus({ preventScroll: true })
  editor.element.select()
  return editor
}

/** @param {HTMLElement} host @param {Store} store @param {Field} field @param {Then} then @returns {OpenEditor} */
const editLongText = (host, store, field, { onClose, onTab, prompt, openLarge }) => {
  const { rect } = field
  const editor = openFieldEditor(host, {
    rect, text: String(field.value ?? ''), className: 'field-text', label: field.input.name, multiline: true,
    onKey: (event) => {
      if (text.key(event)) return true
      if (isLargeKey(event) && openLarge) {
        editor.close(true)
        openLarge()
        return true
      }
      if (event.key !== 'Tab') return false
      editor.close(true)
      onTab(event.shiftKey)
      return true
    },
    onClose: (_text, keep) => {
      text.end()
      if (!keep) text.session.revert()
      foot.remove()
      text.help?.marks.remove()
      onClose()
    },
  })
  const area = /** @type {HTMLTextAreaElement} */ (editor.element)
  const foot = footOf(openLarge && (() => (editor.close(true), openLarge())))
  const grow = () => {
    area.style.height = `${rect.height}px`
    area.style.height = `${Math.max(rect.height, Math.min(area.scrollHeight + 2, TALLEST))}px`
    text.help?.place()
    if (camera) follow(camera)
  }
  /** @type {import('../kernels/geometry.js').Camera | null} */
  let camera = null
  const follow = (/** @type {import('../kernels/geometry.js').Camera} */ now) => {
    camera = now
    editor.follow(now)
    const { transform } = area.style
    if (text.help) text.help.marks.style.transform = transform
    foot.style.transform = `${transform} translate(0, ${Number.parseFloat(area.style.height)}px)`
  }
  const text = attachText(area, {
    open: (changed) => textSession(store, field.node, field.input.name, changed, () => editor.close(true)),
    prompt: prompt ?? offline(field.widget), changed: () => grow(),
  })
  foot.style.width = `${rect.width}px`
  if (text.help) {
    foot.prepend(text.help.foot)
    host.append(text.help.marks)
  }
  host.append(foot)
  grow()
  area.focus({ preventScroll: true })
  area.setSelectionRange(area.value.length, area.value.length)
  return { ...editor, follow }
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
