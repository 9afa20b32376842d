// What was done to a document and undone again, as diffs; edits with one key in quick succession are one entry.

import { Branches } from './branches.js'
import { compose } from './diff.js'
import { samePath } from './places.js'

/** @typedef {import('./store.js').Entry} Entry */

/** Edits with one coalescing key within this time are one undo entry. */
const COALESCE_MS = 1500

export class Past {
  /** The newest last. @type {Entry[]} */
  done = []
  /** The next one last. @type {Entry[]} */
  undone = []
  #branches = new Branches()

  /** @param {Entry} entry */
  remember(entry) {
    this.#branches.leave(this.done, this.undone)
    this.undone = []
    const last = this.done.at(-1)
    if (last?.coalesce && last.coalesce === entry.coalesce && entry.time - last.time < COALESCE_MS && samePath(last.path, entry.path)) {
      this.done[this.done.length - 1] = { ...entry, changes: compose(last.changes, entry.changes) }
    } else {
      this.done.push(entry)
    }
  }

  /** The entry to undo. */
  back() {
    const entry = this.done.pop()
    if (entry) this.undone.push(entry)
    return entry
  }

  /** The entry to do again. */
  forth() {
    const entry = this.undone.pop()
    if (entry) this.done.push({ ...entry, coalesce: undefined })
    return entry
  }

  /** Which state this is: only coming back to it gives the same again. @returns {object | null} */
  get mark() {
    return this.done.at(-1)?.changes ?? null
  }

  /** All entries, oldest first, whether they are done or not. */
  get line() {
    return [...this.done, ...this.undone.toReversed()]
  }

  /** What was undone before other edits came. */
  get branches() {
    return this.#branches.from(this.line)
  }

  /** What can be done again is this from now on. @param {import('./branches.js').Left} left */
  take(left) {
    this.undone = this.#branches.take(left, this.undone)
  }
}
