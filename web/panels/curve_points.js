// The plot of a curve's editor: points that are dragged, nudged, added and taken away, and what is read below the pointer.

import { curveAt, shortNumber } from '../kernels/curve.js'
import { addedPoint, movedPoint, snappedPlace, splitBehind, viewOfCurve, withoutPoint } from '../kernels/curve_edit.js'
import { drawn, plotLine, plotScale, plotTicks } from './curve_plot.js'

/** @typedef {import('../kernels/curve.js').Curve} Curve */
/** @typedef {import('../kernels/curve_edit.js').CurveLimits} CurveLimits */
/** @typedef {readonly [number, number]} View */
/**
 * @typedef {object} PointsOptions
 * @property {Curve} curve
 * @property {CurveLimits} limits
 * @property {number | null} reads how often the curve is read, where that is known
 * @property {(curve: Curve, nudged?: boolean) => void} change
 * @property {() => void} begin of a gesture
 * @property {(keep: boolean) => void} end
 * @property {(at: number | null) => void} tell where the pointer is; null: it is away
 * @property {() => void} chosen another point is the active one
 * @property {AbortSignal} closed
 */

const SIZE = { width: 352, height: 190, inset: 12, left: 38 }
/** Arrows go by such a share of the way, and of what is drawn; with Shift ten times as far. */
const NUDGE = 0.01
/** So near to a point it is meant. */
const REACH = 14

export class CurvePoints {
  node = drawn('svg', { class: 'curve-plot', viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, role: 'group', 'aria-label': 'Points' })
  #options
  #curve
  #index = 0
  /** While a point is dragged, what is drawn stays as it was. @type {View | null} */
  #held = null
  #points = drawn('g')
  #ground = drawn('g')
  #under = drawn('g', { class: 'curve-under' })

  /** @param {PointsOptions} options */
  constructor(options) {
    this.#options = options
    this.#curve = options.curve
    this.node.append(this.#ground, this.#under, this.#points)
    this.node.addEventListener('pointerdown', (event) => this.#press(/** @type {PointerEvent} */ (event)))
    this.node.addEventListener('pointermove', (event) => this.#point(this.#placeOf(/** @type {PointerEvent} */ (event))[0]))
    this.node.addEventListener('pointerleave', () => this.#point(null))
    this.node.addEventListener('dblclick', (event) => this.#doublePress(/** @type {MouseEvent} */ (event)))
  }

  /** Where the active point is. @returns {readonly [number, number]} */
  get active() {
    return this.#curve.points[this.#index] ?? [0, 0]
  }

  /** @returns {View} */
  get #view() {
    return this.#held ?? viewOfCurve(this.#options.limits, this.#curve)
  }

  /** @param {Curve} curve */
  draw(curve) {
    this.#curve = curve
    this.#index = Math.min(this.#index, curve.points.length - 1)
    const view = this.#view
    this.#ground.replaceChildren(...gridOf(view), ...plotLine(curve, SIZE, view), ...plotTicks(curve, SIZE, view, this.#options.reads))
    this.#drawPoints(view)
    this.#point(null)
  }

  focus() {
    /** @type {SVGElement | undefined} */ (this.#points.children[this.#index])?.focus({ preventScroll: true })
  }

  /** @param {readonly [number, number]} place */
  moveActive(place, nudged = false) {
    this.#options.change(movedPoint(this.#curve, this.#index, place, this.#options.limits), nudged)
  }

  /** A point behind the active one. */
  split() {
    this.#add(splitBehind(this.#curve, this.#index, this.#options.limits))
  }

  removeActive() {
    const index = this.#index
    this.#index = Math.max(0, index - 1)
    this.#options.change(withoutPoint(this.#curve, index))
    this.focus()
  }

  /** @param {{curve: Curve, index: number} | null} made */
  #add(made) {
    if (!made) return
    this.#index = made.index
    this.#options.change(made.curve)
    this.focus()
  }

  /** The elements stay, so that a dragged or focused point does. @param {View} view */
  #drawPoints(view) {
    const { points } = this.#curve
    const scale = plotScale(SIZE, view)
    while (this.#points.children.length > points.length) this.#points.lastChild?.remove()
    while (this.#points.children.length < points.length) this.#points.append(this.#dot(this.#points.children.length))
    points.forEach(([x, y], index) => {
      const node = /** @type {SVGElement} */ (this.#points.children[index])
      node.setAttribute('transform', `translate(${scale.x(x).toFixed(2)} ${scale.y(y).toFixed(2)})`)
      const said = { 'aria-label': `Point ${index + 1} of ${points.length}`, 'aria-valuenow': y, 'aria-valuemin': view[0], 'aria-valuemax': view[1], 'aria-valuetext': `x ${shortNumber(x)}, y ${shortNumber(y)}` }
      for (const [name, value] of Object.entries(said)) node.setAttribute(name, String(value))
      node.classList.toggle('active', index === this.#index)
    })
  }

  /** @param {number} index */
  #dot(index) {
    const node = drawn('g', { class: 'curve-point', tabindex: 0, role: 'slider', 'aria-orientation': 'vertical' }, drawn('circle', { class: 'curve-reach', r: REACH }), drawn('circle', { class: 'curve-dot', r: 5 }))
    node.addEventListener('focus', () => this.#choose(index))
    node.addEventListener('keydown', (event) => this.#key(/** @type {KeyboardEvent} */ (event)))
    return node
  }

  /** @param {number} index */
  #choose(index) {
    this.#index = index
    this.#drawPoints(this.#view)
    this.#options.chosen()
  }

  /** @param {MouseEvent} event @returns {[number, number]} */
  #placeOf({ clientX, clientY }) {
    const { left, top, width, height } = this.node.getBoundingClientRect()
    return plotScale(SIZE, this.#view).place(((clientX - left) / width) * SIZE.width, ((clientY - top) / height) * SIZE.height)
  }

  /** @param {[number, number]} place @param {boolean} snaps */
  #placeFor(place, snaps) {
    return snaps ? snappedPlace(place, this.#view, this.#options.reads) : place
  }

  /** @param {PointerEvent} event */
  #press(event) {
    const node = /** @type {Element} */ (event.target).closest('.curve-point')
    if (!node || event.button !== 0) return
    event.preventDefault()
    this.#index = [...this.#points.children].indexOf(node)
    this.focus()
    this.#held = this.#view
    this.#options.begin()
    const drag = new AbortController()
    const { signal } = drag
    const finish = (/** @type {boolean} */ keep) => {
      drag.abort()
      this.#held = null
      this.#options.end(keep)
      this.draw(this.#curve)
    }
    this.node.setPointerCapture(event.pointerId)
    this.node.addEventListener('pointermove', (moved) => this.#drag(/** @type {PointerEvent} */ (moved)), { signal })
    this.node.addEventListener('pointerup', () => finish(true), { signal })
    this.node.addEventListener('pointercancel', () => finish(false), { signal })
    this.#options.closed.addEventListener('abort', () => finish(true), { signal })
  }

  /** @param {PointerEvent} event */
  #drag(event) {
    this.moveActive(this.#placeFor(this.#placeOf(event), event.shiftKey))
    this.#point(this.active[0])
  }

  /** Into the open: a point there; on a point: it goes. @param {MouseEvent} event */
  #doublePress(event) {
    event.preventDefault()
    const place = this.#placeOf(event)
    if (this.#isOnPoint(place)) this.removeActive()
    else this.#add(addedPoint(this.#curve, this.#placeFor(place, event.shiftKey), this.#options.limits))
  }

  /** The plot has the pointer while it is pressed: what lies under it is found by its place. @param {[number, number]} place */
  #isOnPoint([x, y]) {
    const scale = plotScale(SIZE, this.#view)
    const [px, py] = this.active
    return Math.hypot(scale.x(px) - scale.x(x), scale.y(py) - scale.y(y)) < REACH
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const way = /** @type {Record<string, [number, number]>} */ ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] })[event.key]
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (way) this.#nudge(way, NUDGE * (event.shiftKey ? 10 : 1))
    else if (event.key === 'Delete' || event.key === 'Backspace') this.removeActive()
    else if (event.key === 'Enter' || event.key === '+') this.split()
    else return
    event.preventDefault()
  }

  /** @param {[number, number]} way @param {number} share */
  #nudge([right, up], share) {
    const [[x, y], [low, high]] = [this.active, this.#view]
    this.moveActive([x + right * share, y + up * (high - low) * share], true)
  }

  /** Shows what is read at a place. @param {number | null} at */
  #point(at) {
    const inside = at !== null && at >= 0 && at <= 1 ? at : null
    const { x, y } = plotScale(SIZE, this.#view)
    const marks = inside === null ? [] : [drawn('path', { d: `M${x(inside)} ${SIZE.inset}V${SIZE.height - SIZE.inset}` }), drawn('circle', { cx: x(inside), cy: y(curveAt(this.#curve, inside)), r: 3 })]
    this.#under.replaceChildren(...marks)
    this.#options.tell(inside)
  }
}

/** Quarters, and what the top and the bottom are. @param {View} view */
const gridOf = (view) => {
  const { x, y } = plotScale(SIZE, view)
  const lines = [0, 0.25, 0.5, 0.75, 1].flatMap((part) => [`M${x(part)} ${y(view[1])}V${y(view[0])}`, `M${x(0)} ${y(view[0] + (view[1] - view[0]) * part)}H${x(1)}`])
  const label = (/** @type {number} */ value, /** @type {number} */ shift) => {
    const node = drawn('text', { x: x(0) - 12, y: y(value) + shift, 'text-anchor': 'end' })
    node.textContent = shortNumber(value)
    return node
  }
  return [drawn('path', { class: 'curve-grid', d: lines.join('') }), label(view[1], 4), label(view[0], 3)]
}
