// The seeds of the last run, for the fields that hold others by now.

import { addressOf } from '../document/addresses.js'
import { ownRuns } from './app.js'
import { lastValue } from './last_values.js'

/** @typedef {import('./app.js').App} App */

/** Of more seeds than these nobody follows each. */
const MOST = 60

export class UsedSeeds {
  #app
  #changed
  /** What the values were asked for: the run, how it stands, and the graph that is shown. */
  #asked = ''
  /** By address and input. @type {ReadonlyMap<string, unknown>} */
  #values = new Map()

  /** @param {App} app @param {() => void} changed values came that were asked for */
  constructor(app, changed) {
    this.#app = app
    this.#changed = changed
  }

  /** What the input had when its node last ran; undefined where that is not known, or not yet. @param {string} address @param {string} input */
  of(address, input) {
    return this.#values.get(`${address} ${input}`)
  }

  /** After whatever may have ended a run: asks for the values of a new one. */
  async update() {
    const { store } = this.#app
    const last = ownRuns(this.#app).at(-1)
    const asked = `${last?.id} ${last?.status} ${addressOf(store.path, '')}`
    if (asked === this.#asked) return
    this.#asked = asked
    const values = new Map(last ? await this.#read() : [])
    if (asked !== this.#asked || (!values.size && !this.#values.size)) return
    this.#values = values
    this.#changed()
  }

  /** @returns {Promise<[string, unknown][]>} */
  async #read() {
    const { store, catalog } = this.#app
    const { path } = store
    const seeds = store.nodes().flatMap(({ id, type }) => (catalog.nodes.get(type)?.inputs ?? []).filter(({ widget }) => widget?.kind === 'seed').map(({ name }) => ({ id, name })))
    if (seeds.length > MOST) return []
    const read = seeds.map(async ({ id, name }) => /** @type {[string, unknown]} */ ([`${addressOf(path, id)} ${name}`, await lastValue(this.#app, id, name)]))
    return (await Promise.all(read.map((value) => value.catch(() => null)))).filter((entry) => entry !== null) // What is not known is not shown.
  }
}
