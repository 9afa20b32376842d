// Futures that an edit left behind: what was undone when another edit came, and where the ways part.

/** @typedef {import('./store.js').Entry} Entry */
/** @typedef {{base: Entry['changes'] | null, future: Entry[]}} Left base: the changes of the last edit before the fork; future: the next one last */
/** @typedef {{place: number, labels: string[], left: Left}} Branch place: how many edits are done at the fork */

const KEPT = 16

export class Branches {
  /** @type {Left[]} */
  #all = []

  /** What could have been done again is left at the last of the done edits. @param {readonly Entry[]} done @param {Entry[]} future */
  leave(done, future) {
    if (future.length) this.#all = [...this.#all, { base: done.at(-1)?.changes ?? null, future }].slice(-KEPT)
  }

  /** Those that part from this line of edits, the newest last. @param {readonly Entry[]} line @returns {Branch[]} */
  from(line) {
    return this.#all.flatMap((left) => {
      const place = left.base === null ? 0 : line.findIndex(({ changes }) => changes === left.base) + 1
      return left.base !== null && place === 0 ? [] : [{ place, labels: left.future.map(({ label }) => label).reverse(), left }]
    })
  }

  /** Goes into a branch: what it takes the place of is left in turn. @param {Left} left @param {Entry[]} future @returns {Entry[]} what can be done again now */
  take(left, future) {
    this.#all = this.#all.filter((other) => other !== left)
    if (future.length) this.#all = [...this.#all, { base: left.base, future }]
    return left.future
  }
}
