// Short messages in the corner, each with what can be done about it; screen readers hear them too.

import { byId, element } from './element.js'
import { icon } from './icons.js'

/** @typedef {{label: string, run: () => void}} ToastAction */

const SHOWN_MS = 6000
const SHOWN_AT_ONCE = 4

/** @type {HTMLElement | null} */
let stack = null

/** Above all else, and to be pressed: what lies outside of an open dialog is neither. */
const raised = () => {
  stack ??= byId('toasts')
  const raise = () => {
    const dialog = [...document.querySelectorAll('dialog:modal')].at(-1)
    const home = dialog ?? document.body
    if (stack && stack.parentElement !== home) home.append(stack)
    dialog?.addEventListener('close', raise, { once: true })
    if (stack?.matches(':popover-open')) stack.hidePopover()
    stack?.showPopover()
  }
  raise()
  return stack
}

/**
 * @param {string} text
 * @param {{kind?: 'info' | 'error', actions?: ToastAction[]}} [options]
 */
export const toast = (text, { kind = 'info', actions = [] } = {}) => {
  const panel = element('div', { class: `panel toast toast-${kind}`, role: kind === 'error' ? 'alert' : 'status' },
    element('span', {}, text))
  const close = () => panel.remove()
  for (const { label, run } of actions) {
    panel.append(element('button', { class: 'link', onclick: () => (close(), run()) }, label))
  }
  panel.append(element('button', { class: 'quiet small', 'aria-label': 'Dismiss', onclick: close }, icon('close')))
  const stacked = raised()
  stacked.append(panel)
  if (stacked.children.length > SHOWN_AT_ONCE) stacked.firstElementChild?.remove()
  const leave = () => (panel.matches(':hover, :focus-within') ? setTimeout(leave, SHOWN_MS) : close())
  setTimeout(leave, SHOWN_MS * (kind === 'error' || actions.length ? 1.6 : 0.7))
}

/** Says something only to screen readers. @param {string} text */
export const announce = (text) => {
  byId('announcer').textContent = text
}
