// A light panel that hangs from a button: closed by Esc, by the button again, or by a press elsewhere.

import { element, uiScale } from './element.js'

/** @type {{panel: HTMLElement, anchor: HTMLElement, close: () => void} | null} */
let open = null

/** @param {HTMLElement} panel @param {HTMLElement} anchor */
const hang = (panel, anchor) => {
  const { right, bottom } = anchor.getBoundingClientRect()
  const scale = uiScale()
  panel.style.top = `${(bottom + 6) / scale}px`
  const room = innerWidth - panel.offsetWidth * scale - 8 // Its left edge stays in the window too.
  panel.style.right = `${Math.max(8, Math.min(innerWidth - right, room)) / scale}px`
}

/** @param {PointerEvent} event */
const pressedElsewhere = (event) => {
  const target = /** @type {Node} */ (event.target)
  if (!open?.panel.contains(target) && !open?.anchor.contains(target)) open?.close()
}

/**
 * Opens a popover, or closes it where it is open already.
 * @param {{anchor: HTMLElement, label: string, class?: string, content: readonly Node[], sticky?: boolean}} options
 *   sticky: stays while one works elsewhere
 * @returns {{panel: HTMLElement, close: () => void} | null}
 */
export const togglePopover = ({ anchor, label, class: name = '', content, sticky = false }) => {
  const same = open?.anchor === anchor
  open?.close()
  if (same) return null
  const returnFocus = document.activeElement instanceof HTMLElement ? document.activeElement : anchor
  const panel = element('div', { class: `panel popover ${name}`, role: 'dialog', 'aria-label': label }, ...content)
  const close = () => {
    if (open?.panel !== panel) return
    open = null
    if (panel.contains(document.activeElement)) /** @type {HTMLElement} */ (document.activeElement).blur() // What is typed counts.
    panel.remove()
    removeEventListener('pointerdown', pressedElsewhere, true)
  }
  panel.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    close()
    returnFocus.focus({ preventScroll: true })
  })
  open = { panel, anchor, close }
  document.body.append(panel)
  hang(panel, anchor)
  if (!sticky) addEventListener('pointerdown', pressedElsewhere, true)
  return { panel, close }
}

/** @returns {boolean} whether one was open */
export const closePopover = () => {
  const was = open !== null
  open?.close()
  return was
}
