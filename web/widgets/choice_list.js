// The list of a choice: opens at its field, finds by a few letters, arrows and Enter choose.

import { fuzzyFind } from '../kernels/fuzzy.js'
import { digitsOf } from '../kernels/hashes.js'
import { ChoiceRows } from './choice_rows.js'

/** @typedef {import('../kernels/geometry.js').Rect} Rect */
/** @typedef {import('./choice_rows.js').Choice} Choice */
/** @typedef {import('./choice_rows.js').ChoiceDetails} ChoiceDetails */

const FILTER_FROM = 8
const MAX_HEIGHT = 400
/** Room for a picture and the name beside it. */
const WIDEST = { plain: 200, detailed: 340 }

/** @typedef {{anchor: Rect, choices: readonly Choice[], current: unknown, label: string, details?: ChoiceDetails | null}} ChoiceRequest anchor in client pixels */

/** @param {ChoiceRequest} request @returns {Promise<Choice | null>} */
export const openChoiceList = (request) => new Promise((resolve) => new ChoiceList(request, resolve).open())

class ChoiceList {
  #request
  #resolve
  #panel = element('div', 'choice-list')
  #filter = /** @type {HTMLInputElement} */ (element('input', 'choice-filter'))
  #none
  /** A value that is not among the choices. @type {string | null} */
  #gone
  #rows
  #shown
  #active
  #open = new AbortController()

  /** @param {ChoiceRequest} request @param {(choice: Choice | null) => void} resolve */
  constructor(request, resolve) {
    const { choices, current, label, details = null } = request
    this.#request = request
    this.#resolve = resolve
    this.#shown = fuzzyFind(choices, '', String)
    this.#gone = current === null || current === undefined || choices.some((choice) => choice === current) ? null : String(current)
    this.#active = this.#placeOfCurrent
    this.#rows = new ChoiceRows({ label, current, details, pick: (choice) => this.#close(choice) })
    this.#none = Object.assign(element('div', 'choice-none'), { textContent: choices.length ? 'Nothing matches' : 'Nothing to choose' })
  }

  open() {
    const { anchor, choices, label, details } = this.#request
    const { signal } = this.#open
    describeFilter(this.#filter, choices.length, label)
    this.#filter.addEventListener('input', () => this.#search())
    this.#filter.addEventListener('blur', () => this.#close(null))
    this.#filter.addEventListener('keydown', (event) => this.#key(event))
    for (const kind of ['pointerdown', 'wheel']) window.addEventListener(kind, (event) => this.#outside(event), { capture: true, passive: true, signal })
    if (this.#gone !== null) this.#panel.append(goneNote(this.#gone))
    this.#panel.append(this.#filter, this.#rows.node, this.#none)
    document.body.append(this.#panel)
    place(this.#panel, anchor, details ? WIDEST.detailed : WIDEST.plain)
    this.#draw()
    this.#rows.centre()
    this.#filter.focus({ preventScroll: true })
  }

  get #placeOfCurrent() {
    const { choices, current } = this.#request
    const near = this.#gone === null ? current : nearest(choices, this.#gone)
    return Math.max(0, this.#shown.findIndex(({ item }) => item === near))
  }

  /** @param {Choice | null} choice */
  #close(choice) {
    if (this.#open.signal.aborted) return
    this.#open.abort()
    this.#panel.remove()
    this.#resolve(choice)
  }

  /** @param {Event} event */
  #outside({ target }) {
    if (!this.#panel.contains(/** @type {Node} */ (target))) this.#close(null)
  }

  #search() {
    this.#shown = fuzzyFind(this.#request.choices, this.#filter.value, String)
    this.#active = this.#filter.value ? 0 : this.#placeOfCurrent
    this.#draw()
    void this.#searchHashes(this.#filter.value)
  }

  /** Files whose hash begins with what was typed come first. @param {string} typed */
  async #searchHashes(typed) {
    const found = digitsOf(typed) ? await this.#request.details?.hashed?.(typed) ?? [] : []
    if (!found.length || typed !== this.#filter.value) return
    const others = this.#shown.filter(({ item }) => !found.includes(item))
    this.#shown = [...found.map((item) => ({ item, score: 0, at: [] })), ...others]
    this.#draw()
  }

  #draw() {
    this.#rows.show(this.#shown, this.#active)
    this.#none.hidden = this.#shown.length > 0
    this.#filter.setAttribute('aria-activedescendant', this.#shown.length ? `choice-${this.#active}` : '')
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    event.stopPropagation()
    if (event.isComposing) return
    const page = this.#rows.perPage
    const ends = this.#filter.value ? {} : { Home: -Infinity, End: Infinity } // Else they are the text's.
    const move = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, ...ends })[event.key]
    if (event.key === 'Escape' || event.key === 'Tab') this.#close(null)
    else if (event.key === 'Enter') this.#close(this.#shown[this.#active]?.item ?? null)
    else if (move !== undefined) {
      this.#active = Math.max(0, Math.min(this.#shown.length - 1, this.#active + move))
      this.#draw()
    } else return
    event.preventDefault()
  }
}

/** @param {string} name */
const goneNote = (name) => {
  const note = element('p', 'choice-gone')
  const said = element('b', '')
  said.textContent = name
  said.setAttribute('translate', 'no')
  note.append(said, Object.assign(element('span', ''), { textContent: 'is not there: choose another' }))
  note.setAttribute('role', 'status')
  return note
}

/** The choice that is called most alike: the same file in another folder, another version of it. @param {readonly Choice[]} choices @param {string} name */
const nearest = (choices, name) => {
  const words = (name.split('/').at(-1) ?? name).replace(/\.\w+$/, '').toLowerCase().split(/[^\p{L}\d]+/u).filter(Boolean)
  const shared = (/** @type {Choice} */ choice) => words.filter((word) => String(choice).toLowerCase().includes(word)).reduce((sum, word) => sum + word.length, 0)
  const scores = choices.map((choice) => ({ choice, score: shared(choice) }))
  return scores.reduce((best, each) => (each.score > best.score ? each : best), { choice: choices[0], score: 0 }).choice
}

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
