// The edits of this document by name, the newest first: a click goes back to one, or forth again.

import { element, redrawList } from './element.js'
import { togglePopover } from './popover.js'

/** @typedef {import('../document/store.js').Store} Store */

/** @param {Store} store */
export const createHistory = (store) => {
  const list = element('ol', { class: 'history-list', 'aria-label': 'Edits, newest first' })
  const row = (/** @type {string} */ label, /** @type {number} */ place, /** @type {number} */ done) =>
    element('li', {}, element('button', {
      class: `history-row${place > done ? ' undone' : ''}`, 'aria-current': place === done ? 'step' : null,
      onclick: () => store.goTo(place),
    }, label))

  const update = () => {
    if (!list.isConnected) return
    const { labels, done } = store.history
    const focused = [...list.children].findIndex((item) => item.contains(document.activeElement))
    redrawList(list, [labels, done], () =>
      ['As opened', ...labels].map((label, place) => row(label, place, done)).reverse())
    list.children[focused]?.querySelector('button')?.focus({ preventScroll: true })
  }

  /** @param {HTMLElement} anchor */
  const toggle = (anchor) => {
    togglePopover({ anchor, label: 'History', class: 'history', sticky: true, content: [element('h2', {}, 'History'), list] })
    update()
    const now = list.querySelector('[aria-current]')
    if (!(now instanceof HTMLElement)) return
    now.focus({ preventScroll: true })
    now.scrollIntoView({ block: 'nearest' })
  }
  return { toggle, update }
}
