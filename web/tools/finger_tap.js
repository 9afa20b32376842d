// The finger that taps where a wire shall go: one that moves looks for the place, and pans.

import { panned } from '../kernels/geometry.js'

/** @typedef {import('./bench.js').Bench} Bench */
/** @typedef {import('./bench.js').Pointer} Pointer */

const TAP_REACH = 10 // px that a tapping finger may slip

export class FingerTap {
  #bench
  /** @type {Pointer | null} */
  #at = null
  #hasMoved = false

  /** @param {Bench} bench */
  constructor(bench) {
    this.#bench = bench
  }

  /** @param {Pointer} pointer */
  down(pointer) {
    this.#at = pointer
    this.#hasMoved = false
  }

  /** @param {Pointer} pointer */
  move(pointer) {
    if (!this.#at) return
    const [dx, dy] = [pointer.screen[0] - this.#at.screen[0], pointer.screen[1] - this.#at.screen[1]]
    if (!this.#hasMoved && Math.hypot(dx, dy) < TAP_REACH) return
    this.#hasMoved = true
    this.#at = pointer
    this.#bench.setCamera(panned(this.#bench.camera(), dx, dy))
  }

  /** @returns {boolean} whether it was a tap */
  up() {
    const isTap = this.#at !== null && !this.#hasMoved
    this.forget()
    return isTap
  }

  /** It means something else: a second finger came. */
  forget() {
    this.#at = null
  }
}
