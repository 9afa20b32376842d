// Pictures by address, loaded once; the least recently drawn leave first.

/** @typedef {{image: HTMLImageElement, state: 'loading' | 'ready' | 'failed'}} Loaded */

const LIMIT = 200

export class PictureCache {
  /** @type {Map<string, Loaded>} */
  #pictures = new Map()
  #onLoad
  #onFail

  /** @param {() => void} onLoad a picture came: draw again @param {(url: string) => void} [onFail] */
  constructor(onLoad, onFail = () => {}) {
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
    this.#pictures.delete(url)
    this.#pictures.set(url, known)
    return known.state === 'ready' ? known.image : null
  }

  /** @param {string} url @returns {Loaded} */
  #load(url) {
    const image = new Image()
    /** @type {Loaded} */
    const loaded = { image, state: 'loading' }
    image.decoding = 'async'
    image.src = url
    image.decode().then(
      () => { loaded.state = 'ready' },
      () => {
        loaded.state = 'failed'
        this.#onFail(url)
      },
    ).then(this.#onLoad)
    if (this.#pictures.size >= LIMIT) this.#pictures.delete(/** @type {string} */ (this.#pictures.keys().next().value))
    return loaded
  }
}
