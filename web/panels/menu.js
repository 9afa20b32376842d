// A menu at the pointer: arrows walk it, letters narrow it, menus open beside it, and it never leaves the window.

import { bothLanguages } from '../languages/language.js'
import { element, placeInWindow, uiScale } from './element.js'
import { icon } from './icons.js'
import { findRows, isSubmenu, tidy } from './menu_rows.js'

/** @typedef {import('./menu_rows.js').MenuAction} MenuAction */
/** @typedef {import('./menu_rows.js').MenuRow} MenuRow */
/** @typedef {import('./menu_rows.js').Submenu} Submenu */

/** A pointer that only crosses a row opens nothing, and one on its way into a menu may cross others. */
const OPEN_MS = 120
const LEAVE_MS = 320
/** Below this a menu within another opens in its place. */
const NARROW = 560
/** The least height of what letters find. */
const LEAST_FOUND = 200

/** @type {Menu | null} */
let open = null

/** @param {readonly [number, number]} client @param {readonly MenuRow[]} rows */
export const openMenu = (client, rows) => {
  open?.close()
  open = new Menu(tidy(rows))
  open.show(client)
}

class Menu {
  #rows
  #returnFocus = document.activeElement
  #filter = element('input', { class: 'menu-filter', type: 'text', role: 'searchbox', 'aria-label': 'Filter', 'aria-controls': 'menu-found', spellcheck: false, autocomplete: 'off' })
  #list
  #panel
  /** @type {{row: HTMLElement, panel: HTMLElement} | null} */
  #inner = null
  #timer = 0
  #active = 0
  /** @type {[number, number]} */
  #corner = [0, 0]
  /** A press has begun in the menu: the finger whose long press opened it is still down, and lifting it chooses nothing. */
  #isPressed = false
  #closed = new AbortController()

  /** @param {readonly MenuRow[]} rows */
  constructor(rows) {
    this.#rows = rows
    this.#list = element('div', { role: 'menu', class: 'menu-list', id: 'menu-found' })
    this.#panel = element('div', { class: 'panel menu' }, this.#filter, this.#list)
    this.#filter.addEventListener('input', () => this.#search())
    this.#listen(this.#panel)
  }

  /** @param {readonly [number, number]} client */
  show(client) {
    const { signal } = this.#closed
    this.#fill(this.#list, this.#rows)
    addEventListener('pointerdown', ({ target }) => this.#holds(target) || this.close(), { capture: true, signal })
    addEventListener('blur', () => this.close(), { signal })
    addEventListener('resize', () => this.close(), { signal })
    document.body.append(this.#panel)
    placeInWindow(this.#panel, client)
    const { left, top } = this.#panel.getBoundingClientRect()
    this.#corner = [left, top]
    this.#list.style.maxHeight = `${Math.max(LEAST_FOUND, this.#list.offsetHeight)}px` // What is found stays where the menu was.
    itemsOf(this.#list)[0]?.focus()
  }

  close() {
    if (this.#closed.signal.aborted) return
    this.#closed.abort()
    this.#leave()
    this.#panel.remove()
    if (open === this) open = null
    if (this.#returnFocus instanceof HTMLElement) this.#returnFocus.focus({ preventScroll: true })
  }

  /** @param {EventTarget | null} target */
  #holds(target) {
    return target instanceof Node && (this.#panel.contains(target) || (this.#inner?.panel.contains(target) ?? false))
  }

  /** @param {HTMLElement} panel */
  #listen(panel) {
    panel.addEventListener('keydown', (event) => this.#key(event))
    panel.addEventListener('pointermove', () => this.#panel.classList.remove('menu-keys'))
    panel.addEventListener('pointerdown', () => (this.#isPressed = true))
    panel.addEventListener('click', (event) => event.detail && !this.#isPressed && event.stopPropagation(), { capture: true })
    panel.addEventListener('contextmenu', (event) => event.preventDefault())
  }

  /** @param {HTMLElement} list @param {readonly MenuRow[]} rows */
  #fill(list, rows) {
    const hasChecks = rows.some((row) => row !== 'line' && !isSubmenu(row) && row.checked !== undefined)
    list.classList.toggle('menu-checks', hasChecks)
    list.replaceChildren(...rows.map((row) => (row === 'line' ? element('hr') : isSubmenu(row) ? this.#submenuRow(row) : this.#actionRow(row))))
  }

  /** @param {MenuAction & {place?: string}} action */
  #actionRow({ label, key = '', run, enabled, danger, checked, place = '' }) {
    const row = element('button', {
      role: checked === undefined ? 'menuitem' : 'menuitemcheckbox', class: danger ? 'danger' : null, disabled: enabled === false,
      'aria-checked': checked === undefined ? null : String(checked), onclick: () => (this.close(), run()),
    }, element('span', { class: 'menu-label' }, label), place ? element('span', { class: 'menu-place' }, place) : null, element('kbd', {}, key))
    row.addEventListener('pointermove', () => this.#pointAt(row))
    return row
  }

  /** @param {Submenu} submenu */
  #submenuRow({ label, rows }) {
    const row = element('button', { role: 'menuitem', 'aria-haspopup': 'menu', 'aria-expanded': 'false', onclick: () => this.#enter(row, rows, { focus: true }) },
      element('span', { class: 'menu-label' }, label), icon('right'))
    row.addEventListener('pointermove', () => this.#pointAt(row, () => this.#enter(row, rows)))
    row.addEventListener('keydown', (event) => {
      if (event.key !== 'ArrowRight') return
      event.preventDefault()
      this.#enter(row, rows, { focus: true })
    })
    return row
  }

  /** The pointer moves over a row. @param {HTMLElement} row @param {() => void} [enter] */
  #pointAt(row, enter) {
    if (document.activeElement === row || document.activeElement === this.#filter) return
    row.focus({ preventScroll: true })
    clearTimeout(this.#timer)
    const isInner = this.#inner?.panel.contains(row)
    if (enter) this.#timer = window.setTimeout(enter, this.#inner ? LEAVE_MS : OPEN_MS)
    else if (!isInner) this.#timer = window.setTimeout(() => this.#leave(), LEAVE_MS)
  }

  /** @param {HTMLElement} row @param {readonly MenuRow[]} rows @param {{focus?: boolean}} [how] */
  #enter(row, rows, { focus = false } = {}) {
    clearTimeout(this.#timer)
    if (this.#inner?.row !== row) {
      this.#leave()
      const list = element('div', { role: 'menu', class: 'menu-list', 'aria-label': row.textContent ?? '' })
      const panel = element('div', { class: 'panel menu' }, list)
      this.#fill(list, rows)
      this.#listen(panel)
      row.setAttribute('aria-expanded', 'true')
      document.body.append(panel)
      this.#inner = { row, panel }
      this.#beside(row, panel)
    }
    if (focus) itemsOf(/** @type {{panel: HTMLElement}} */ (this.#inner).panel)[0]?.focus()
  }

  /** At the right of its row, at the left where there is no room, over it on a phone. @param {HTMLElement} row @param {HTMLElement} panel */
  #beside(row, panel) {
    const { left, right, top, bottom } = row.getBoundingClientRect()
    const { width } = panel.getBoundingClientRect()
    const gap = 4 * uiScale()
    if (innerWidth < NARROW) return placeInWindow(panel, [left + gap * 4, bottom])
    placeInWindow(panel, [right + gap + width > innerWidth ? left - gap - width : right + gap, top - gap * 1.5])
  }

  /** Closes the menu within. @param {{focus?: boolean}} [how] */
  #leave({ focus = false } = {}) {
    clearTimeout(this.#timer)
    const inner = this.#inner
    this.#inner = null
    inner?.row.setAttribute('aria-expanded', 'false')
    inner?.panel.remove()
    if (focus) inner?.row.focus({ preventScroll: true })
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    event.stopPropagation()
    if (event.isComposing) return
    this.#panel.classList.add('menu-keys')
    const isFound = this.#filter.value !== ''
    const isInner = this.#inner?.panel.contains(document.activeElement) ?? false
    if (event.key === 'Escape') {
      if (isFound) this.#show('')
      else if (isInner) this.#leave({ focus: true })
      else this.close()
    } else if (event.key === 'Tab') this.close()
    else if (event.key === 'ArrowLeft' && isInner) this.#leave({ focus: true })
    else if (isFound ? !this.#keyOfFound(event) : !this.#walk(event)) return this.#startTyping(event)
    event.preventDefault()
  }

  /** @param {KeyboardEvent} event @returns {boolean} */
  #walk(event) {
    const list = this.#inner?.panel.contains(document.activeElement) ? this.#inner.panel : this.#list
    const items = itemsOf(list)
    const at = items.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement))
    const next = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[event.key]
    if (next === undefined) return false
    items.at(next % items.length)?.focus()
    return true
  }

  /** @param {KeyboardEvent} event @returns {boolean} */
  #keyOfFound(event) {
    const items = itemsOf(this.#list)
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && items.length) this.#mark((this.#active + step + items.length) % items.length)
    else if (event.key === 'Enter') items[this.#active]?.click()
    else return false
    return true
  }

  /** A letter goes into the filter, which then has the keys: input methods need a field. @param {KeyboardEvent} event */
  #startTyping({ key, ctrlKey, metaKey, altKey }) {
    if (ctrlKey || metaKey || altKey || document.activeElement === this.#filter || (key.length !== 1 && key !== 'Process') || key === ' ') return
    this.#leave()
    this.#filter.classList.add('menu-typed')
    this.#filter.focus({ preventScroll: true })
  }

  #search() {
    this.#show(this.#filter.value)
  }

  /** @param {string} query */
  #show(query) {
    const isFound = query.trim() !== ''
    this.#filter.value = query
    this.#filter.classList.toggle('menu-typed', query !== '')
    const found = isFound ? findRows(this.#rows, query, bothLanguages) : []
    if (isFound && !found.length) this.#list.replaceChildren(element('p', { class: 'menu-none', role: 'none' }, 'Nothing matches'))
    else this.#fill(this.#list, isFound ? found : this.#rows)
    if (query === '') itemsOf(this.#list)[0]?.focus()
    else this.#mark(0)
    placeInWindow(this.#panel, this.#corner)
  }

  /** Of the rows that were found. @param {number} active */
  #mark(active) {
    this.#active = active
    for (const [index, row] of itemsOf(this.#list).entries()) {
      row.id = `menu-found-${index}`
      row.classList.toggle('menu-active', index === active)
      if (index === active) row.scrollIntoView({ block: 'nearest' })
    }
    this.#filter.setAttribute('aria-activedescendant', `menu-found-${active}`)
  }
}

/** @param {HTMLElement} list */
const itemsOf = (list) => /** @type {HTMLButtonElement[]} */ ([...list.querySelectorAll('button:enabled')])
