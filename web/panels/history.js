// The edits of this document by name, the newest first: a click goes back to one, or forth again, or into what was left.

import { element, redrawList } from './element.js'
import { icon } from './icons.js'
import { togglePopover } from './popover.js'

/** @typedef {import('../document/branches.js').Branch} Branch */
/** @typedef {import('../document/store.js').Store} Store */

/** @param {Store} store */
export const createHistory = (store) => {
  const list = element('ol', { class: 'history-list', 'aria-label': 'Edits, newest first' })
  const row = (/** @type {string} */ label, /** @type {number} */ place, /** @type {number} */ done) =>
    element('li', {}, element('button', {
      class: `history-row${place > done ? ' undone' : ''}`, 'aria-current': place === done ? 'step' : null,
      onclick: () => store.goTo(place),
    }, label))

  /** Edits that were undone before others came, beside the one that they followed. @param {Branch} branch */
  const branchRow = (branch) => element('li', {}, element('button', {
    class: 'history-row history-branch', title: branch.labels.join('\n'), 'aria-label': `Back to ${branch.labels.length} edits that were left: ${branch.labels.join(', ')}`,
    onclick: () => store.takeBranch(branch),
  }, icon('branch'), element('span', {}, branch.labels.at(-1) ?? ''), branch.labels.length > 1 ? element('small', {}, `+${branch.labels.length - 1}`) : null))

  const update = () => {
    if (!list.isConnected) return
    const { history: { labels, done, forgotten }, branches } = store
    const focused = [...list.children].findIndex((item) => item.contains(document.activeElement))
    redrawList(list, [labels, done, forgotten, branches.map(({ place, labels: left }) => [place, left])], () =>
      [startLabel(forgotten), ...labels].flatMap((label, place) => [row(label, place, done), ...branches.filter((branch) => branch.place === place).map(branchRow)]).reverse())
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

/** Where the list begins: undo leads no further back. @param {number} forgotten */
const startLabel = (forgotten) => (forgotten ? `${forgotten} older edits are forgotten` : 'As opened')
