// What is wrong in a prompt, by the rules that it is read by (docs/prompts.md): where, what it means, what helps.

import { fuzzyFind } from './fuzzy.js'

/** @typedef {'comfy' | 'a1111'} PromptRules */
/** @typedef {{embeddings: readonly string[], loras: readonly string[]}} PromptFiles names in their folders */
/** @typedef {{from: number, to: number, severity: 'error' | 'warning', message: string, remedy: string}} PromptFault */

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i
const TAG = /<(\w+):([^<>]+)>/g
const EMBEDDING = /(?<![^ \n()])embedding:([^\s()]+)/g
/** Weights beyond break pictures; most of them are ratios such as 16:9. */
const STRONGEST = 4

/** @param {string} text @param {PromptRules} rules @param {PromptFiles | null} files null: not known yet @returns {PromptFault[]} in the order of the text */
export const promptFaults = (text, rules, files) =>
  [...bracketFaults(text, rules), ...weightFaults(text), ...tagFaults(text, rules, files), ...(rules === 'comfy' ? comfyFaults(text, files) : barFaults(text))]
    .sort((a, b) => a.from - b.from)

/** @param {string} text @param {number} at @param {string} message @param {string} remedy @param {number} [length] @returns {PromptFault} */
const warning = (text, at, message, remedy, length = 1) => ({ from: at, to: Math.min(text.length, at + length), severity: 'warning', message, remedy })

/** Pairs of brackets that the rules know, and those without a partner. @param {string} text @param {PromptRules} rules */
export const bracketsOf = (text, rules) => {
  const openers = rules === 'comfy' ? '(' : '(['
  /** @type {[number, number][]} */
  const pairs = []
  /** @type {number[]} */
  const open = []
  /** @type {number[]} */
  const loose = []
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? ''
    if (sign === '\\') at += 1
    else if (openers.includes(sign)) open.push(at)
    else if (sign === ')' || (sign === ']' && rules === 'a1111')) {
      const partner = open.findLastIndex((place) => (text[place] === '(') === (sign === ')'))
      if (partner < 0) loose.push(at)
      else {
        loose.push(...open.slice(partner + 1))
        pairs.push([open[partner] ?? 0, at])
        open.length = partner
      }
    }
  }
  return { pairs, loose: [...loose, ...open].sort((a, b) => a - b) }
}

/** @param {string} text @param {PromptRules} rules */
const bracketFaults = (text, rules) => bracketsOf(text, rules).loose.map((at) => {
  const sign = text[at] ?? ''
  const opens = sign === '(' || sign === '['
  const meaning = rules === 'a1111' && opens ? 'it weighs everything to the end' : 'it is read as a letter'
  return warning(text, at, `${sign} has no partner: ${meaning}`, `Close it, or write \\${sign} where the letter is meant.`)
})

/** @param {string} text */
const weightFaults = (text) => bracketsOf(text, 'comfy').pairs.flatMap(([open, close]) => {
  const colon = text.lastIndexOf(':', close)
  if (colon <= open || /[()<>[\]|]/.test(text.slice(colon + 1, close)) || text.slice(open, colon).endsWith('embedding')) return []
  const written = text.slice(colon + 1, close)
  if (NUMBER.test(written)) {
    return Math.abs(Number(written)) > STRONGEST ? [warning(text, colon + 1, `${written.trim()} is a very strong weight`, 'Weights from 0.5 to 1.5 keep pictures whole.', written.length)] : []
  }
  if (/\s\S/.test(written) || written.length > 16) return [] // Words after a colon, as people write them.
  const decimal = /^\s*[+-]?\d+,\d+\s*$/.test(written)
  const remedy = decimal ? `Write ${written.trim().replace(',', '.')}.` : 'Write a number behind the colon, such as (word:1.2).'
  return [warning(text, colon, `${written.trim() || 'nothing'} is no number: it is read as words, and the bracket weighs 1.1`, remedy, written.length + 1)]
})

/** @param {string} text @param {PromptRules} rules @param {PromptFiles | null} files */
const tagFaults = (text, rules, files) => [...text.matchAll(TAG)].flatMap((tag) => {
  const [whole, kind = '', rest = ''] = tag
  if (kind !== 'lora') return []
  if (rules === 'comfy') return [warning(text, tag.index, 'This node reads tags as words', 'Load Load LoRAs of a Prompt (A1111) before it, or a LoRA by its own node.', whole.length)]
  const [name = '', ...strengths] = rest.split(':')
  const wrong = strengths.find((each) => !NUMBER.test(each.replace(/^\w+=/, '')))
  if (wrong !== undefined) return [{ from: tag.index, to: tag.index + whole.length, severity: /** @type {const} */ ('error'), message: `The strength in ${whole} is no number`, remedy: 'Write it as <lora:name:0.8>.' }]
  return files ? unknownFile(name, files.loras, tag.index + 6, 'LoRA', 'loras') : []
})

/** @param {string} text @param {PromptFiles | null} files @returns {PromptFault[]} */
const comfyFaults = (text, files) => [
  ...[...text.matchAll(EMBEDDING)].flatMap((found) => (files ? unknownFile((found[1] ?? '').replace(/,+$/, '').replace(/:[+-]?[\d.]+$/, ''), files.embeddings, found.index + 10, 'embedding', 'embeddings') : [])),
  ...[...text.matchAll(/\b(BREAK|AND)\b/g)].map((found) => warning(text, found.index, `This node reads ${found[0]} as a word`, 'Prompt Encode (A1111) reads it as a command.', found[0].length)),
]

/** Schedules are off where a bar stands outside of brackets. @param {string} text @returns {PromptFault[]} */
const barFaults = (text) => {
  const { pairs } = bracketsOf(text, 'a1111')
  const hasSchedule = pairs.some(([open, close]) => text[open] === '[' && /[:|]/.test(text.slice(open, close)))
  if (!hasSchedule) return []
  const bar = [...text].findIndex((sign, at) => sign === '|' && text[at - 1] !== '\\' && !pairs.some(([open, close]) => open < at && at < close))
  return bar < 0 ? [] : [warning(text, bar, '| outside of brackets turns all schedules of the prompt off', 'Write \\| for the letter, or take it out.')]
}

/** By the ways in which a file may be named: its folder and ending may be left out, and case. @param {string} name @param {readonly string[]} files @param {number} from @param {string} kind @param {string} folder @returns {PromptFault[]} */
const unknownFile = (name, files, from, kind, folder) => {
  const wanted = name.replaceAll('\\', '/').toLowerCase()
  const known = files.some((file) => spellings(file).includes(wanted))
  if (known || !name) return []
  const like = fuzzyFind(files.map(stem), name, (file) => file)[0]?.item ?? nearest(name, files.map(stem))
  return [{
    from, to: from + name.length, severity: 'error', message: `There is no ${kind} ${name} in models/${folder}`,
    remedy: like ? `Did you mean ${like}?` : 'Put its file there, or take it out of the prompt.',
  }]
}

/** @param {string} file */
const spellings = (file) => [file, file.replace(/\.[^./]+$/, ''), file.split('/').at(-1) ?? file, stem(file)].map((each) => each.toLowerCase())

/** `sub/my.v2.pt` is my.v2. @param {string} file */
export const stem = (file) => (file.split('/').at(-1) ?? file).replace(/\.[^.]+$/, '')

/** The name that shares most pairs of letters, if half of them. @param {string} name @param {readonly string[]} others */
const nearest = (name, others) => {
  const pairs = (/** @type {string} */ text) => new Set(Array.from(text.toLowerCase().slice(0, -1), (letter, at) => letter + text[at + 1]?.toLowerCase()))
  const own = pairs(name)
  const scored = others.map((other) => {
    const its = pairs(other)
    return { other, share: (2 * [...own].filter((pair) => its.has(pair)).length) / Math.max(own.size + its.size, 1) }
  }).sort((a, b) => b.share - a.share)
  return scored[0] && scored[0].share >= 0.5 ? scored[0].other : null
}
