// Where the two tags of a portal stand: right of the output, left of the input.

/** @typedef {import('./geometry.js').Rect} Rect */
/** @typedef {{from: Rect, to: Rect}} Tags */
/** @typedef {Rect & {isChip: boolean}} Tag */

const HEIGHT = 20
const CHIP = 20
const CHIP_GAP = 9
const GAP = 14
const LETTER = 6.7
const ENDS = 32
const WIDEST = 168
const NARROWEST = 46

/** @param {{x1: number, y1: number, x2: number, y2: number}} ends @param {string} name @returns {Tags} */
export const tagsOf = ({ x1, y1, x2, y2 }, name) => {
  const width = Math.min(WIDEST, Math.max(NARROWEST, name.length * LETTER + ENDS))
  const size = { width, height: HEIGHT }
  return { from: { x: x1 + GAP, y: y1 - HEIGHT / 2, ...size }, to: { x: x2 - GAP - width, y: y2 - HEIGHT / 2, ...size } }
}

/** A tag without its name, nearer to its socket. @param {Rect} tag @param {'from' | 'to'} end @returns {Tag} */
export const chipOf = ({ x, y, width }, end) =>
  ({ x: end === 'from' ? x - GAP + CHIP_GAP : x + width + GAP - CHIP_GAP - CHIP, y: y + (HEIGHT - CHIP) / 2, width: CHIP, height: CHIP, isChip: true })
