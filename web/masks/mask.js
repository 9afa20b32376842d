// The mask being painted and its own undo: what changed of it, as bytes of a rectangle.

import { blend, cutOut, differing, emptyPlane, putBack } from '../kernels/planes.js'

/** @typedef {import('../kernels/geometry.js').Rect} Rect */
/** @typedef {import('../kernels/planes.js').Plane} Plane */
/** @typedef {{label: string, rect: Rect, before: Uint8Array<ArrayBuffer>, after: Uint8Array<ArrayBuffer>}} MaskEdit */

/** Bytes that the undo keeps; the oldest edits leave first. */
const KEPT = 256 * 2 ** 20

export class Mask {
  /** @type {MaskEdit[]} */
  #edits = []
  #done = 0
  /** How many edits led to what is stored; none where they were forgotten. @type {number} */
  #stored = 0
  #base
  #onChange

  /** @param {Plane} plane @param {(rect: Rect) => void} onChange */
  constructor(plane, onChange) {
    this.plane = plane
    this.coverage = emptyPlane(plane.width, plane.height)
    this.#base = { ...plane, data: plane.data.slice() }
    this.#onChange = onChange
  }

  get whole() {
    return { x: 0, y: 0, width: this.plane.width, height: this.plane.height }
  }

  get undoLabel() {
    return this.#edits[this.#done - 1]?.label ?? null
  }

  get redoLabel() {
    return this.#edits[this.#done]?.label ?? null
  }

  /** Whether something would be lost without storing. */
  get isChanged() {
    return this.#done !== this.#stored
  }

  /** Starts a gesture: what is laid from now on replaces what the same gesture laid before. */
  begin() {
    this.#base.data.set(this.plane.data)
    this.coverage.data.fill(0)
  }

  /** Shows the coverage inside a rectangle on top of the mask as it was. @param {Rect | null} rect @param {boolean} erases */
  lay(rect, erases) {
    if (!rect) return
    blend(this.plane, { base: this.#base, coverage: this.coverage, erases }, rect)
    this.#onChange(rect)
  }

  /** Lays another coverage in the place of the gesture's. @param {Plane} coverage @param {boolean} erases */
  cover(coverage, erases) {
    this.coverage.data.set(coverage.data)
    this.lay(this.whole, erases)
  }

  /** Ends the gesture as one edit. @param {string} label */
  commit(label) {
    const rect = differing(this.#base, this.plane)
    if (!rect) return
    if (this.#stored > this.#done) this.#stored = -1
    this.#edits.splice(this.#done, Infinity, { label, rect, before: cutOut(this.#base, rect), after: cutOut(this.plane, rect) })
    this.#done += 1
    this.#forgetOldest()
  }

  /** Ends the gesture without a trace. */
  cancel() {
    this.plane.data.set(this.#base.data)
    this.#onChange(this.whole)
  }

  /** Changes the mask as a whole. @param {string} label @param {(plane: Plane) => Plane} change */
  apply(label, change) {
    this.begin()
    this.plane.data.set(change({ ...this.plane, data: this.plane.data.slice() }).data)
    this.#onChange(this.whole)
    this.commit(label)
  }

  undo() {
    const edit = this.#edits[this.#done - 1]
    if (!edit) return
    this.#done -= 1
    this.#restore(edit.rect, edit.before)
  }

  redo() {
    const edit = this.#edits[this.#done]
    if (!edit) return
    this.#done += 1
    this.#restore(edit.rect, edit.after)
  }

  /** @param {Rect} rect @param {Uint8Array<ArrayBuffer>} bytes */
  #restore(rect, bytes) {
    putBack(this.plane, rect, bytes)
    this.#onChange(rect)
  }

  #forgetOldest() {
    let bytes = this.#edits.reduce((total, { before }) => total + 2 * before.length, 0)
    while (bytes > KEPT && this.#edits.length > 1) {
      bytes -= 2 * /** @type {MaskEdit} */ (this.#edits.shift()).before.length
      this.#done -= 1
      this.#stored -= 1
    }
  }
}
