// Measuring, shortening and wrapping of texts, each done once per text, font and width.

import { wrapText } from '../kernels/wrap_text.js'
import { translate } from '../languages/language.js'
import { theme } from './theme.js'

const LIMIT = 6000

/** What people wrote, values and prompts, is drawn in fonts of its own and stays as it is. @param {string} font @param {string} text */
export const inLanguage = (font, text) => (font === theme.font.value || font === theme.font.text ? text : translate(text))

export class TextMeasurer {
  #context
  /** @type {Map<string, number>} */
  #widths = new Map()
  /** @type {Map<string, string>} */
  #shortened = new Map()
  /** @type {Map<string, string[]>} */
  #wrapped = new Map()

  /** @param {CanvasRenderingContext2D} context used for measuring only */
  constructor(context) {
    this.#context = context
  }

  /** @param {string} font @param {string} text */
  width(font, text) {
    return remembered(this.#widths, `${font}|${text}`, () => this.#measure(font, inLanguage(font, text)))
  }

  /** Another language, or another font, makes every measure old. */
  forget() {
    for (const memory of [this.#widths, this.#shortened, this.#wrapped]) memory.clear()
  }

  /** The text, or as much of it as fits before an ellipsis. @param {string} font @param {string} text @param {number} maxWidth */
  shorten(font, text, maxWidth) {
    if (maxWidth <= 0) return ''
    if (this.width(font, text) <= maxWidth) return inLanguage(font, text)
    return remembered(this.#shortened, `${font}|${Math.round(maxWidth)}|${text}`, () => {
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
    return remembered(this.#wrapped, `${font}|${Math.round(maxWidth)}|${maxLines}|${text}`, () =>
      wrapText(inLanguage(font, text), maxWidth, (part) => this.#measure(font, part), maxLines))
  }

  /** @param {string} font @param {string} text */
  #measure(font, text) {
    this.#context.font = font
    return this.#context.measureText(text).width
  }
}

/** @template T @param {Map<string, T>} memory @param {string} key @param {() => T} make @returns {T} */
const remembered = (memory, key, make) => {
  const known = memory.get(key)
  if (known !== undefined) return known
  if (memory.size > LIMIT) memory.clear()
  const made = make()
  memory.set(key, made)
  return made
}

/** A socket's or widget's name as people read it: `latent_image` is latent image, CONDITIONING conditioning. @param {string} name */
export const displayName = (name) => {
  const spaced = name.replaceAll('_', ' ')
  return spaced === spaced.toUpperCase() && spaced.length > 4 ? spaced.toLowerCase() : spaced
}

/** What a socket or a widget is called: as whoever made the sub-graph labelled it, else by its name; of `resize.width` by its end. @param {{name: string, label?: string}} socket */
export const shownName = ({ name, label }) => label || displayName(/[^.]+$/.exec(name)?.[0] ?? name)
