// Context menus: rows of commands at the pointer, walked by arrow keys.

import { element, placeInWindow } from '../panels/element.js'

/** @typedef {{label: string, key?: string, run: () => void, enabled?: boolean, danger?: boolean} | 'line'} MenuRow */

/** @type {(() => void) | null} */
let closeOpen = null

/** @param {readonly [number, number]} client @param {readonly MenuRow[]} rows */
export const openContextMenu = (client, rows) => {
  closeOpen?.()
  const menu = element('div', { class: 'panel menu', role: 'menu' })
  const returnFocus = document.activeElement
  const close = () => {
    menu.remove()
    removeEventListener('pointerdown', pressed, true)
    removeEventListener('blur', close)
    closeOpen = null
    if (returnFocus instanceof HTMLElement) returnFocus.focus({ preventScroll: true })
  }
  const pressed = (/** @type {PointerEvent} */ { target }) => menu.contains(/** @type {Node} */ (target)) || close()
  menu.append(...rows.map((row) => row === 'line' ? element('hr') :
    element('button', { role: 'menuitem', class: row.danger ? 'danger' : null, disabled: row.enabled === false,
      onclick: () => (close(), row.run()) }, element('span', {}, row.label), element('kbd', {}, row.key ?? ''))))
  menu.addEventListener('keydown', (event) => walk(event, menu, close))
  // The finger whose long press opened the menu is still down: lifting it chooses nothing.
  let isPressed = false
  menu.addEventListener('pointerdown', () => (isPressed = true))
  menu.addEventListener('click', (event) => event.detail && !isPressed && event.stopPropagation(), { capture: true })
  menu.addEventListener('contextmenu', (event) => event.preventDefault())
  addEventListener('pointerdown', pressed, true)
  addEventListener('blur', close)
  closeOpen = close
  document.body.append(menu)
  placeInWindow(menu, client)
  menu.querySelector('button')?.focus()
}

/** @param {KeyboardEvent} event @param {HTMLElement} menu @param {() => void} close */
const walk = (event, menu, close) => {
  event.stopPropagation()
  const items = /** @type {HTMLButtonElement[]} */ ([...menu.querySelectorAll('button:enabled')])
  const at = items.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement))
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step) items[(at + step + items.length) % items.length]?.focus()
  else if (event.key === 'Escape') close()
  else return
  event.preventDefault()
}
