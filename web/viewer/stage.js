// The picture in the viewer, or two of them against each other: one camera for both, drawn on one canvas.

import { clamp } from '../kernels/geometry.js'
import { fitView, zoomedView } from '../kernels/picture_view.js'

/** @typedef {import('../kernels/geometry.js').Camera} Camera */
/** @typedef {import('../kernels/picture_view.js').Size} Size */
/** @typedef {HTMLImageElement | HTMLCanvasElement} Drawable */
/** @typedef {'one' | 'wipe' | 'side' | 'onion' | 'difference' | 'blink'} Mode */
/** @typedef {{a: Drawable | null, b: Drawable | null, apart: Drawable | null}} Pictures apart: the difference of both */
/** @typedef {{x: number, y: number, width: number, height: number}} Pane a part of the canvas, in CSS pixels */

/** From this enlargement on single pixels are drawn with sharp edges; below, smooth reads better. */
const CRISP_FROM = 6
/** Small pictures are shown at up to this many times their size. */
const LARGEST_FIT = 5
/** How near a hand must come to the wipe's edge to hold it. */
const REACH = 14
const GAP = 8

export class Stage {
  canvas = document.createElement('canvas')
  /** @type {Mode} */
  mode = 'one'
  /** @type {Pictures} */
  pictures = { a: null, b: null, apart: null }
  /** Where the wipe's edge stands, 0 to 1 of the picture's width. */
  wipe = 0.5
  /** How much of B is seen over A where one lies on the other. */
  mix = 0.5
  /** Which picture blinking shows now. @type {'a' | 'b'} */
  shown = 'a'
  #context
  #camera = { x: 0, y: 0, zoom: 1 }
  #fitted = true
  #request = 0
  #observer
  /** @type {((camera: Camera) => void)} */
  onCamera = () => {}

  constructor() {
    this.canvas.className = 'viewer-stage'
    this.canvas.tabIndex = 0
    this.canvas.setAttribute('role', 'img')
    this.#context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'))
    this.#observer = new ResizeObserver(() => (this.#fitted ? this.fit() : this.draw()))
    this.#observer.observe(this.canvas)
    this.canvas.addEventListener('wheel', (event) => this.#wheel(event), { passive: false })
  }

  destroy() {
    this.#observer.disconnect()
    cancelAnimationFrame(this.#request)
  }

  get camera() {
    return this.#camera
  }

  /** @returns {Size} */
  get #size() {
    const { a, b } = this.pictures
    return sizeOf(a ?? b)
  }

  /** One pane, or two side by side. @returns {Pane[]} */
  get panes() {
    const { clientWidth: width, clientHeight: height } = this.canvas
    if (this.mode !== 'side') return [{ x: 0, y: 0, width, height }]
    const half = (width - GAP) / 2
    return [{ x: 0, y: 0, width: half, height }, { x: half + GAP, y: 0, width: half, height }]
  }

  /** The whole picture, in the middle. */
  fit() {
    const [pane] = this.panes
    if (!pane?.width) return
    this.#move(fitView(this.#size, pane, { margin: 16, most: LARGEST_FIT }), true)
  }

  /** @param {number} zoom about the middle */
  zoomTo(zoom) {
    const [pane] = this.panes
    if (pane) this.#move(zoomedView(this.#camera, [pane.width / 2, pane.height / 2], zoom), false)
  }

  /** One pixel of the picture on one of the screen. */
  actualSize() {
    this.zoomTo(1 / (window.devicePixelRatio || 1))
  }

  /** @param {number} dx @param {number} dy */
  pan(dx, dy) {
    const { x, y, zoom } = this.#camera
    this.#move({ x: x - dx / zoom, y: y - dy / zoom, zoom }, false)
  }

  /** @param {Camera} camera */
  look(camera) {
    this.#move(camera, false)
  }

  /** Where a pointer is in its pane. @param {MouseEvent} event */
  placeOf(event) {
    return this.#locate(event).at
  }

  /** @param {Camera} camera @param {boolean} fitted */
  #move(camera, fitted) {
    this.#camera = camera
    this.#fitted = fitted
    this.onCamera(camera)
    this.draw()
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault()
    const { at } = this.#locate(event)
    this.#move(zoomedView(this.#camera, at, this.#camera.zoom * 1.0015 ** -event.deltaY), false)
  }

  /** Where a pointer is, from the left top of its pane. @param {MouseEvent} event */
  #locate({ clientX, clientY }) {
    const { left, top } = this.canvas.getBoundingClientRect()
    const [x, y] = [clientX - left, clientY - top]
    const pane = this.panes.findLast((one) => x >= one.x) ?? { x: 0, y: 0 }
    return { x, at: /** @type {[number, number]} */ ([x - pane.x, y - pane.y]) }
  }

  /** The point of the picture under a pointer. @param {MouseEvent} event @returns {[number, number]} */
  pointAt(event) {
    const { at: [x, y] } = this.#locate(event)
    return [this.#camera.x + x / this.#camera.zoom, this.#camera.y + y / this.#camera.zoom]
  }

  /** Whether a pointer is on the wipe's edge. @param {MouseEvent} event */
  holdsWipe(event) {
    return this.mode === 'wipe' && Math.abs(this.#locate(event).x - this.#edge()) <= REACH
  }

  /** @param {MouseEvent} event */
  moveWipe(event) {
    this.setWipe(this.pointAt(event)[0] / this.#size.width)
  }

  /** @param {number} share */
  setWipe(share) {
    this.wipe = clamp(share, 0, 1)
    this.draw()
  }

  /** @param {number} share of B */
  setMix(share) {
    this.mix = clamp(share, 0, 1)
    this.draw()
  }

  #edge() {
    return (this.wipe * this.#size.width - this.#camera.x) * this.#camera.zoom
  }

  draw() {
    this.#request ||= requestAnimationFrame(() => this.#draw())
  }

  #draw() {
    this.#request = 0
    const ratio = window.devicePixelRatio || 1
    const { clientWidth: width, clientHeight: height } = this.canvas
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      Object.assign(this.canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) })
    }
    const ctx = this.#context
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
    ctx.clearRect(0, 0, width, height)
    const { a, b, apart } = this.pictures
    const [first, second] = this.panes
    if (!first) return
    if (this.mode === 'side' && second) {
      this.#picture(a, first)
      this.#picture(b, second)
      this.#label('A', first.x + 10)
      this.#label('B', second.x + 10)
    } else if (this.mode === 'wipe') this.#wipes(first)
    else if (this.mode === 'onion') {
      this.#picture(a, first)
      this.#context.globalAlpha = this.mix
      this.#picture(b, first)
      this.#context.globalAlpha = 1
    } else if (this.mode === 'difference') this.#picture(apart, first)
    else if (this.mode === 'blink') {
      this.#picture(this.shown === 'a' ? a : b, first)
      this.#label(this.shown.toUpperCase(), 10)
    } else this.#picture(a, first)
  }

  /** A to the left of the edge, B to its right. @param {Pane} pane */
  #wipes(pane) {
    const edge = clamp(this.#edge(), 0, pane.width)
    this.#picture(this.pictures.a, { ...pane, width: edge }, pane)
    this.#picture(this.pictures.b, { ...pane, x: edge, width: pane.width - edge }, pane)
    const ctx = this.#context
    ctx.fillStyle = '#fff'
    ctx.shadowColor = 'rgba(0, 0, 0, 0.6)'
    ctx.shadowBlur = 4
    ctx.fillRect(edge - 1, 0, 2, pane.height)
    ctx.beginPath()
    ctx.arc(edge, pane.height / 2, 13, 0, Math.PI * 2)
    ctx.fill()
    ctx.shadowColor = 'transparent'
    ctx.strokeStyle = '#2b2e38'
    ctx.lineWidth = 1.75
    ctx.lineCap = 'round'
    ctx.beginPath()
    for (const side of [-1, 1]) {
      ctx.moveTo(edge + side * 4, pane.height / 2 - 3.5)
      ctx.lineTo(edge + side * 7.5, pane.height / 2)
      ctx.lineTo(edge + side * 4, pane.height / 2 + 3.5)
    }
    ctx.stroke()
    this.#label('A', edge - 40)
    this.#label('B', edge + 18)
  }

  /** B lies over A whatever its size. @param {Drawable | null} image @param {Pane} clip @param {Pane} [pane] */
  #picture(image, clip, pane = clip) {
    const { width, height } = this.#size
    if (!image || !sizeOf(image).width || clip.width <= 0) return
    const ctx = this.#context
    const { x, y, zoom } = this.#camera
    ctx.save()
    ctx.beginPath()
    ctx.rect(clip.x, clip.y, clip.width, clip.height)
    ctx.clip()
    ctx.imageSmoothingEnabled = (width * zoom) / sizeOf(image).width < CRISP_FROM
    ctx.imageSmoothingQuality = 'high'
    ctx.drawImage(image, pane.x - x * zoom, pane.y - y * zoom, width * zoom, height * zoom)
    ctx.restore()
  }

  /** @param {string} text @param {number} x */
  #label(text, x) {
    const ctx = this.#context
    ctx.fillStyle = 'rgba(12, 13, 16, 0.72)'
    ctx.beginPath()
    ctx.roundRect(x, 10, 22, 20, 5)
    ctx.fill()
    ctx.fillStyle = '#eceef2'
    ctx.font = '600 12px system-ui, sans-serif'
    ctx.textAlign = 'center'
    ctx.textBaseline = 'middle'
    ctx.fillText(text, x + 11, 20.5)
  }
}

/** @param {Drawable | null} image @returns {Size} */
const sizeOf = (image) => {
  if (image instanceof HTMLImageElement) return { width: image.naturalWidth || 1, height: image.naturalHeight || 1 }
  return image ?? { width: 1, height: 1 }
}
