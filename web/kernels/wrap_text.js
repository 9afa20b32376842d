// Breaking a text into lines that fit a width, as a text area would.

/** Lines may break between any two of these letters, but not before a closing sign, nor behind an opening one. */
const LETTER = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}'
const OPENING = '（《〈「『【〔［｛“‘'
const CLOSING = '、。，．：；？！）》〉」』】〕］｝”’…—ー％々'
const PIECE = new RegExp(`[${OPENING}(\\[{]*[${LETTER}][${CLOSING})\\]},.!?:;]*\\s*|[${OPENING}]*[^\\s${LETTER}${OPENING}]+\\s*|[${OPENING}]+|\\s+`, 'gu')

/**
 * @param {string} text
 * @param {number} maxWidth
 * @param {(text: string) => number} measure
 * @param {number} [maxLines] stop after so many; the last then ends in an ellipsis
 * @returns {string[]}
 */
export const wrapText = (text, maxWidth, measure, maxLines = Infinity) => {
  /** @type {string[]} */
  const lines = []
  for (const paragraph of text.split('\n')) {
    for (const line of wrapParagraph(paragraph, maxWidth, measure)) {
      if (lines.length === maxLines) return [...lines.slice(0, -1), `${lines.at(-1)?.replace(/.$/, '')}…`]
      lines.push(line)
    }
  }
  return lines
}

/** @param {string} paragraph @param {number} maxWidth @param {(text: string) => number} measure */
const wrapParagraph = (paragraph, maxWidth, measure) => {
  /** @type {string[]} */
  const lines = []
  let line = ''
  for (const word of paragraph.match(PIECE) ?? ['']) {
    if (line !== '' && measure((line + word).trimEnd()) > maxWidth) {
      lines.push(line.trimEnd())
      line = ''
    }
    line += word
    while (measure(line.trimEnd()) > maxWidth && line.length > 1) {
      const fits = longestFit(line, maxWidth, measure)
      lines.push(line.slice(0, fits))
      line = line.slice(fits)
    }
  }
  lines.push(line.trimEnd())
  return lines
}

/** How many characters of a word too long for a line fit it; at least one. @param {string} word @param {number} maxWidth @param {(text: string) => number} measure */
const longestFit = (word, maxWidth, measure) => {
  let low = 1
  let high = word.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (measure(word.slice(0, middle)) <= maxWidth) low = middle
    else high = middle - 1
  }
  const isWithinPair = /[\ud800-\udbff]/.test(word.charAt(low - 1))
  return isWithinPair ? (low > 1 ? low - 1 : 2) : low
}
