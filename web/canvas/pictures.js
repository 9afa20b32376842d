// Pictures by address, loaded once; the least recently drawn leave first, what is drawn now never.

/** @typedef {{image: HTMLImageElement, state: 'loading' | 'ready' | 'failed', asked: number}} Loaded asked: when it was drawn last */

const LIMIT = 200
/** Where more than the limit are in view, letting one go would load it again for the next frame, and so without end. */
const RECENT_MS = 2000

export class PictureCache {
  /** @type {Map<string, Loaded>} */
  #pictures = new Map()
  #onLoad
  #onFail
  #clock

  /** @param {() => void} onLoad a picture came: draw again @param {(url: string) => void} [onFail] @param {() => number} [clock] milliseconds */
  constructor(onLoad, onFail = () => {}, clock = () => performance.now()) {
    this.#clock = clock
    this.#onLoad = onLoad
    this.#onFail = onFail
  }

  /** Whether it was asked for in vain. @param {string} url */
  failed(url) {
    return this.#pictures.get(url)?.state === 'failed'
  }

  /** What did not come is asked for again when it is drawn. */
  retry() {
    for (const [url, { state }] of this.#pictures) if (state === 'failed') this.#pictures.delete(url)
    this.#onLoad()
  }

  /** The picture where it is there; asks for it otherwise. @param {string} url @returns {HTMLImageElement | null} */
  get(url) {
    const known = this.#pictures.get(url) ?? this.#load(url)
    known.asked = this.#clock()
    this.#pictures.delete(url)
    this.#pictures.set(url, known)
    return known.state === 'ready' ? known.image : null
  }

  /** @param {string} url @returns {Loaded} */
  #load(url) {
    const image = new Image()
    /** @type {Loaded} */
    const loaded = { image, state: 'loading', asked: this.#clock() }
    image.decoding = 'async'
    image.src = url
    image.decode().then(
      () => { loaded.state = 'ready' },
      () => {
        loaded.state = 'failed'
        this.#onFail(url)
      },
    ).then(this.#onLoad)
    this.#forgetOld(loaded.asked - RECENT_MS)
    return loaded
  }

  /** @param {number} before milliseconds */
  #forgetOld(before) {
    for (const [url, { asked }] of this.#pictures) {
      if (this.#pictures.size < LIMIT || asked > before) return
      this.#pictures.delete(url)
    }
  }
}
