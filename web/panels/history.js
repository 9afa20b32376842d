// The edits of this document by name, the newest first: a click goes back to one, or forth again, or into what was left.
// Of thousands, those around the present one are listed; the ends of the list lead on.

import { element, redrawList } from './element.js'
import { icon } from './icons.js'
import { togglePopover } from './popover.js'

/** @typedef {import('../document/branches.js').Branch} Branch */
/** @typedef {import('../document/store.js').Store} Store */
/** How many edits are done at the first and at the last row. @typedef {{from: number, to: number}} Span */

/** So many rows to either side of the present one. */
const REACH = 100
/** More rows than that are let go with the next edit: each edit draws the list again. */
const MOST = 4 * REACH

/** @param {Span} span @param {number} last */
const within = ({ from, to }, last) => ({ from: Math.max(0, from), to: Math.min(last, to) })

/** What is listed: as before with what is done now, or where that grew too long, what is around it. @param {Span | null} before @param {number} done @param {number} last @returns {Span} */
export const spanAround = (before, done, last) => {
  const span = before && within({ from: Math.min(before.from, done), to: Math.max(before.to, done) }, last)
  return span && span.to - span.from <= MOST ? span : within({ from: done - REACH, to: done + REACH }, last)
}

/** As much again at one end. @param {Span} span @param {'older' | 'newer'} end @param {number} last @returns {Span} */
export const extended = ({ from, to }, end, last) =>
  within(end === 'older' ? { from: from - (to - from), to } : { from, to: to + (to - from) }, last)

/** @param {Store} store */
export const createHistory = (store) => {
  const list = element('ol', { class: 'history-list', 'aria-label': 'Edits, newest first', onkeydown: (/** @type {KeyboardEvent} */ event) => walk(list, event) })
  /** @type {Span} */
  let span = { from: 0, to: 0 }
  /** The history when it was drawn last. */
  let seen = { done: 0, last: 0 }

  const row = (/** @type {string} */ label, /** @type {number} */ place, /** @type {number} */ done, /** @type {number} */ last) =>
    element('li', { 'aria-setsize': last + 1, 'aria-posinset': last - place + 1 }, element('button', {
      class: `history-row${place > done ? ' undone' : ''}`, 'aria-current': place === done ? 'step' : null, 'data-row': place,
      onclick: () => store.goTo(place),
    }, label))

  /** Edits that were undone before others came, beside the one that they followed. @param {Branch} branch @param {number} index */
  const branchRow = (branch, index) => element('li', {}, element('button', {
    class: 'history-row history-branch', title: branch.labels.join('\n'), 'aria-label': `Back to ${branch.labels.length} edits that were left: ${branch.labels.join(', ')}`,
    'data-row': `${branch.place} ${index}`, onclick: () => store.takeBranch(branch),
  }, icon('branch'), element('span', {}, branch.labels.at(-1) ?? ''), branch.labels.length > 1 ? element('small', {}, `+${branch.labels.length - 1}`) : null))

  /** @param {number} count @param {'older' | 'newer'} end @param {number} last */
  const moreRow = (count, end, last) => (count > 0 ? [element('li', {}, element('button', {
    class: 'history-row history-more', 'data-row': end, onclick: () => {
      const edge = `${end === 'newer' ? span.to : span.from}`
      span = extended(span, end, last)
      inPlace(list, edge, draw)
    },
  }, end === 'older' ? `${count} older edits` : `${count} newer edits`))] : [])

  const draw = () => {
    const { history: { labels, done, forgotten }, branches } = store
    const last = labels.length
    const { from, to } = span
    seen = { done, last }
    const rows = () => [startLabel(forgotten), ...labels].slice(from, to + 1).flatMap((label, index) => {
      const place = from + index
      return [row(label, place, done, last), ...branches.filter((branch) => branch.place === place).map(branchRow)]
    }).reverse()
    const focused = document.activeElement instanceof HTMLElement && list.contains(document.activeElement) ? document.activeElement.dataset.row : undefined
    redrawList(list, [labels.slice(from, to), from, last, done, forgotten, branches.map(({ place, labels: left }) => [place, left])], () =>
      [...moreRow(last - to, 'newer', last), ...rows(), ...moreRow(from, 'older', last)])
    if (focused !== undefined) focusRow(list, focused)
  }

  const update = () => {
    if (!list.isConnected) return
    const { labels, done } = store.history
    if (seen.done !== done || seen.last !== labels.length) span = spanAround(span, done, labels.length) // Else what was opened stays open.
    draw()
  }

  /** @param {HTMLElement} anchor */
  const toggle = (anchor) => {
    togglePopover({ anchor, label: 'History', class: 'history', sticky: true, content: [element('h2', {}, 'History'), list] })
    const { labels, done } = store.history
    span = spanAround(null, done, labels.length)
    if (!list.isConnected) return
    draw()
    const now = list.querySelector('[aria-current]')
    if (!(now instanceof HTMLElement)) return
    now.focus({ preventScroll: true })
    now.scrollIntoView({ block: 'nearest' })
  }
  return { toggle, update }
}

/** The same row as before; where the end of the list is reached, the row there. @param {HTMLElement} list @param {string} row */
const focusRow = (list, row) => {
  const end = row === 'newer' ? list.firstElementChild : list.lastElementChild
  const button = list.querySelector(`[data-row="${row}"]`) ?? (row === 'newer' || row === 'older' ? end?.querySelector('button') : null)
  if (button instanceof HTMLElement) button.focus({ preventScroll: true })
}

/** A row stays where it is seen while others come above it. @param {HTMLElement} list @param {string} row @param {() => void} draw */
const inPlace = (list, row, draw) => {
  const top = () => list.querySelector(`[data-row="${row}"]`)?.getBoundingClientRect().top ?? 0
  const before = top()
  draw()
  list.parentElement?.scrollBy(0, top() - before)
}

/** Arrows walk the rows. @param {HTMLElement} list @param {KeyboardEvent} event */
const walk = (list, event) => {
  const rows = [...list.querySelectorAll('button')]
  const at = rows.findIndex((button) => button === document.activeElement)
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key]
  if (to === undefined || at < 0) return
  event.preventDefault()
  rows[Math.max(0, Math.min(rows.length - 1, to))]?.focus()
}

/** Where the list begins: undo leads no further back. @param {number} forgotten */
const startLabel = (forgotten) => (forgotten ? `${forgotten} older edits are forgotten` : 'As opened')
