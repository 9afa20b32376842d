// Weights in a prompt, `(word:1.1)` and `<lora:name:0.8>`: what Ctrl and an arrow change under the caret.

/** @typedef {{from: number, to: number, insert: string, start: number, end: number}} TextEdit `insert` in the place of from..to; start..end is selected then */

const WEIGHTED = /\(((?:[^()\\]|\\.)*?):(-?\d*\.?\d+)\)/g
const TAG = /<(\w+:[^:<>]+):(-?\d*\.?\d+)>/g
const STEP = { weight: 0.1, tag: 0.05 }

/** @param {string} text @param {RegExp} pattern @param {number} start @param {number} end */
const around = (text, pattern, start, end) =>
  [...text.matchAll(pattern)].find((found) => found.index <= start && found.index + found[0].length >= end) ?? null

/** @param {number} value */
const shown = (value) => String(Math.round(value * 100) / 100)

/**
 * Makes what is selected, or the word at the caret, count more or less.
 * @param {string} text @param {number} start @param {number} end @param {1 | -1} way @returns {TextEdit | null} null where there is no word
 */
export const weighted = (text, start, end, way) => {
  const tag = around(text, TAG, start, end)
  if (tag) return replaced(tag, `<${tag[1]}:${shown(Number(tag[2]) + way * STEP.tag)}>`)
  const known = around(text, WEIGHTED, start, end)
  if (known) {
    const weight = Number(known[2]) + way * STEP.weight
    return replaced(known, Math.abs(weight - 1) < 0.005 ? known[1] ?? '' : `(${known[1]}:${shown(weight)})`)
  }
  const [from, to] = start === end ? wordAt(text, start) : trimmed(text, start, end)
  if (from === to) return null
  const insert = `(${text.slice(from, to)}:${shown(1 + way * STEP.weight)})`
  return { from, to, insert, start: from + 1, end: from + 1 + to - from }
}

/** @param {RegExpExecArray} found @param {string} insert @returns {TextEdit} */
const replaced = (found, insert) => {
  const inner = insert.startsWith('(') ? 1 : 0
  const length = insert.startsWith('<') ? insert.length : (found[1] ?? '').length
  return { from: found.index, to: found.index + found[0].length, insert, start: found.index + inner, end: found.index + inner + length }
}

/** @param {string} text @param {number} at @returns {[number, number]} */
const wordAt = (text, at) => {
  const isWord = (/** @type {string | undefined} */ sign) => sign !== undefined && /[^\s,()<>:|]/.test(sign)
  let [from, to] = [at, at]
  while (isWord(text[from - 1])) from -= 1
  while (isWord(text[to])) to += 1
  return [from, to]
}

/** @param {string} text @param {number} start @param {number} end @returns {[number, number]} */
const trimmed = (text, start, end) => {
  let [from, to] = [start, end]
  while (from < to && /[\s,]/.test(text[from] ?? '')) from += 1
  while (to > from && /[\s,]/.test(text[to - 1] ?? '')) to -= 1
  return [from, to]
}
