// Futures that an edit left behind: what was undone when another edit came, and where the ways part.

/** @typedef {import('./store.js').Entry} Entry */
/** @typedef {{base: Entry['changes'] | null, future: Entry[]}} Left base: the changes of the last edit before the fork; future: the next one last */
/** @typedef {{place: number, labels: string[], left: Left}} Branch place: how many edits are done at the fork */

const KEPT = 16

/** Bytes of some edits. @param {readonly Entry[]} entries */
export const weigh = (entries) => entries.reduce((sum, { bytes }) => sum + bytes, 0)

export class Branches {
  /** @type {Left[]} */
  #all = []

  /** What could have been done again is left at the last of the done edits. @param {readonly Entry[]} done @param {Entry[]} future */
  leave(done, future) {
    if (future.length) this.#all = [...this.#all, { base: done.at(-1)?.changes ?? null, future }].slice(-KEPT)
  }

  get bytes() {
    return this.#all.reduce((sum, { future }) => sum + weigh(future), 0)
  }

  /** The oldest edit is done for good: what parted before it cannot be reached again, what parts after it does so at the start. @param {Entry} entry */
  forgetBefore({ changes }) {
    this.#all = this.#all.filter(({ base }) => base !== null).map((left) => (left.base === changes ? { ...left, base: null } : left))
  }

  /** @returns {boolean} whether there was one */
  forgetOne() {
    return this.#all.shift() !== undefined
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
