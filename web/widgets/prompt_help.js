// Help for a text area that holds a prompt: faults in place, tokens counted, words completed, weights by keys.

import { completionsAt } from '../kernels/prompt_completion.js'
import { bracketsOf, promptFaults } from '../kernels/prompt_faults.js'
import { weighted } from '../kernels/prompt_weight.js'
import { createCompletionList } from './completion_list.js'
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

/** @param {HTMLTextAreaElement} area @param {PromptServices} services @param {() => void} replacing before words are put in, and after */
export const createPromptHelp = (area, { rules, vocabulary, count }, replacing) => {
  const marks = createTextMarks(area)
  const meter = createTokenMeter()
  const list = createCompletionList(area, ({ from, to }, { insert }) => {
    replacing()
    replace(area, from, to, insert)
    replacing()
  })
  /** @type {Vocabulary | null} */
  let words = null
  /** @type {PromptFault[]} */
  let faults = []
  /** @type {TokenCount | null} */
  let counted = null
  let countedText = ''
  let timer = 0
  let isOver = false
  let isTyped = false
  const asking = new AbortController()
  let asked = new AbortController()

  const draw = () => {
    const caret = area.selectionStart
    const shown = isTyped ? faults.filter(({ severity, to }) => severity !== 'error' || to !== caret) : faults // A name is not wrong while it is written.
    const pair = bracketsOf(area.value, rules).pairs.find((ends) => ends.some((at) => at === caret - 1 || at === caret))
    const starts = counted && countedText === area.value ? counted.starts : []
    marks.draw([
      ...shown.map(({ from, to, severity }) => ({ from, to, kind: severity })),
      ...(pair ?? []).map((at) => ({ from: at, to: at + 1, kind: /** @type {const} */ ('pair') })),
      ...starts.map((at, index) => ({ from: at, to: at, kind: /** @type {const} */ ('window'), label: String(index + 2) })),
    ])
    meter.tell(shown.find(({ from, to }) => from <= caret && caret <= to) ?? shown[0] ?? null, shown.length)
  }
  const ask = async () => {
    asked.abort()
    const now = asked = new AbortController()
    const text = area.value
    const answer = await count(text, now.signal).catch(() => null)
    if (isOver || now.signal.aborted) return
    counted = answer
    countedText = text
    meter.count(answer)
    draw()
  }
  const complete = (/** @type {boolean} */ isAsked) => {
    const caret = area.selectionStart
    const found = words && caret === area.selectionEnd ? completionsAt(area.value, caret, rules, words, { asked: isAsked }) : null
    if (found) list.open(found, marks.rectAt(Math.max(0, Math.min(found.from, area.value.length))))
    else list.close()
  }
  /** @param {{typed?: boolean}} [how] typed: by hand, which may go on */
  const update = ({ typed = false } = {}) => {
    isTyped = typed
    faults = promptFaults(area.value, rules, words)
    draw()
    if (typed) complete(false)
    else list.close()
    clearTimeout(timer)
    timer = window.setTimeout(() => void ask(), QUIET_MS)
  }
  const moved = () => document.activeElement === area && draw()
  document.addEventListener('selectionchange', moved, { signal: asking.signal })
  area.addEventListener('blur', () => list.close(), { signal: asking.signal })
  void vocabulary().then((known) => {
    words = known
    if (!isOver) update({ typed: isTyped })
  }, () => {})

  return {
    marks: marks.node, foot: meter.node, update, place: marks.place,
    /** @param {KeyboardEvent} event @returns {boolean} whether the key was the prompt's */
    key: (event) => {
      if (list.key(event)) return true
      if (event.key === ' ' && event.ctrlKey) {
        complete(true)
        return true
      }
      return weigh(event, area)
    },
    end: () => {
      isOver = true
      clearTimeout(timer)
      asking.abort()
      asked.abort()
      list.close()
    },
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
