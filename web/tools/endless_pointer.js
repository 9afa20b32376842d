// A drag that knows no edge of the screen: where the pointer would stop there it is locked, and its way is counted on.

/** From the edge of the screen; the pointer itself may never stand on its last pixel. */
const EDGE = 2

export class EndlessPointer {
  #host
  /** Where a locked pointer would be. @type {[number, number] | null} */
  #at = null
  #isAsked = false

  /** @param {HTMLElement} host @param {() => void} gone a person or the browser has taken the lock away */
  constructor(host, gone) {
    this.#host = host
    document.addEventListener('pointerlockchange', () => {
      if (document.pointerLockElement === host || !this.#at) return
      this.#at = null
      if (this.#isAsked) gone()
      this.#isAsked = false
    })
  }

  /** Where an event is meant to be, in the window. @param {MouseEvent} event @returns {[number, number]} */
  place({ type, clientX, clientY, movementX, movementY }) {
    if (document.pointerLockElement !== this.#host || !this.#at) return [clientX, clientY]
    if (type === 'pointermove') this.#at = [this.#at[0] + movementX, this.#at[1] + movementY]
    return this.#at
  }

  /** Goes on beyond the edge that the pointer has come to. @param {PointerEvent} event */
  reach({ pointerType, screenX, clientX, clientY }) {
    const { availLeft = 0 } = /** @type {{availLeft?: number}} */ (/** @type {unknown} */ (screen))
    if (this.#isAsked || pointerType !== 'mouse' || (screenX > availLeft + EDGE && screenX < availLeft + screen.width - 1 - EDGE)) return
    this.#isAsked = true
    this.#at = [clientX, clientY]
    // Where the browser refuses, the drag ends at the edge as it did before.
    void Promise.resolve(this.#host.requestPointerLock()).catch(() => (this.#at = null))
  }

  /** The drag has ended. */
  release() {
    this.#isAsked = false
    this.#at = null
    if (document.pointerLockElement === this.#host) document.exitPointerLock()
  }
}
