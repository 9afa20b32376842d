// Which way a text runs: Arabic, Hebrew and their kin from right to left. Their first letter decides, as it does in a page.

/** Fast for the many texts that have none. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/
const FIRST_LETTER = /\p{L}/u

/** @param {string} text */
export const isRightToLeft = (text) => RIGHT_TO_LEFT.test(text) && RIGHT_TO_LEFT.test(FIRST_LETTER.exec(text)?.[0] ?? '')

/** @param {string} text */
export const hasRightToLeft = (text) => RIGHT_TO_LEFT.test(text)
