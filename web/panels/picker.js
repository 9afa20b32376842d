// A typed list: an input above rows that follow it, moved by arrow keys and chosen with Enter or a click.

import { element, placeInWindow } from './element.js'

/**
 * @template Item
 * @typedef {object} PickerOptions
 * @property {string} label what the input asks, for eyes and screen readers
 * @property {readonly [number, number]} [client] its left top; else it hangs below the top bar
 * @property {(query: string) => readonly Item[]} find
 * @property {(item: Item, query: string) => HTMLElement} row
 * @property {(item: Item) => HTMLElement | null} [detail] what stands below the list about the active row
 * @property {HTMLElement} [hint]
 */

const SHOWN = 60
let counter = 0

/** The open picker: there is one at a time. @type {Picker<any> | null} */
let open = null

/** @template Item */
class Picker {
  #options
  #resolve
  #input
  #list
  #detail
  #panel
  /** @type {readonly Item[]} */
  #items = []
  #active = 0
  #returnFocus = document.activeElement

  /** @param {PickerOptions<Item>} options @param {(item: Item | null) => void} resolve */
  constructor(options, resolve) {
    this.#options = options
    this.#resolve = resolve
    const listId = `picker-${(counter += 1)}`
    this.#input = element('input', {
      class: 'picker-input', type: 'text', placeholder: options.label, spellcheck: false, autocomplete: 'off',
      role: 'combobox', 'aria-label': options.label, 'aria-expanded': 'true', 'aria-controls': listId,
      oninput: () => this.#refresh(),
    })
    this.#list = element('ul', { class: 'picker-list', id: listId, role: 'listbox', 'aria-label': options.label })
    this.#detail = element('div', { class: 'picker-detail' })
    this.#panel = element('div', { class: 'panel picker', role: 'dialog', 'aria-label': options.label },
      options.hint, this.#input, this.#list, this.#detail)
    this.#panel.addEventListener('keydown', (event) => this.#key(event))
    this.#panel.addEventListener('focusout', ({ relatedTarget }) => {
      if (!this.#panel.contains(/** @type {Node | null} */ (relatedTarget))) this.close(null)
    })
  }

  show() {
    document.body.append(this.#panel)
    this.#refresh()
    this.#panel.classList.toggle('picker-hanging', !this.#options.client)
    if (this.#options.client) placeInWindow(this.#panel, this.#options.client)
    this.#input.focus()
  }

  /** @param {Item | null} item */
  close(item) {
    if (open !== this) return
    open = null
    this.#panel.remove()
    if (this.#returnFocus instanceof HTMLElement) this.#returnFocus.focus({ preventScroll: true })
    this.#resolve(item)
  }

  #refresh() {
    const query = this.#input.value
    this.#items = this.#options.find(query).slice(0, SHOWN)
    this.#list.replaceChildren(...this.#items.map((item, index) => this.#row(item, query, index)))
    if (!this.#items.length) this.#list.append(element('li', { class: 'picker-empty' }, 'Nothing is called that'))
    this.#activate(0)
  }

  /** @param {Item} item @param {string} query @param {number} index */
  #row(item, query, index) {
    return element('li', {
      role: 'option', id: `${this.#list.id}-${index}`, class: 'picker-row',
      onpointermove: () => this.#active === index || this.#activate(index),
      onpointerdown: (/** @type {PointerEvent} */ event) => event.preventDefault(), // The input keeps the focus.
      onclick: () => this.close(item),
    }, this.#options.row(item, query))
  }

  /** @param {number} index */
  #activate(index) {
    this.#active = index
    for (const [place, row] of [...this.#list.children].entries()) {
      row.setAttribute('aria-selected', String(place === index))
    }
    const item = this.#items[index]
    this.#list.children[index]?.scrollIntoView({ block: 'nearest' })
    this.#input.setAttribute('aria-activedescendant', item ? `${this.#list.id}-${index}` : '')
    this.#detail.replaceChildren(...[item && this.#options.detail?.(item)].filter((node) => !!node))
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    event.stopPropagation()
    const count = this.#items.length
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }
    const move = moves[/** @type {keyof typeof moves} */ (event.key)]
    if (move && count) this.#activate(Math.abs(move) === 1 ? (this.#active + move + count) % count
      : Math.max(0, Math.min(count - 1, this.#active + move)))
    else if (event.key === 'Enter' && !event.isComposing) this.close(this.#items[this.#active] ?? null)
    else if (event.key === 'Escape' || event.key === 'Tab') this.close(null)
    else return
    event.preventDefault()
  }
}

/**
 * Opens a picker and waits for a choice; null where it was left without one.
 * @template Item
 * @param {PickerOptions<Item>} options
 * @returns {Promise<Item | null>}
 */
export const pick = (options) =>
  new Promise((resolve) => {
    open?.close(null)
    open = new Picker(options, resolve)
    open.show()
  })
