// Looks at values, each asked for once: what a key stands for never changes.

import { ApiError, lookAt } from './api.js'

/** @typedef {import('../canvas/look_words.js').Look} Look */

/** Looks that are kept; the least lately asked for leave first. */
const LIMIT = 300
/** A value that has left the cache meanwhile; the same key may come back with another run. @type {Look} */
export const GONE = { kind: 'gone' }
const GONE_MS = 3000

export class Looks {
  /** null while it is asked for. @type {Map<string, Look | null>} */
  #known = new Map()
  /** When a value was found gone. @type {Map<string, number>} */
  #goneAt = new Map()
  #changed
  #ask
  #now

  /** @param {() => void} changed @param {(key: string, output: number) => Promise<Look>} [ask] @param {() => number} [now] */
  constructor(changed, ask = lookAt, now = () => performance.now()) {
    this.#changed = changed
    this.#ask = ask
    this.#now = now
  }

  /** The look where it is there; asks for it otherwise. @param {string} key @param {number} output @returns {Look | null} */
  get(key, output) {
    const name = `${key}/${output}`
    const isOld = this.#now() - (this.#goneAt.get(name) ?? Infinity) > GONE_MS
    const known = isOld ? undefined : this.#known.get(name)
    if (known === undefined) {
      void this.#fetch(name, key, output)
      return null
    }
    this.#known.delete(name)
    this.#known.set(name, known)
    return known
  }

  /** The look, once it is there; null where it does not come. @param {string} key @param {number} output @returns {Promise<Look | null>} */
  async load(key, output) {
    const known = this.get(key, output)
    return known ?? this.#ask(key, output).catch(() => null)
  }

  /** @param {string} name @param {string} key @param {number} output */
  async #fetch(name, key, output) {
    this.#known.set(name, null)
    this.#goneAt.delete(name)
    if (this.#known.size > LIMIT) this.#known.delete(/** @type {string} */ (this.#known.keys().next().value))
    try {
      this.#known.set(name, await this.#ask(key, output))
    } catch (error) {
      if (!(error instanceof ApiError)) this.#known.delete(name) // No connection: the next look asks again.
      else {
        this.#known.set(name, GONE)
        this.#goneAt.set(name, this.#now())
      }
    }
    this.#changed()
  }
}
