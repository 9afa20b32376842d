// Simple arithmetic typed into a number field: 512*1.5, (3+4)/2, width/2, -1e3. A parser, never eval.

/** @typedef {Readonly<Record<string, number>>} Names what words stand for, such as the values of other inputs */
/** @typedef {{text: string, at: number, names: readonly (readonly [string, number])[]}} Reader */

/** What people paste behind a number and what says nothing more; `7 % 3` is a remainder, `50 %` a half. */
const UNIT = /^(px|pixels?|°|%(?![\d.(a-z_]))/

/** Spaces in names are underscores, and neither counts. @param {string} name */
const squeezed = (name) => name.replace(/[\s_]/g, '').toLowerCase()

/** The value of the text, or null where it is no arithmetic. @param {string} text @param {Names} [names] @returns {number | null} */
export const evaluate = (text, names = {}) => {
  const known = Object.entries(names).map(([name, value]) => /** @type {const} */ ([squeezed(name), value])).sort(([a], [b]) => b.length - a.length)
  const reader = { text: squeezed(text).replace(/^=/, '').replaceAll(',', '.').replaceAll('−', '-'), at: 0, names: known }
  if (reader.text === '') return null
  const value = sum(reader)
  return value !== null && reader.at === reader.text.length && Number.isFinite(value) ? value : null
}

/** @param {Reader} reader @param {string} operators @returns {string | null} */
const take = (reader, operators) => {
  const character = reader.text[reader.at]
  if (character === undefined || !operators.includes(character)) return null
  reader.at += 1
  return character
}

/** @param {Reader} reader @returns {number | null} */
const sum = (reader) => {
  let value = product(reader)
  for (let operator = take(reader, '+-'); operator; operator = take(reader, '+-')) {
    const right = product(reader)
    if (value === null || right === null) return null
    value = operator === '+' ? value + right : value - right
  }
  return value
}

/** @param {Reader} reader @returns {number | null} */
const product = (reader) => {
  let value = power(reader)
  for (let operator = take(reader, '*/%x×'); operator; operator = take(reader, '*/%x×')) {
    const right = power(reader)
    if (value === null || right === null) return null
    value = operator === '/' ? value / right : operator === '%' ? value % right : value * right
  }
  return value
}

/** @param {Reader} reader @returns {number | null} */
const power = (reader) => {
  const base = signed(reader)
  if (base === null || !take(reader, '^')) return base
  const exponent = power(reader)
  return exponent === null ? null : base ** exponent
}

/** @param {Reader} reader @returns {number | null} */
const signed = (reader) => {
  const sign = take(reader, '+-')
  if (!sign) return atom(reader)
  const value = signed(reader)
  return value === null ? null : sign === '-' ? -value : value
}

/** @param {Reader} reader @returns {number | null} */
const atom = (reader) => {
  if (take(reader, '(')) {
    const value = sum(reader)
    return take(reader, ')') ? value : null
  }
  const named = reader.names.find(([name]) => reader.text.startsWith(name, reader.at))
  if (named) {
    reader.at += named[0].length
    return named[1]
  }
  const digits = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i.exec(reader.text.slice(reader.at))
  if (!digits) return null
  reader.at += digits[0].length
  const unit = UNIT.exec(reader.text.slice(reader.at))
  reader.at += unit?.[0].length ?? 0
  return unit?.[0] === '%' ? Number(digits[0]) / 100 : Number(digits[0])
}
