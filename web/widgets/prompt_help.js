// Help for a text area that holds a prompt: faults in place, tokens counted, words completed, weights by keys.

import { completionsAt } from '../kernels/prompt_completion.js'
import { bracketsOf, promptFaults } from '../kernels/prompt_faults.js'
import { weighted } from '../kernels/prompt_weight.js'
import { CompletionList } from './completion_list.js'
import { createTextMarks } from './text_marks.js'
import { createTokenMeter } from './token_meter.js'

/** @typedef {import('../kernels/prompt_completion.js').Vocabulary} Vocabulary */
/** @typedef {import('../kernels/prompt_faults.js').PromptFault} PromptFault */
/** @typedef {import('../kernels/prompt_faults.js').PromptRules} PromptRules */
/** @typedef {{windows: number[], starts: number[], texts: number}} TokenCount */
/**
 * What the shell knows of prompts.
 * @typedef {object} PromptServices
 * @property {PromptRules} rules by which the text is read
 * @property {() => Promise<Vocabulary>} vocabulary
 * @property {(text: string, signal: AbortSignal) => Promise<TokenCount>} count
 */

const QUIET_MS = 180

export class PromptHelp {
  #area
  #services
  #marks
  #meter = createTokenMeter()
  #list
  /** @type {Vocabulary | null} */
  #words = null
  /** @type {PromptFault[]} */
  #faults = []
  /** What was counted last, and of which text. @type {{text: string, count: TokenCount | null}} */
  #counted = { text: '', count: null }
  #isTyped = false
  #timer = 0
  #over = new AbortController()
  #asked = new AbortController()

  /** @param {HTMLTextAreaElement} area @param {PromptServices} services @param {() => void} replacing before words are put in, and after */
  constructor(area, services, replacing) {
    this.#area = area
    this.#services = services
    this.#marks = createTextMarks(area)
    this.#list = new CompletionList(area, ({ from, to }, { insert }) => {
      replacing()
      replace(area, from, to, insert)
      replacing()
    })
    const { signal } = this.#over
    document.addEventListener('selectionchange', () => document.activeElement === area && this.#draw(), { signal })
    area.addEventListener('blur', () => this.#list.close(), { signal })
    void services.vocabulary().then((known) => {
      this.#words = known
      if (!signal.aborted) this.update({ typed: this.#isTyped })
    }, () => {}) // Brackets and weights are told without it.
  }

  /** What lies over the area. */
  get marks() {
    return this.#marks.node
  }

  /** What hangs below it. */
  get foot() {
    return this.#meter.node
  }

  /** The text is another one. @param {{typed?: boolean}} [how] typed: by hand, which may go on */
  update({ typed = false } = {}) {
    this.#isTyped = typed
    this.#faults = promptFaults(this.#area.value, this.#services.rules, this.#words)
    this.#draw()
    if (typed) this.#complete(false)
    else this.#list.close()
    clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => void this.#count(), QUIET_MS)
  }

  /** The area has another size. */
  place() {
    this.#marks.place()
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was the prompt's */
  key(event) {
    if (this.#list.key(event)) return true
    if (event.key !== ' ' || !event.ctrlKey) return weigh(event, this.#area)
    this.#complete(true)
    return true
  }

  end() {
    clearTimeout(this.#timer)
    this.#over.abort()
    this.#asked.abort()
    this.#list.close()
  }

  #draw() {
    const { selectionStart: caret, value } = this.#area
    const pair = bracketsOf(value, this.#services.rules).pairs.find((ends) => ends.some((at) => at === caret - 1 || at === caret))
    const starts = (this.#counted.text === value && this.#counted.count?.starts) || []
    const faults = this.#isTyped ? this.#faults.filter(({ severity, to }) => severity !== 'error' || to !== caret) : this.#faults // A name is not wrong while it is written.
    this.#marks.draw([
      ...faults.map(({ from, to, severity }) => ({ from, to, kind: severity })),
      ...(pair ?? []).map((at) => ({ from: at, to: at + 1, kind: /** @type {const} */ ('pair') })),
      ...starts.map((at, index) => ({ from: at, to: at, kind: /** @type {const} */ ('window'), label: String(index + 2) })),
    ])
    this.#meter.tell(faults.find(({ from, to }) => from <= caret && caret <= to) ?? faults[0] ?? null, faults.length)
  }

  async #count() {
    this.#asked.abort()
    const { signal } = this.#asked = new AbortController()
    const text = this.#area.value
    const count = await this.#services.count(text, signal).catch(() => null) // Without a server nothing is counted.
    if (signal.aborted) return
    this.#counted = { text, count }
    this.#meter.count(count)
    this.#draw()
  }

  /** @param {boolean} asked */
  #complete(asked) {
    const { selectionStart: caret, selectionEnd: end, value } = this.#area
    const found = this.#words && caret === end ? completionsAt(value, caret, this.#services.rules, this.#words, { asked }) : null
    if (found) this.#list.open(found, this.#marks.rectAt(found.from))
    else this.#list.close()
  }
}

/** As typing would: the browser tells it as input. @param {HTMLTextAreaElement} area @param {number} from @param {number} to @param {string} insert */
const replace = (area, from, to, insert) => {
  area.focus({ preventScroll: true })
  area.setSelectionRange(from, to)
  document.execCommand('insertText', false, insert)
}

/** Ctrl and an arrow change the weight under the caret. @param {KeyboardEvent} event @param {HTMLTextAreaElement} area */
const weigh = (event, area) => {
  const way = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0
  if (!way || !(event.ctrlKey || event.metaKey)) return false
  const edit = weighted(area.value, area.selectionStart, area.selectionEnd, way)
  if (!edit) return true
  replace(area, edit.from, edit.to, edit.insert)
  area.setSelectionRange(edit.start, edit.end)
  return true
}
