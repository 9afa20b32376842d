// English text to another language: exact texts first, then those with places for a name or a number.

/**
 * @typedef {object} LanguageFile
 * @property {string} code `zh`, `pt-BR`
 * @property {string} name what its speakers call it
 * @property {Record<string, string | Partial<Record<Intl.LDMLPluralRule, string>>>} texts `Opened {title}`: a place
 *   stands for any text, `{n}`, `{n2}` for numbers; several forms are chosen by the first number; `: ` and `.` are the signs behind a head and a sentence
 * @property {Record<string, string>} titles of node types
 * @property {Record<string, string>} names of inputs, outputs and types
 * @property {Record<string, string>} categories by the part between slashes
 */
/** @typedef {{expression: RegExp, places: string[], forms: string | Partial<Record<Intl.LDMLPluralRule, string>>}} Pattern */

const PLACE = /\{(\w+)\}/
const REMEMBERED = 4000
/** What stands between parts that say something by themselves. */
const BETWEEN = /( [·→←] |\n)/
/** What is told of something: a head, then `: ` and more, or keys in parentheses. */
const HEADED = /^(.+?)(: | \()(.+)$/s
/** An input of a node, as Problems name it. */
const SOCKET = /^[\w ()-]+\.\w+$/

/** @param {string} text */
const escaped = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** As within a sentence: Problems are told alone, too. @param {string} text */
const lowered = (text) => text.charAt(0).toLowerCase() + text.slice(1)

/** @param {string} place */
const isNumber = (place) => /^n\d*$/.test(place)

/** @param {[string, Pattern['forms']]} entry @returns {Pattern} */
const patternOf = ([text, forms]) => {
  const parts = text.split(/\{(\w+)\}/)
  const places = parts.filter((_, index) => index % 2 === 1)
  const source = parts.map((part, index) => (index % 2 === 0 ? escaped(part) : isNumber(part) ? '([\\d.,]+)' : '(.+?)')).join('')
  return { expression: new RegExp(`^${source}$`, 's'), places, forms }
}

export class Dictionary {
  #exact
  #patterns
  #plural
  #colon
  #stop
  /** @type {Map<string, string>} */
  #known = new Map()

  /** @param {LanguageFile} file */
  constructor(file) {
    this.code = file.code
    this.#plural = new Intl.PluralRules(file.code)
    this.#colon = String(file.texts[': '] ?? ': ')
    this.#stop = String(file.texts['.'] ?? '.')
    const spaced = Object.entries(file.names).flatMap(([name, said]) => [[name, said], [name.replaceAll('_', ' '), said]])
    const plain = Object.entries(file.texts).filter(([text]) => !PLACE.test(text))
    this.#exact = new Map(/** @type {[string, string][]} */ ([...spaced, ...Object.entries(file.titles), ...Object.entries(file.categories), ...plain]))
    const length = (/** @type {[string, unknown]} */ [text]) => text.replaceAll(/\{\w+\}/g, '').length
    this.#patterns = Object.entries(file.texts).filter(([text]) => PLACE.test(text)).sort((a, b) => length(b) - length(a)).map(patternOf)
  }

  /** The text in this language, or as it is where the file does not know it. @param {string} text @returns {string} */
  translate(text) {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    if (this.#known.size > REMEMBERED) this.#known.clear()
    const [, before = '', core = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(text) ?? []
    const said = before + (this.#whole(core) ?? this.#whole(lowered(core)) ?? this.#sentence(core) ?? this.#inParts(core)) + after
    this.#known.set(text, said)
    return said
  }

  /** A text that is ended as a sentence. @param {string} text @returns {string | null} */
  #sentence(text) {
    const said = text.endsWith('.') ? this.#whole(text.slice(0, -1)) : null
    return said === null ? null : said + this.#stop
  }

  /** As it stands, else behind a head that stands there: `Undo (Ctrl+Z): Delete` is no `Undo {what}`. @param {string} text @returns {string | null} */
  #whole(text) {
    const [, head = '', between = '', rest = ''] = HEADED.exec(text) ?? []
    const said = this.#exact.get(head) ?? (SOCKET.test(head) && between === ': ' ? head : undefined)
    return this.#exact.get(text) ?? (said === undefined ? this.#byPattern(text) : this.#headed(said, between, rest))
  }

  /** @param {string} head @param {string} between @param {string} rest @returns {string} */
  #headed(head, between, rest) {
    if (between === ': ') return head + this.#colon + this.translate(rest)
    return head + between + rest.replace(/: (.+)$/s, (_, more) => this.#colon + this.translate(more))
  }

  /** `steps · 512 × 512`, `LATENT → KSampler`, each by itself; or a head that is a pattern. @param {string} text @returns {string} */
  #inParts(text) {
    if (BETWEEN.test(text)) return text.split(BETWEEN).map((part) => this.translate(part)).join('')
    const [, head = '', between = '', rest = ''] = HEADED.exec(text) ?? []
    const said = head && this.#byPattern(head)
    return said ? this.#headed(said, between, rest) : text
  }

  /** @param {string} text @returns {string | null} */
  #byPattern(text) {
    for (const { expression, places, forms } of this.#patterns) {
      const found = expression.exec(text)
      if (!found) continue
      const values = new Map(places.map((place, index) => [place, found[index + 1] ?? '']))
      return this.#form(forms, values).replaceAll(/\{(\w+)\}/g, (_, place) => this.translate(values.get(place) ?? ''))
    }
    return null
  }

  /** @param {Pattern['forms']} forms @param {Map<string, string>} values */
  #form(forms, values) {
    if (typeof forms === 'string') return forms
    const number = Number([...values].find(([place]) => isNumber(place))?.[1] ?? NaN)
    return forms[this.#plural.select(number)] ?? forms.other ?? ''
  }
}
