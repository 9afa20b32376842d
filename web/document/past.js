// What was done to a document and undone again, as diffs; edits with one key in quick succession are one entry.

import { Branches, weigh } from './branches.js'
import { sizeOf } from './change_size.js'
import { compose } from './diff.js'
import { samePath } from './places.js'

/** @typedef {import('./store.js').Entry} Entry */

/** Edits with one coalescing key within this time are one undo entry. */
const COALESCE_MS = 1500
/** So much is remembered, which is weeks of work; what is older is forgotten. */
export const REMEMBERED_BYTES = 64 * 2 ** 20

export class Past {
  /** The newest last. @type {Entry[]} */
  done = []
  /** The next one last. @type {Entry[]} */
  undone = []
  /** How many of the oldest edits are remembered no longer. */
  forgotten = 0
  /** The changes of the last edit that is forgotten: the document before all that is remembered. @type {Entry['changes'] | null} */
  #start = null
  #branches = new Branches()
  #limit
  /** Of what is done or undone, without branches. */
  #bytes = 0

  /** @param {number} [limit] bytes */
  constructor(limit = REMEMBERED_BYTES) {
    this.#limit = limit
  }

  /** @param {Omit<Entry, 'bytes'>} entry */
  remember(entry) {
    this.#bytes -= weigh(this.undone)
    this.#branches.leave(this.done, this.undone)
    this.undone = []
    const last = this.done.at(-1)
    if (last?.coalesce && last.coalesce === entry.coalesce && entry.time - last.time < COALESCE_MS && samePath(last.path, entry.path)) {
      this.#bytes -= weigh(this.done.splice(-1))
      this.#push({ ...entry, changes: compose(last.changes, entry.changes) })
    } else {
      this.#push(entry)
    }
    this.#forgetOldest()
  }

  /** @param {Omit<Entry, 'bytes'>} entry */
  #push(entry) {
    const bytes = sizeOf(entry.changes)
    this.#bytes += bytes
    this.done.push({ ...entry, bytes })
  }

  /** The last edit can always be undone, however large it is. */
  #forgetOldest() {
    let count = 0
    while (this.bytes > this.#limit && count < this.done.length - 1) {
      const oldest = /** @type {Entry} */ (this.done[count])
      this.#bytes -= oldest.bytes
      this.#branches.forgetBefore(oldest)
      this.#start = oldest.changes
      count += 1
    }
    this.done.splice(0, count)
    this.forgotten += count
    while (this.bytes > this.#limit && this.#branches.forgetOne());
  }

  /** Of all that is remembered, estimated. */
  get bytes() {
    return this.#bytes + this.#branches.bytes
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

  /** Which state this is: only coming back to it gives the same again; null as it was opened. @returns {object | null} */
  get mark() {
    return this.done.at(-1)?.changes ?? this.#start
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
    this.#bytes += weigh(left.future) - weigh(this.undone)
    this.undone = this.#branches.take(left, this.undone)
  }
}
