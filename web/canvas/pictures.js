// Pictures by address, loaded once; the least recently drawn leave first.

/** @typedef {{image: HTMLImageElement, state: 'loading' | 'ready' | 'failed'}} Loaded */

const LIMIT = 200

export class PictureCache {
  /** @type {Map<string, Loaded>} */
  #pictures = new Map()
  #onLoad

  /** @param {() => void} onLoad a picture came: draw again */
  constructor(onLoad) {
    this.#onLoad = onLoad
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
      () => { loaded.state = 'failed' },
    ).then(this.#onLoad)
    if (this.#pictures.size >= LIMIT) this.#pictures.delete(/** @type {string} */ (this.#pictures.keys().next().value))
    return loaded
  }
}
