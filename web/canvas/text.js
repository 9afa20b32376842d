// Measuring, shortening and wrapping of texts, each done once per text, font and width.

import { hasRightToLeft, isRightToLeft } from '../kernels/direction.js'
import { wrapText } from '../kernels/wrap_text.js'
import { translate } from '../languages/language.js'
import { theme } from './theme.js'

const LIMIT = 6000

/** What people wrote, values and prompts, is drawn in fonts of its own and stays as it is. @param {string} font @param {string} text */
export const inLanguage = (font, text) => (font === theme.font.value || font === theme.font.text ? text : translate(text))

export class TextMeasurer {
  #context
  /** @type {Memory<number>} */
  #widths = new Memory()
  /** @type {Memory<number>} */
  #longest = new Memory()
  /** @type {Memory<string>} */
  #shortened = new Memory()
  /** By how many lines there may be. @type {Map<number, Memory<string[]>>} */
  #wrapped = new Map()

  /** @param {CanvasRenderingContext2D} context used for measuring only */
  constructor(context) {
    this.#context = context
  }

  /** @param {string} font @param {string} text */
  width(font, text) {
    return this.#widths.get(font, 0, text, () => this.#measure(font, inLanguage(font, text)))
  }

  /** The width of the longest word. @param {string} font @param {string} text */
  longestWord(font, text) {
    return this.#longest.get(font, 0, text, () => Math.max(...text.split(/\s+/).map((word) => this.width(font, word))))
  }

  /** Another language, or another font, makes every measure old. */
  forget() {
    for (const memory of [this.#widths, this.#longest, this.#shortened, this.#wrapped]) memory.clear()
  }

  /** The text, or as much of it as fits before an ellipsis. @param {string} font @param {string} text @param {number} maxWidth */
  shorten(font, text, maxWidth) {
    if (maxWidth <= 0) return ''
    if (this.width(font, text) <= maxWidth) return inLanguage(font, text)
    return this.#shortened.get(font, Math.round(maxWidth), text, () => {
      const whole = inLanguage(font, text)
      let low = 0
      let high = whole.length
      while (low < high) {
        const middle = Math.ceil((low + high) / 2)
        if (this.#measure(font, `${whole.slice(0, middle).trimEnd()}…`) <= maxWidth) low = middle
        else high = middle - 1
      }
      return low === 0 ? '' : `${whole.slice(0, low).trimEnd()}…`
    })
  }

  /** @param {string} font @param {string} text @param {number} maxWidth @param {number} [maxLines] */
  wrap(font, text, maxWidth, maxLines = Infinity) {
    const memory = this.#wrapped.get(maxLines) ?? new Memory()
    this.#wrapped.set(maxLines, memory)
    return memory.get(font, Math.round(maxWidth), text, () => wrapText(inLanguage(font, text), maxWidth, (part) => this.#measure(font, part), maxLines))
  }

  /** Lines with the way that their paragraph runs. @param {string} font @param {string} text @param {number} maxWidth @returns {{line: string, isRtl: boolean}[]} */
  lines(font, text, maxWidth) {
    if (!hasRightToLeft(text)) return this.wrap(font, text, maxWidth).map((line) => ({ line, isRtl: false }))
    return text.split('\n').flatMap((paragraph) => this.wrap(font, paragraph, maxWidth).map((line) => ({ line, isRtl: isRightToLeft(paragraph) })))
  }

  /** @param {string} font @param {string} text */
  #measure(font, text) {
    this.#context.font = font
    return this.#context.measureText(text).width
  }
}

/**
 * What was made of a text in a font, by one number more. Asked for every text in every frame: joining a key would take longer than to draw it.
 * @template T
 */
class Memory {
  /** @type {Map<string, Map<number, Map<string, T>>>} */
  #fonts = new Map()
  #count = 0

  /** @param {string} font @param {number} number @param {string} text @param {() => T} make @returns {T} */
  get(font, number, text, make) {
    const known = this.#fonts.get(font)?.get(number)?.get(text)
    if (known !== undefined) return known
    if (this.#count >= LIMIT) this.clear()
    const made = make()
    const numbers = this.#fonts.get(font) ?? new Map()
    const texts = numbers.get(number) ?? new Map()
    this.#fonts.set(font, numbers.set(number, texts.set(text, made)))
    this.#count += 1
    return made
  }

  clear() {
    this.#fonts.clear()
    this.#count = 0
  }
}

/** Written in capitals, but no abbreviations as CLIP and VAE are. */
const SHORT_WORDS = new Set(['MASK', 'INT'])

/** A socket's or widget's name as people read it: `latent_image` is latent image, CONDITIONING conditioning. @param {string} name */
export const displayName = (name) => {
  const spaced = name.replaceAll('_', ' ')
  return spaced === spaced.toUpperCase() && (spaced.length > 4 || SHORT_WORDS.has(spaced)) ? spaced.toLowerCase() : spaced
}

/** What a socket or a widget is called: as whoever made the sub-graph labelled it, else by its name; of `resize.width` by its end. @param {{name: string, label?: string}} socket */
export const shownName = ({ name, label }) => {
  if (label) return label
  const known = shownNames.get(name)
  if (known !== undefined) return known
  const shown = displayName(/[^.]+$/.exec(name)?.[0] ?? name)
  shownNames.set(name, shown)
  return shown
}

/** Asked for every socket in every frame; there are as many as the catalogue and the documents have names. @type {Map<string, string>} */
const shownNames = new Map()
