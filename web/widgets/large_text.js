// A long text in a dialog over the canvas, with the same history and the same help as in its place.

import { displayName } from '../canvas/text.js'
import { attachText } from './attach_text.js'
import { isLargeKey } from './edit_text.js'
import { textSession } from './text_session.js'

/** @typedef {import('../document/store.js').Store} Store */

/** @template {keyof HTMLElementTagNameMap} Tag @param {Tag} tag @param {Record<string, unknown>} props @returns {HTMLElementTagNameMap[Tag]} */
const made = (tag, props) => Object.assign(document.createElement(tag), props)

/**
 * @param {Store} store
 * @param {{node: string, input: string, title: string, value: string, placeholder?: string, prompt: import('./prompt_help.js').PromptServices | null}} request
 * @returns {Promise<void>} when it is closed
 */
export const openLargeText = (store, { node, input, title, value, placeholder = '', prompt }) => new Promise((resolve) => {
  const dialog = made('dialog', { className: 'panel large-text' })
  const area = made('textarea', { className: 'large-area', value, placeholder, spellcheck: false, dir: 'auto' })
  const body = made('div', { className: 'large-body' })
  const head = made('header', {})
  const foot = made('footer', {})
  const done = made('button', { type: 'button', className: 'primary', textContent: 'Done', title: 'Esc or Ctrl+E', onclick: () => dialog.close() })
  dialog.setAttribute('aria-label', title)
  area.setAttribute('aria-label', displayName(input))
  head.append(made('h2', { textContent: title }))
  const text = attachText(area, { open: (changed) => textSession(store, node, input, changed, () => dialog.close()), prompt })
  body.append(area)
  if (text.help) {
    body.append(text.help.marks)
    foot.append(text.help.foot)
  }
  foot.append(done)
  dialog.append(head, body, foot)
  const sized = new ResizeObserver(() => text.help?.place())
  sized.observe(area)
  dialog.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey || event.altKey)) return // The shell's: it runs what is written.
    event.stopPropagation()
    const ends = isLargeKey(event)
    if (!ends && !text.key(event)) return
    event.preventDefault()
    if (ends) dialog.close()
  })
  dialog.addEventListener('pointerdown', ({ target }) => target === dialog && dialog.close()) // On what is behind it.
  dialog.addEventListener('close', () => {
    text.end()
    sized.disconnect()
    dialog.remove()
    resolve()
  })
  document.body.append(dialog)
  dialog.showModal()
  area.focus()
  area.setSelectionRange(value.length, value.length)
  text.help?.update()
})
