// What a prompt may go on with at the caret: files that it can name, and words that were used before.

import { fuzzyFind } from './fuzzy.js'
import { stem } from './prompt_faults.js'

/** @typedef {import('./prompt_faults.js').PromptRules} PromptRules */
/** @typedef {{phrases: readonly (readonly [string, number])[], concepts: readonly string[], embeddings: readonly string[], loras: readonly string[]}} Vocabulary phrases with how often they were used */
/** @typedef {{insert: string, label: string, said: string}} Completion */
/** @typedef {{from: number, to: number, isAsked: boolean, options: Completion[]}} Completions `from`..`to` is replaced; isAsked: what is written can be nothing else */

const SHOWN = 10
const LEAST_LETTERS = 2
const WORD = /[\p{L}\p{N}_'-]+$/u

/** @param {string} text @param {number} caret @param {PromptRules} rules @param {Vocabulary} vocabulary @param {{asked?: boolean}} [how] asked: by a key, so that nothing need be written yet @returns {Completions | null} */
export const completionsAt = (text, caret, rules, vocabulary, { asked = false } = {}) => {
  const before = text.slice(0, caret)
  return (rules === 'a1111' ? tagAt(before, text, vocabulary) : embeddingAt(before, vocabulary)) ?? phraseAt(before, text, rules, vocabulary, asked)
}

/** `<lora:na` @param {string} before @param {string} text @param {Vocabulary} vocabulary @returns {Completions | null} */
const tagAt = (before, text, { loras }) => {
  const written = /<(?:lora:)?([^<>:\n]*)$/.exec(before)
  if (!written || !loras.length) return null
  const name = 'lora'.startsWith(written[1] ?? '') ? '' : written[1] ?? '' // The word itself may be under way.
  const from = written.index
  const rest = /^[^<>:\n,]*(:[^<>\n,]*)?>/.exec(text.slice(before.length)) // The tail of a tag that is changed keeps its strength.
  const options = fuzzyFind(loras.map(stem), name, (each) => each).slice(0, SHOWN)
    .map(({ item }) => ({ insert: `<lora:${item}${rest?.[1] ?? ':1'}>`, label: item, said: 'LoRA' }))
  return options.length ? { from, to: before.length + (rest?.[0].length ?? 0), isAsked: true, options } : null
}

/** `embedding:na` @param {string} before @param {Vocabulary} vocabulary @returns {Completions | null} */
const embeddingAt = (before, { embeddings }) => {
  const written = /(?<![^ \n()])embedding:([^\s(),]*)$/.exec(before)
  if (!written || !embeddings.length) return null
  const options = fuzzyFind(embeddings.map(stem), written[1] ?? '', (name) => name).slice(0, SHOWN)
    .map(({ item }) => ({ insert: `embedding:${item}`, label: item, said: 'embedding' }))
  return options.length ? { from: written.index, to: before.length, isAsked: true, options } : null
}

/** What stands since the last comma or bracket, else its last words, goes on. @param {string} before @param {string} text @param {PromptRules} rules @param {Vocabulary} vocabulary @param {boolean} asked @returns {Completions | null} */
const phraseAt = (before, text, rules, vocabulary, asked) => {
  if (/^[\p{L}\p{N}]/u.test(text.slice(before.length))) return null // In the middle of a word nothing is to be added.
  const known = entries(vocabulary, rules)
  const part = /[^,;.\n()[\]|:<>]*$/.exec(before)?.[0].trimStart() ?? ''
  for (const written of endings(part)) {
    if (written.length < LEAST_LETTERS) break
    const options = known.filter(({ key, label }) => key.startsWith(written.toLowerCase()) && label !== written).slice(0, SHOWN)
    if (options.length) return { from: before.length - written.length, to: before.length, isAsked: asked, options }
  }
  return asked && !WORD.test(before) && known.length ? { from: before.length, to: before.length, isAsked: true, options: known.slice(0, SHOWN) } : null
}

/** `a red ap`, `red ap`, `ap` @param {string} part */
const endings = (part) => [...part.matchAll(/(?<![\p{L}\p{N}_'-])[\p{L}\p{N}_]/gu)].map(({ index }) => part.slice(index))

/** @type {WeakMap<Vocabulary, Record<PromptRules, (Completion & {key: string})[]>>} */
const remembered = new WeakMap()

/** All that can be written, the likeliest first. @param {Vocabulary} vocabulary @param {PromptRules} rules */
const entries = (vocabulary, rules) => {
  let made = remembered.get(vocabulary)
  if (!made) remembered.set(vocabulary, made = { comfy: listed(vocabulary, 'comfy'), a1111: listed(vocabulary, 'a1111') })
  return made[rules]
}

/** @param {Vocabulary} vocabulary @param {PromptRules} rules */
const listed = ({ phrases, concepts, embeddings }, rules) => {
  const named = embeddings.map((file) => (rules === 'comfy' ? { insert: `embedding:${stem(file)}`, label: stem(file), said: 'embedding' } : { insert: stem(file), label: stem(file), said: 'embedding' }))
  const learned = concepts.map((each) => ({ insert: each, label: each, said: 'the model knows it' }))
  const used = phrases.map(([phrase, times]) => ({ insert: phrase, label: phrase, said: times > 1 ? `used ${times}×` : 'used' }))
  const seen = new Set()
  return [...named, ...learned, ...used].map((each) => ({ ...each, key: each.label.toLowerCase() }))
    .filter(({ key }) => !seen.has(key) && seen.add(key))
}
