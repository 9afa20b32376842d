// What the viewer knows of pixels: read once for each picture, compared once for each pair and gain.

import { difference } from '../kernels/compare.js'
import { readPixels } from '../masks/pixels.js'

/** @typedef {import('../kernels/compare.js').Difference} Difference */
/** @typedef {import('../masks/pixels.js').RawPicture} RawPicture */

/** Pictures of 2048 × 2048 are 16 MB each. */
const KEPT = 8

export class Readings {
  /** @type {Map<string, Promise<RawPicture>>} */
  #pixels = new Map()

  /** @param {string} url @returns {Promise<RawPicture>} */
  pixels(url) {
    const known = this.#pixels.get(url)
    if (known) return known
    const reading = fetch(url).then((answer) => (answer.ok ? answer.blob() : Promise.reject(new Error('its file is not there')))).then(readPixels)
    this.#pixels.set(url, reading)
    reading.catch(() => this.#pixels.delete(url)) // It may come back.
    for (const old of [...this.#pixels.keys()].slice(0, -KEPT)) this.#pixels.delete(old)
    return reading
  }

  /** B is brought to the size of A first. @param {string} a @param {string} b @param {number} gain @returns {Promise<Difference & {canvas: HTMLCanvasElement, resized: string}>} */
  async apart(a, b, gain) {
    const [first, second] = await Promise.all([this.pixels(a), this.pixels(b)])
    const apart = difference(first, resized(second, first.width, first.height), gain)
    const canvas = Object.assign(document.createElement('canvas'), { width: first.width, height: first.height })
    canvas.getContext('2d')?.putImageData(new ImageData(apart.data, first.width, first.height), 0, 0)
    const isAlike = first.width === second.width && first.height === second.height
    return { ...apart, canvas, resized: isAlike ? '' : `B has ${second.width} × ${second.height}, and is brought to ${first.width} × ${first.height}` }
  }
}

/** @param {RawPicture} picture @param {number} width @param {number} height @returns {RawPicture} */
const resized = (picture, width, height) => {
  if (picture.width === width && picture.height === height) return picture
  const source = new OffscreenCanvas(picture.width, picture.height)
  source.getContext('2d')?.putImageData(new ImageData(picture.data, picture.width, picture.height), 0, 0)
  const target = new OffscreenCanvas(width, height).getContext('2d')
  if (!target) throw new Error('this browser has no memory for the picture')
  target.imageSmoothingQuality = 'high'
  target.drawImage(source, 0, 0, width, height)
  return { width, height, data: target.getImageData(0, 0, width, height).data }
}
