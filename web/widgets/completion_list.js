// What a text may go on with, in a list at the caret. The text keeps the focus; its keys move and choose.

/** @typedef {import('../kernels/prompt_completion.js').Completions} Completions */
/** @typedef {import('../kernels/prompt_completion.js').Completion} Completion */

export class CompletionList {
  #area
  #choose
  #panel = Object.assign(document.createElement('div'), { className: 'completions' })
  /** @type {Completions | null} */
  #found = null
  #active = 0
  /** Arrows have moved in the list: it is meant, and not the text. */
  #isMoved = false

  /** @param {HTMLTextAreaElement} area @param {(found: Completions, chosen: Completion) => void} choose */
  constructor(area, choose) {
    this.#area = area
    this.#choose = choose
    this.#panel.setAttribute('role', 'listbox')
    this.#panel.setAttribute('aria-label', 'Completions')
  }

  /** @param {Completions} completions @param {DOMRect} caret where they hang */
  open(completions, caret) {
    this.#found = completions
    this.#active = 0
    this.#isMoved = false
    this.#draw()
    const home = this.#area.closest('dialog') ?? document.body // A dialog is above all else.
    home.append(this.#panel)
    const { width, height } = this.#panel.getBoundingClientRect()
    const isAbove = caret.bottom + 6 + height > innerHeight && caret.top > height + 6
    this.#panel.style.left = `${Math.max(8, Math.min(caret.left - 10, innerWidth - width - 8))}px`
    this.#panel.style.top = `${isAbove ? caret.top - height - 6 : caret.bottom + 6}px`
  }

  close() {
    this.#found = null
    this.#panel.remove()
    this.#area.removeAttribute('aria-activedescendant')
  }

  /** Enter writes a new line unless the list was meant. @param {KeyboardEvent} event @returns {boolean} whether the key was the list's */
  key({ key, ctrlKey, metaKey, altKey }) {
    if (!this.#found || ctrlKey || metaKey || altKey) return false
    const step = { ArrowDown: 1, ArrowUp: -1 }[key]
    const { options, isAsked } = this.#found
    if (step) {
      this.#active = (this.#active + step + options.length) % options.length
      this.#isMoved = true
      this.#draw()
    } else if (key === 'Tab' || (key === 'Enter' && (this.#isMoved || isAsked))) this.#accept(this.#active)
    else if (key === 'Escape') this.close()
    else return false
    return true
  }

  /** @param {number} index */
  #accept(index) {
    const found = this.#found
    const chosen = found?.options[index]
    this.close()
    if (found && chosen) this.#choose(found, chosen)
  }

  #draw() {
    this.#panel.replaceChildren(...(this.#found?.options ?? []).map((option, index) => this.#row(option, index)))
    this.#area.setAttribute('aria-activedescendant', `completion-${this.#active}`)
    this.#panel.children[this.#active]?.scrollIntoView({ block: 'nearest' })
  }

  /** @param {Completion} option @param {number} index */
  #row({ label, said }, index) {
    const node = Object.assign(document.createElement('div'), { className: 'completion', id: `completion-${index}` })
    node.setAttribute('role', 'option')
    node.setAttribute('aria-selected', String(index === this.#active))
    const name = Object.assign(document.createElement('span'), { textContent: label })
    name.setAttribute('translate', 'no') // People's own words.
    node.append(name, Object.assign(document.createElement('span'), { className: 'completion-said', textContent: said }))
    node.addEventListener('pointerdown', (event) => {
      event.preventDefault() // The text keeps the focus.
      event.stopPropagation()
      this.#accept(index)
    })
    return node
  }
}
