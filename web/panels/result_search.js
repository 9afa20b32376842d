// Finding past pictures by what made them: pure, so that it is tested without a browser.

import { saidValue } from '../document/said.js'
import { isSweep } from '../document/sweeps.js'
import { isCurve } from '../kernels/curve.js'

/** @typedef {import('../document/workflow_format.js').WorkflowDocument} WorkflowDocument */
/** @typedef {{text: string, values: ReadonlyMap<string, string[]>}} Recipe what is searched: all words, and each value under its input's name */

/** @param {unknown} value */
const words = (value) => (typeof value !== 'object' || isSweep(value) || isCurve(value) ? saidValue(value) : '')

/** @param {WorkflowDocument} document @returns {Recipe} */
export const recipeOf = ({ title = '', nodes }) => {
  /** @type {Map<string, string[]>} */
  const values = new Map()
  for (const { inputs } of nodes) {
    for (const [name, value] of Object.entries(inputs ?? {})) {
      const said = words(value).toLowerCase()
      if (said) values.set(name.toLowerCase(), [...(values.get(name.toLowerCase()) ?? []), said])
    }
  }
  const titles = nodes.flatMap((node) => [node.title ?? '', node.type])
  return { text: [title, ...titles, ...[...values.values()].flat()].join('\n').toLowerCase(), values }
}

/**
 * Whether a picture has every word: `fox` anywhere, `seed:7` in that input, `cfg:>5` as a number, `-blue` nowhere.
 * @param {Recipe} recipe @param {string} query
 */
export const matches = ({ text, values }, query) =>
  query.toLowerCase().match(/-?[\w.]+:"[^"]*"|-?"[^"]*"|\S+/g)?.every((word) => {
    const unwanted = word.length > 1 && word.startsWith('-') && !/^-[\d.]/.test(word)
    const wanted = (unwanted ? word.slice(1) : word).replaceAll('"', '')
    const [, name, value] = /^([\w.]+):(.*)$/.exec(wanted) ?? []
    const found = name && values.has(name) ? (values.get(name) ?? []).some((said) => fits(said, value ?? '')) : text.includes(wanted)
    return found !== unwanted
  }) ?? true

/** The words of a query that a search for plain text can look for: `seed:7` holds 7, `cfg:>5` and `-blue` none. @param {string} query */
export const plainWords = (query) => (query.match(/-?[\w.]+:"[^"]*"|-?"[^"]*"|\S+/g) ?? [])
  .filter((word) => !/^-\D/.test(word) && !/^[\w.]+:[<>]/.test(word)).map((word) => word.replace(/^[\w.]+:(?=.)/, '').replaceAll('"', '')).join(' ')

/** @param {string} said @param {string} wanted */
const fits = (said, wanted) => {
  const [, sign, number] = /^([<>]=?)(-?[\d.]+)$/.exec(wanted) ?? []
  if (sign) {
    const [value, limit] = [Number(said), Number(number)]
    return sign.startsWith('<') ? value < limit || (sign === '<=' && value === limit) : value > limit || (sign === '>=' && value === limit)
  }
  return wanted !== '' && !Number.isNaN(Number(wanted)) && !Number.isNaN(Number(said)) ? Number(said) === Number(wanted) : said.includes(wanted)
}
