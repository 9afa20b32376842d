// The picture with the mask on it, drawn at most once a frame; only what changed of the mask is coloured again.

import { toWorld } from '../kernels/geometry.js'
import { centredView, CRISP_FROM, fitView, zoomedView } from '../kernels/picture_view.js'

/** @typedef {import('../kernels/geometry.js').Camera} Camera */
/** @typedef {import('../kernels/geometry.js').Point} Point */
/** @typedef {import('../kernels/geometry.js').Rect} Rect */
/** @typedef {import('../kernels/planes.js').Plane} Plane */
/** @typedef {'red' | 'green' | 'blue' | 'alpha' | 'chalk' | 'mask'} Look a colour over the picture, the picture with holes, white on the darkened picture, or the mask alone */

const OVERLAY_SHARE = 0.62
/** Of 255: how dark the picture is under chalk. */
const SHADE = 150
const SQUARE = 8 // pixels of the picture's transparency pattern
const [LIGHT, DARK] = [118, 92]

/** Red, green, blue and alpha of a value of the mask. @type {Record<Look, (value: number) => [number, number, number, number]>} */
const COLOURS = {
  red: (value) => [255, 70, 85, value * OVERLAY_SHARE],
  green: (value) => [60, 225, 120, value * OVERLAY_SHARE],
  blue: (value) => [80, 150, 255, value * OVERLAY_SHARE],
  alpha: (value) => [LIGHT, LIGHT, LIGHT, value],
  chalk: (value) => [value, value, value, SHADE + (255 - SHADE) * value / 255],
  mask: (value) => [value, value, value, 255],
}

/** The pixel of each value of the mask, as four bytes at once: 4K pictures are coloured five times as fast. @param {(value: number) => [number, number, number, number]} colour */
const tableOf = (colour) => {
  const bytes = new Uint8ClampedArray(4 * 256)
  for (let value = 0; value < 256; value += 1) bytes.set(colour(value), 4 * value)
  return new Uint32Array(bytes.buffer)
}
const DARK_SQUARES = tableOf((value) => [DARK, DARK, DARK, value])

export class MaskView {
  #canvas
  #context
  #picture
  #layer
  #shown
  /** The bytes of what is shown, a pixel each. */
  #pixels
  #plane
  #frame = 0
  /** @type {Camera} */
  #camera = { x: 0, y: 0, zoom: 1 }
  /** The view follows the window until one zooms. */
  #fits = true
  #watch
  /** @type {Look} */
  #look = 'red'
  /** @type {{outline: readonly Point[] | null, brush: {x: number, y: number, radius: number, inner: number} | null}} */
  #marks = { outline: null, brush: null }
  /** Told when the zoom changed. */
  onZoom = (/** @type {number} */ _zoom) => {}

  /** @param {HTMLCanvasElement} canvas @param {{pixels: import('./pixels.js').RawPicture, plane: Plane}} parts */
  constructor(canvas, { pixels, plane }) {
    const { width, height } = plane
    this.#canvas = canvas
    this.#context = contextOf(canvas)
    this.#plane = plane
    this.#picture = new OffscreenCanvas(width, height)
    this.#layer = new OffscreenCanvas(width, height)
    this.#shown = new ImageData(width, height)
    this.#pixels = new Uint32Array(this.#shown.data.buffer)
    const opaque = new ImageData(pixels.data.slice(), width, height)
    for (let at = 3; at < opaque.data.length; at += 4) opaque.data[at] = 255
    contextOf(this.#picture).putImageData(opaque, 0, 0)
    this.#watch = new ResizeObserver(() => (this.#fits ? this.fit() : this.#schedule()))
    this.#watch.observe(canvas)
    this.changed({ x: 0, y: 0, width, height })
  }

  get camera() {
    return this.#camera
  }

  /** Where a point of the window is on the canvas. @param {number} clientX @param {number} clientY @returns {Point} */
  toView(clientX, clientY) {
    const { left, top } = this.#canvas.getBoundingClientRect()
    return [clientX - left, clientY - top]
  }

  /** Where a point of the window is in the picture. @param {number} clientX @param {number} clientY @returns {[number, number]} */
  toPicture(clientX, clientY) {
    const [x, y] = toWorld(this.#camera, this.toView(clientX, clientY))
    return [x, y]
  }

  /** @param {Camera} camera */
  look(camera) {
    this.#setCamera(camera)
  }

  fit() {
    this.#setCamera(fitView(this.#plane, this.#size, { most: 16 }))
    this.#fits = true
  }

  actualSize() {
    this.#setCamera(centredView(this.#plane, this.#size, 1 / devicePixelRatio))
  }

  /** @param {number} factor @param {Point} [at] in the window; the middle without */
  zoomBy(factor, at) {
    const { width, height } = this.#size
    const screen = /** @type {Point} */ (at ? this.toView(...at) : [width / 2, height / 2])
    this.#setCamera(zoomedView(this.#camera, screen, this.#camera.zoom * factor))
  }

  /** @param {number} dx screen pixels @param {number} dy */
  panBy(dx, dy) {
    const { x, y, zoom } = this.#camera
    this.#setCamera({ x: x - dx / zoom, y: y - dy / zoom, zoom })
  }

  /** @param {Look} look */
  setLook(look) {
    this.#look = look
    this.changed({ x: 0, y: 0, width: this.#plane.width, height: this.#plane.height })
  }

  /** @param {Partial<MaskView['marks']>} marks */
  mark(marks) {
    this.#marks = { ...this.#marks, ...marks }
    this.#schedule()
  }

  get marks() {
    return this.#marks
  }

  /** Colours a part of the mask again. @param {Rect} rect */
  changed(rect) {
    const { width, data } = this.#plane
    const light = tableOf(COLOURS[this.#look])
    const dark = this.#look === 'alpha' ? DARK_SQUARES : light
    for (let y = rect.y; y < rect.y + rect.height; y += 1) {
      for (let x = rect.x; x < rect.x + rect.width; x += 1) {
        const table = (Math.floor(x / SQUARE) + Math.floor(y / SQUARE)) % 2 ? dark : light
        this.#pixels[y * width + x] = /** @type {number} */ (table[/** @type {number} */ (data[y * width + x])])
      }
    }
    contextOf(this.#layer).putImageData(this.#shown, 0, 0, rect.x, rect.y, rect.width, rect.height)
    this.#schedule()
  }

  destroy() {
    cancelAnimationFrame(this.#frame)
    this.#watch.disconnect()
  }

  get #size() {
    const { width, height } = this.#canvas.getBoundingClientRect()
    return { width, height }
  }

  /** @param {Camera} camera */
  #setCamera(camera) {
    this.#camera = camera
    this.#fits = false
    this.onZoom(camera.zoom)
    this.#schedule()
  }

  #schedule() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0
      this.#draw()
    })
  }

  #draw() {
    const { width, height } = this.#size
    const ratio = devicePixelRatio
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)]
    if (this.#canvas.width !== wide || this.#canvas.height !== high) Object.assign(this.#canvas, { width: wide, height: high })
    const { x, y, zoom } = this.#camera
    const context = this.#context
    const scale = zoom * ratio
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, wide, high)
    context.setTransform(scale, 0, 0, scale, -x * scale, -y * scale)
    context.imageSmoothingEnabled = scale < CRISP_FROM
    context.imageSmoothingQuality = 'high'
    context.drawImage(this.#picture, 0, 0)
    context.drawImage(this.#layer, 0, 0)
    this.#drawMarks(1 / zoom)
  }

  /** Dark under light: seen on every picture. @param {number} hair the width of a line of one screen pixel */
  #drawMarks(hair) {
    const { outline, brush } = this.#marks
    const context = this.#context
    const path = new Path2D()
    for (const [index, [x, y]] of (outline ?? []).entries()) path[index ? 'lineTo' : 'moveTo'](x, y)
    if (outline && outline.length > 2) path.closePath()
    if (brush) addRings(path, brush, hair)
    for (const [colour, width] of /** @type {const} */ ([['rgb(0 0 0 / 65%)', 3], ['#fff', 1.2]])) {
      context.strokeStyle = colour
      context.lineWidth = width * hair
      context.stroke(path)
    }
  }
}

/** The brush, its hard core, and a cross in the middle of one that is too small to be seen. @param {Path2D} path @param {NonNullable<MaskView['marks']['brush']>} brush @param {number} hair */
const addRings = (path, { x, y, radius, inner }, hair) => {
  for (const size of [radius, inner]) {
    if (size <= 0) continue
    path.moveTo(x + size, y)
    path.arc(x, y, size, 0, 2 * Math.PI)
  }
  if (radius > 6 * hair) return
  for (const [dx, dy] of /** @type {const} */ ([[1, 0], [-1, 0], [0, 1], [0, -1]])) {
    path.moveTo(x + dx * (radius + 3 * hair), y + dy * (radius + 3 * hair))
    path.lineTo(x + dx * (radius + 9 * hair), y + dy * (radius + 9 * hair))
  }
}

/** @template {HTMLCanvasElement | OffscreenCanvas} Canvas @param {Canvas} canvas @returns {CanvasRenderingContext2D} */
const contextOf = (canvas) => {
  const context = canvas.getContext('2d')
  if (!context) throw new Error('this browser has no memory for the picture')
  return /** @type {CanvasRenderingContext2D} */ (context)
}
