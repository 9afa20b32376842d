// Typing into the document: each run of keys is an entry of the one history, inside of the text box and outside.

import { setInput } from '../document/edits.js'

/** @typedef {import('../document/store.js').Store} Store */
/**
 * @typedef {object} TextSession
 * @property {(text: string, inputType: string) => void} write
 * @property {() => void} pause what is written next is an entry of its own
 * @property {() => void} undo
 * @property {() => void} redo
 * @property {() => void} end
 */

let counter = 0

/** Keys of one kind are one entry until they pause. @param {string} inputType as `InputEvent` says it */
const kindOf = (inputType) => (inputType.startsWith('delete') ? 'delete' : inputType.includes('Line') ? 'line' : inputType.startsWith('insert') ? 'insert' : inputType)

/**
 * @param {Store} store @param {string} node @param {string} input
 * @param {(text: string) => void} changed the text is another one now, by undo or from elsewhere
 * @param {() => void} [gone] the node is
 * @returns {TextSession}
 */
export const textSession = (store, node, input, changed, gone = () => {}) => {
  const session = (counter += 1)
  let burst = 0
  let kind = ''
  let isWriting = false
  const unsubscribe = store.subscribe((event) => {
    if (isWriting || event.kind === 'view') return
    const record = store.node(node)
    if (!record || event.kind === 'load') gone()
    else changed(String(record.inputs?.[input] ?? ''))
  })
  const pause = () => {
    burst += 1
    kind = ''
  }
  return {
    write: (text, inputType) => {
      const now = kindOf(inputType)
      if (now !== kind) burst += 1
      kind = now
      isWriting = true
      setInput(store, node, input, text, { coalesce: `text ${session} ${burst}` })
      isWriting = false
    },
    pause,
    undo: () => void (pause(), store.undo()),
    redo: () => void (pause(), store.redo()),
    end: unsubscribe,
  }
}

/** What a key asks of the history. @param {KeyboardEvent} event @returns {'undo' | 'redo' | null} */
export const historyKey = ({ key, code, ctrlKey, metaKey, shiftKey, altKey }) => {
  if (!(ctrlKey || metaKey) || altKey) return null
  const letter = /^[a-z]$/i.test(key) ? key.toLowerCase() : code.replace('Key', '').toLowerCase()
  if (letter === 'y') return 'redo'
  return letter === 'z' ? (shiftKey ? 'redo' : 'undo') : null
}
