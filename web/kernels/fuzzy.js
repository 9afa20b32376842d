// Finding by a few letters: `dsv8` finds dreamshaper_v8. Letters count more at the start of a word, and in a row.

const SCORE = { letter: 1, row: 4, start: 6, gap: 0.05, late: 0.02 }

/** @param {string} text @param {number} at */
const isStart = (text, at) => {
  if (at === 0) return true
  const before = text.charCodeAt(at - 1)
  return !isDigit(before) && (!isLetter(before) || isDigit(text.charCodeAt(at)))
}

/** @param {number} code */
const isDigit = (code) => code >= 48 && code <= 57

/** In lower case; all beyond ASCII counts as one. @param {number} code */
const isLetter = (code) => (code >= 97 && code <= 122) || code > 127

/** One word of the query: where its letters are taken from, and how well they fit; null where they are not there. @param {string} text lower case @param {string} word lower case @returns {{score: number, at: number[]} | null} */
const matchWord = (text, word) => {
  const whole = text.indexOf(word)
  if (whole >= 0) {
    let from = whole
    while (from >= 0 && !isStart(text, from)) from = text.indexOf(word, from + 1)
    if (from < 0) from = whole
    return { score: word.length * (SCORE.letter + SCORE.row) + (isStart(text, from) ? SCORE.start : 0) - from * SCORE.late, at: Array.from(word, (_, index) => from + index) }
  }
  const nearest = scattered(text, word, firstOf)
  const atStarts = nearest && scattered(text, word, nextOf)
  return atStarts && atStarts.score > (nearest?.score ?? 0) ? atStarts : nearest
}

/** @param {string} text @param {string} word @param {(text: string, letter: string, from: number) => number} next @returns {{score: number, at: number[]} | null} */
const scattered = (text, word, next) => {
  const at = []
  let score = 0
  let from = 0
  for (const letter of word) {
    const found = next(text, letter, from)
    if (found < 0) return null
    score += SCORE.letter + (found === from && from > 0 ? SCORE.row : 0) + (isStart(text, found) ? SCORE.start : 0) - (found - from) * SCORE.gap
    at.push(found)
    from = found + 1
  }
  return { score, at }
}

/** @param {string} text @param {string} letter @param {number} from */
const firstOf = (text, letter, from) => text.indexOf(letter, from)

/** The letter right here, else at the start of a word, else anywhere. @param {string} text @param {string} letter @param {number} from */
const nextOf = (text, letter, from) => {
  const first = text.indexOf(letter, from)
  if (first === from) return first
  for (let at = first; at >= 0; at = text.indexOf(letter, at + 1)) if (isStart(text, at)) return at
  return first
}

/** How well a text fits a query, all words of which must be in it, in any order; null where it does not. @param {string} text @param {string} query @returns {{score: number, at: number[]} | null} at: the letters that fit */
export const fuzzyMatch = (text, query) => {
  const folder = text.lastIndexOf('/') + 1
  const inName = folder ? matchAll(text.slice(folder), query) : null // A file's own name counts more than its folder's.
  return inName ? { score: inName.score + SCORE.start, at: inName.at.map((at) => at + folder) } : matchAll(text, query)
}

/** @param {string} text @param {string} query @returns {{score: number, at: number[]} | null} */
const matchAll = (text, query) => {
  const lower = text.toLowerCase()
  let score = 0
  /** @type {number[]} */
  const at = []
  for (const word of query.toLowerCase().split(/\s+/).filter(Boolean)) {
    const found = matchWord(lower, word)
    if (!found) return null
    score += found.score
    at.push(...found.at)
  }
  return { score: score - text.length * SCORE.late, at }
}

/** What fits, the best first; all in their order where nothing is asked. @template Item @param {readonly Item[]} items @param {string} query @param {(item: Item) => string} textOf @returns {{item: Item, at: number[]}[]} */
export const fuzzyFind = (items, query, textOf) => {
  if (!query.trim()) return items.map((item) => ({ item, at: [] }))
  return items.flatMap((item, place) => {
    const found = fuzzyMatch(textOf(item), query)
    return found ? [{ item, place, ...found }] : []
  }).sort((a, b) => b.score - a.score || a.place - b.place)
}
