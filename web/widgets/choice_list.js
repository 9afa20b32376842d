// The list of a choice: opens at its field, finds by a few letters, arrows and Enter choose.

import { fuzzyFind } from '../kernels/fuzzy.js'
import { createChoiceRows } from './choice_rows.js'

/** @typedef {import('../kernels/geometry.js').Rect} Rect */
/** @typedef {import('./choice_rows.js').Choice} Choice */
/** @typedef {import('./choice_rows.js').ChoiceDetails} ChoiceDetails */

const FILTER_FROM = 8
const MAX_HEIGHT = 400
/** Room for a picture and the name beside it. */
const WIDEST = { plain: 200, detailed: 340 }

/**
 * @param {{anchor: Rect, choices: readonly Choice[], current: unknown, label: string, details?: ChoiceDetails | null}} request anchor in client pixels
 * @returns {Promise<Choice | null>}
 */
export const openChoiceList = ({ anchor, choices, current, label, details = null }) => new Promise((resolve) => {
  const panel = element('div', 'choice-list')
  const filter = /** @type {HTMLInputElement} */ (element('input', 'choice-filter'))
  let shown = fuzzyFind(choices, '', String)
  let active = Math.max(0, shown.findIndex(({ item }) => item === current))
  let isOpen = true

  /** @param {Choice | null} choice */
  const close = (choice) => {
    if (!isOpen) return
    isOpen = false
    panel.remove()
    document.removeEventListener('pointerdown', closeOutside, true)
    window.removeEventListener('wheel', closeOutside, true)
    resolve(choice)
  }
  /** @param {Event} event */
  const closeOutside = (event) => {
    if (!panel.contains(/** @type {Node} */ (event.target))) close(null)
  }
  const rows = createChoiceRows({ label, current, details, pick: close })
  const none = Object.assign(element('div', 'choice-none'), { textContent: choices.length ? 'Nothing matches' : 'Nothing to choose' })
  const draw = () => {
    rows.show(shown, active)
    none.hidden = shown.length > 0
    filter.setAttribute('aria-activedescendant', shown.length ? `choice-${active}` : '')
  }
  describeFilter(filter, choices.length, label)
  filter.addEventListener('input', () => {
    shown = fuzzyFind(choices, filter.value, String)
    active = filter.value ? 0 : Math.max(0, shown.findIndex(({ item }) => item === current))
    draw()
  })
  filter.addEventListener('blur', () => close(null))
  filter.addEventListener('keydown', (event) => {
    event.stopPropagation()
    const moves = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1, PageDown: rows.perPage(), PageUp: -rows.perPage(), ...(filter.value ? {} : { Home: -Infinity, End: Infinity }) })
    const move = moves[event.key]
    if (event.isComposing) return
    if (event.key === 'Escape' || event.key === 'Tab') close(null)
    else if (event.key === 'Enter') close(shown[active]?.item ?? null)
    else if (move !== undefined) active = Math.max(0, Math.min(shown.length - 1, active + move))
    else return
    event.preventDefault()
    if (isOpen) draw()
  })
  document.addEventListener('pointerdown', closeOutside, true)
  window.addEventListener('wheel', closeOutside, { capture: true, passive: true })
  panel.append(filter, rows.node, none)
  document.body.append(panel)
  place(panel, anchor, details ? WIDEST.detailed : WIDEST.plain)
  draw()
  rows.centre()
  filter.focus({ preventScroll: true })
})

/** @param {HTMLInputElement} filter @param {number} count @param {string} label */
const describeFilter = (filter, count, label) => {
  filter.placeholder = `Filter ${count}`
  filter.spellcheck = false
  filter.autocomplete = 'off'
  filter.setAttribute('role', 'combobox')
  filter.setAttribute('aria-label', `Filter ${label}`)
  filter.setAttribute('aria-expanded', 'true')
  filter.setAttribute('aria-controls', 'choice-items')
  const isShort = count < FILTER_FROM
  filter.classList.toggle('choice-filter-hidden', isShort)
  if (isShort || matchMedia('(pointer: coarse)').matches) filter.inputMode = 'none' // A phone's keyboard would cover what is to be chosen; a touch asks for it.
  filter.addEventListener('pointerdown', () => (filter.inputMode = 'text'))
}

/** Below the field, or above where there is more room; on a phone at the bottom, as wide as it is. @param {HTMLElement} panel @param {Rect} anchor @param {number} least */
const place = (panel, anchor, least) => {
  const isNarrow = window.innerWidth < 560
  panel.classList.toggle('choice-sheet', isNarrow)
  if (isNarrow) return
  const width = Math.min(Math.max(anchor.width, least), window.innerWidth - 16)
  const below = window.innerHeight - (anchor.y + anchor.height) - 12
  const above = anchor.y - 12
  const opensUp = below < 220 && above > below
  const height = Math.min(MAX_HEIGHT, opensUp ? above : below)
  panel.style.width = `${width}px`
  panel.style.maxHeight = `${height}px`
  panel.style.left = `${Math.max(8, Math.min(anchor.x, window.innerWidth - width - 8))}px`
  if (opensUp) panel.style.bottom = `${window.innerHeight - anchor.y + 4}px`
  else panel.style.top = `${anchor.y + anchor.height + 4}px`
}

/** @param {string} tag @param {string} className */
const element = (tag, className) => Object.assign(document.createElement(tag), { className })
