// A text area that writes into the document as one types: one history, and help where the text is a prompt.

import { PromptHelp } from './prompt_help.js'
import { historyKey } from './text_session.js'

/** @typedef {import('./prompt_help.js').PromptServices} PromptServices */
/** @typedef {import('./text_session.js').TextSession} TextSession */

/**
 * @param {HTMLTextAreaElement} area
 * @param {object} options
 * @param {(changed: (text: string) => void) => TextSession} options.open
 * @param {PromptServices | null} options.prompt null: the text is no prompt
 * @param {() => void} [options.changed] its text is another one
 */
export const attachText = (area, { open, prompt, changed = () => {} }) => {
  const help = prompt ? new PromptHelp(area, prompt, () => session.pause()) : null
  const session = open((text) => {
    if (area.value === text) return
    const caret = caretAfter(area.value, text)
    area.value = text
    if (document.activeElement === area) area.setSelectionRange(caret, caret)
    help?.update()
    changed()
  })
  area.addEventListener('input', (event) => {
    const { inputType = '', isComposing = false } = /** @type {InputEvent} */ (event)
    session.write(area.value, inputType)
    help?.update({ typed: !isComposing && inputType.startsWith('insert') })
    changed()
  })
  area.addEventListener('compositionend', () => help?.update({ typed: true }))
  help?.update()
  return {
    session, help,
    /** @param {KeyboardEvent} event @returns {boolean} whether the key was for the text */
    key: (event) => {
      if (event.isComposing) return false
      const step = historyKey(event)
      if (step) session[step]()
      return step !== null || (help?.key(event) ?? false)
    },
    end: () => {
      session.end()
      help?.end()
    },
  }
}

/** Where the two texts part at their ends: there something came or went. @param {string} before @param {string} now */
const caretAfter = (before, now) => {
  let same = 0
  const most = Math.min(before.length, now.length)
  let start = 0
  while (start < most && before[start] === now[start]) start += 1
  while (same < most - start && before.at(-1 - same) === now.at(-1 - same)) same += 1
  return now.length - same
}
