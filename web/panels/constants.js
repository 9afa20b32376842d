// What is typed into the search and is a value rather than a name: a number, a sum, or words.

import { evaluate } from '../kernels/arithmetic.js'

/** @typedef {import('../document/catalog.js').NodeType} NodeType */
/** @typedef {import('../kernels/matching.js').Pending} Pending */
/** @typedef {{type: NodeType, inputs: {value: number | string}}} Constant */

/** More does not fit into a line. */
const LINE = 80
const NUMBER = /^=?[-+(\d.][-+*/^().,\d\s]*$/

/** @param {readonly NodeType[]} types @param {string[]} names @param {number | string} value @returns {Constant[]} */
const among = (types, names, value) => names.flatMap((name) => {
  const type = types.find(({ id }) => id === name)
  return type ? [{ type, inputs: { value } }] : []
})

/** @param {string} text */
const kindOfWords = (text) => (text.includes('\n') || text.length > LINE ? 'PrimitiveStringMultiline' : 'PrimitiveString')

/**
 * The constants that a query is, of the types that may be added: `sure` ones stand before all that is called so, a guess behind.
 * @param {readonly NodeType[]} types @param {string} query @param {Pending} [pending] the wire that they are for
 * @returns {{sure: Constant[], guess: Constant[]}}
 */
export const constantsOf = (types, query, pending) => {
  const text = query.trim()
  const quoted = /^["'“]([^"“”]+?)["'”]?$/s.exec(text)?.[1]
  if (quoted !== undefined) return { sure: among(types, [kindOfWords(quoted)], quoted), guess: [] }
  const number = NUMBER.test(text) ? evaluate(text) : null
  if (number !== null) return { sure: among(types, Number.isInteger(number) ? ['PrimitiveInt', 'PrimitiveFloat'] : ['PrimitiveFloat'], number), guess: [] }
  const words = text ? among(types, [kindOfWords(text)], text) : []
  // An input that wants words gets them; elsewhere they are rather a name.
  const isMeant = pending?.kind === 'input' && pending.type === 'STRING' && text.includes(' ')
  return isMeant ? { sure: words, guess: [] } : { sure: [], guess: words }
}
