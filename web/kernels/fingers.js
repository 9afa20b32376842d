// Fingers on a picture: two of them move and zoom it, and what lay under them stays under them.

import { pinchedView } from './picture_view.js'

/** @typedef {import('./geometry.js').Camera} Camera */
/** @typedef {import('./geometry.js').Point} Point */
/** @typedef {{pointerId: number, pointerType: string}} Finger */

export class Fingers {
  /** Where each one is in the view. @type {Map<number, Point>} */
  #lying = new Map()
  /** @type {{camera: Camera, from: readonly [Point, Point]} | null} */
  #pinch = null

  /** Whether two or more of them hold the picture. */
  get hold() {
    return this.#lying.size > 1
  }

  /** @param {Finger} finger @param {Point} at in the view @param {Camera} camera as it is @returns {boolean} whether they hold the picture now */
  press({ pointerId, pointerType }, at, camera) {
    if (pointerType !== 'touch') return false
    this.#lying.set(pointerId, at)
    if (this.#lying.size === 2) this.#pinch = { camera, from: this.#pair }
    return this.hold
  }

  /** @param {Finger} finger @param {Point} at @returns {Camera | null} the one that they ask for */
  move({ pointerId }, at) {
    if (!this.#lying.has(pointerId)) return null
    this.#lying.set(pointerId, at)
    return this.#pinch && pinchedView(this.#pinch.camera, this.#pinch.from, this.#pair)
  }

  /** @param {Finger} finger */
  lift({ pointerId }) {
    this.#lying.delete(pointerId)
    this.#pinch = null
  }

  /** The first two. @returns {readonly [Point, Point]} */
  get #pair() {
    const [a = [0, 0], b = a] = this.#lying.values()
    return [a, b]
  }
}
