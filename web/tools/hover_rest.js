// What the pointer rests on is explained: what only passes over shows nothing.

/** @typedef {import('./bench.js').Bench} Bench */

const DELAY_MS = 600

export class HoverRest {
  #bench
  #timer = 0
  /** @type {import('../kernels/hit_test.js').Hit | null} */
  #wanted = null

  /** @param {Pick<Bench, 'interaction' | 'invalidate'>} bench */
  constructor(bench) {
    this.#bench = bench
  }

  /** After every move of a pointer that holds nothing. */
  follow() {
    const { hover } = this.#bench.interaction
    if (hover === this.#wanted) return
    this.forget()
    this.#wanted = hover
    if (hover.kind === 'header' || hover.kind === 'widget') this.#timer = window.setTimeout(() => this.#rest(hover), DELAY_MS)
  }

  /** The hand begins something, or is gone. */
  forget() {
    clearTimeout(this.#timer)
    this.#wanted = null
    if (this.#bench.interaction.rested) this.#rest(null)
  }

  /** @param {import('../kernels/hit_test.js').Hit | null} hit */
  #rest(hit) {
    this.#bench.interaction.rested = hit
    this.#bench.invalidate()
  }
}
