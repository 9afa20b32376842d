// A curve in a small panel: points to drag, shapes to begin with, and what the curve is under the pointer.

import { curveAt, INTERPOLATIONS, shortNumber } from '../kernels/curve.js'
import { addedPoint, flippedAcross, flippedUp, movedPoint, presetCurve, PRESETS, snappedPlace, splitBehind, viewOfCurve, withoutPoint } from '../kernels/curve_edit.js'
import { evaluate } from '../kernels/arithmetic.js'
import { drawn, plotLine, plotScale, plotTicks, smallPlot } from './curve_plot.js'
import { element, placeInWindow } from './element.js'
import { icon } from './icons.js'

/** @typedef {import('../kernels/curve.js').Curve} Curve */
/** @typedef {import('../kernels/curve_edit.js').CurveLimits} CurveLimits */
/** @typedef {'steps' | 'items' | 'tones'} Across */
/**
 * @typedef {object} CurveRequest
 * @property {readonly [number, number]} client
 * @property {string} label
 * @property {CurveLimits & {across?: Across}} widget
 * @property {{count: number, of: 'step' | 'item'} | null} reads how often it is read, where that is known
 * @property {() => Curve} read
 * @property {(curve: Curve, nudged: boolean) => void} change nudged: nudges in quick succession are one undo
 * @property {() => void} begin of a gesture: all changes until its end are one undo
 * @property {(keep: boolean) => void} end
 * @property {(changed: () => void) => () => void} subscribe
 */

const SIZE = { width: 352, height: 190, inset: 12, left: 38 }
const SMALL = { width: 32, height: 20, inset: 2 }
/** @type {Record<Across, [string, string]>} */
const ENDS = { steps: ['first step', 'last step'], items: ['first', 'last'], tones: ['dark', 'bright'] }
const BETWEEN = { linear: 'Straight', smooth: 'Smooth', step: 'Steps' }
const SHAPES = { flat: 'Flat', up: 'Rising', down: 'Falling', in: 'Slow, then fast', out: 'Fast, then slow', bell: 'Bell', interval: 'Only in between' }
/** Arrows go by such a share of the way, and of what is drawn; with Shift ten times as far. */
const NUDGE = 0.01
/** So near to a point it is meant. */
const REACH = 14

/** @type {CurvePanel | null} */
let open = null

/** @param {CurveRequest} request @returns {Promise<void>} when it is closed; changes come as they are made */
export const openCurve = (request) => new Promise((resolve) => {
  open?.close()
  open = new CurvePanel(request, resolve)
  open.show()
})

class CurvePanel {
  #request
  #resolve
  #curve
  #index = 0
  /** While a point is dragged, what is drawn stays as it was. @type {readonly [number, number] | null} */
  #held = null
  #svg = drawn('svg', { class: 'curve-plot', viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, role: 'group', 'aria-label': 'Points' })
  #points = drawn('g')
  #ground = drawn('g')
  #under = drawn('g', { class: 'curve-under' })
  #told = element('output', { class: 'curve-told' })
  #x = this.#number('x')
  #y = this.#number('y')
  #remove = button('Delete the point', 'clear', () => this.#removePoint())
  #shapes = element('div', { class: 'curve-shapes', role: 'group', 'aria-label': 'Shapes' })
  #kinds
  #panel
  #closed = new AbortController()

  /** @param {CurveRequest} request @param {() => void} resolve */
  constructor(request, resolve) {
    this.#request = request
    this.#resolve = resolve
    this.#curve = request.read()
    this.#kinds = INTERPOLATIONS.map((kind) => element('button', { type: 'button', onclick: () => this.#set({ ...this.#curve, interpolation: kind }) }, BETWEEN[kind]))
    const [first, last] = ENDS[request.widget.across ?? 'steps']
    this.#svg.append(this.#ground, this.#under, this.#points)
    this.#panel = element('div', { class: 'panel curve-panel', role: 'dialog', 'aria-label': `Curve of ${request.label}` },
      element('div', { class: 'curve-head' }, element('h2', {}, request.label), this.#told, button('Close', 'close', () => this.close())),
      element('div', { class: 'curve-frame' }, this.#svg),
      element('div', { class: 'curve-ends' }, element('span', {}, first), element('span', {}, last)),
      element('div', { class: 'curve-row' },
        element('div', { class: 'curve-kinds', role: 'group', 'aria-label': 'Between the points' }, ...this.#kinds),
        button('Flip left and right', 'swap', () => this.#set(flippedAcross(this.#curve))), button('Flip up and down', 'flip', () => this.#set(flippedUp(this.#curve)))),
      this.#shapes,
      element('div', { class: 'curve-row' }, element('label', {}, 'x', this.#x), element('label', {}, 'y', this.#y), button('Add a point', 'add', () => this.#split()), this.#remove))
  }

  show() {
    const { signal } = this.#closed
    this.#panel.addEventListener('keydown', (event) => this.#key(event))
    addEventListener('pointerdown', ({ target }) => this.#panel.contains(/** @type {Node} */ (target)) || this.close(), { capture: true, signal })
    this.#svg.addEventListener('pointerdown', (event) => this.#press(/** @type {PointerEvent} */ (event)))
    this.#svg.addEventListener('pointermove', (event) => this.#tell(this.#placeOf(/** @type {PointerEvent} */ (event))[0]))
    this.#svg.addEventListener('pointerleave', () => this.#tell(null))
    this.#svg.addEventListener('dblclick', (event) => this.#doublePress(/** @type {MouseEvent} */ (event)))
    signal.addEventListener('abort', this.#request.subscribe(() => this.#draw(this.#request.read())))
    document.body.append(this.#panel)
    this.#draw(this.#curve)
    placeInWindow(this.#panel, this.#request.client)
    this.#focusPoint()
  }

  close() {
    if (this.#closed.signal.aborted) return
    if (document.activeElement instanceof HTMLInputElement) document.activeElement.blur() // What is typed counts.
    this.#closed.abort()
    this.#panel.remove()
    if (open === this) open = null
    this.#resolve()
  }

  get #reads() {
    return this.#request.reads?.count ?? null
  }

  get #view() {
    return this.#held ?? viewOfCurve(this.#request.widget, this.#curve)
  }

  /** It is drawn when the document tells of it. @param {Curve} curve @param {boolean} [nudged] */
  #set(curve, nudged = false) {
    if (JSON.stringify(curve) !== JSON.stringify(this.#curve)) this.#request.change(curve, nudged)
  }

  /** @param {Curve} curve */
  #draw(curve) {
    this.#curve = curve
    this.#index = Math.min(this.#index, curve.points.length - 1)
    const view = this.#view
    this.#ground.replaceChildren(...gridOf(view), ...plotLine(curve, SIZE, view), ...plotTicks(curve, SIZE, view, this.#reads))
    this.#drawPoints(view)
    const [x = 0, y = 0] = curve.points[this.#index] ?? []
    if (document.activeElement !== this.#x) this.#x.value = shortNumber(x)
    if (document.activeElement !== this.#y) this.#y.value = shortNumber(y)
    this.#remove.disabled = curve.points.length < 2
    this.#kinds.forEach((node, place) => node.setAttribute('aria-pressed', String(INTERPOLATIONS[place] === (curve.interpolation ?? 'linear'))))
    this.#shapes.replaceChildren(...PRESETS.map((name) => {
      const made = presetCurve(name, curve, viewOfCurve(this.#request.widget, curve))
      return element('button', { type: 'button', title: SHAPES[name], 'aria-label': SHAPES[name], onclick: () => this.#choose(name) }, smallPlot(made, SMALL, spanOf(made)))
    }))
    this.#tell(null)
  }

  /** The elements stay, so that a dragged or focused point does. @param {readonly [number, number]} view */
  #drawPoints(view) {
    const { points } = this.#curve
    const scale = plotScale(SIZE, view)
    while (this.#points.children.length > points.length) this.#points.lastChild?.remove()
    while (this.#points.children.length < points.length) this.#points.append(this.#point(this.#points.children.length))
    points.forEach(([x, y], index) => {
      const node = /** @type {SVGElement} */ (this.#points.children[index])
      node.setAttribute('transform', `translate(${scale.x(x).toFixed(2)} ${scale.y(y).toFixed(2)})`)
      const said = { 'aria-label': `Point ${index + 1} of ${points.length}`, 'aria-valuenow': y, 'aria-valuemin': view[0], 'aria-valuemax': view[1], 'aria-valuetext': `x ${shortNumber(x)}, y ${shortNumber(y)}` }
      for (const [name, value] of Object.entries(said)) node.setAttribute(name, String(value))
      node.classList.toggle('active', index === this.#index)
    })
  }

  /** @param {number} index */
  #point(index) {
    const node = drawn('g', { class: 'curve-point', tabindex: 0, role: 'slider', 'aria-orientation': 'vertical' }, drawn('circle', { class: 'curve-reach', r: REACH }), drawn('circle', { class: 'curve-dot', r: 5 }))
    node.addEventListener('focus', () => this.#activate(index))
    node.addEventListener('keydown', (event) => this.#pointKey(/** @type {KeyboardEvent} */ (event)))
    return node
  }

  /** @param {number} index */
  #activate(index) {
    this.#index = index
    this.#draw(this.#curve)
  }

  #focusPoint() {
    /** @type {SVGElement | undefined} */ (this.#points.children[this.#index])?.focus({ preventScroll: true })
  }

  /** @param {MouseEvent} event @returns {[number, number]} */
  #placeOf({ clientX, clientY }) {
    const { left, top, width, height } = this.#svg.getBoundingClientRect()
    return plotScale(SIZE, this.#view).place(((clientX - left) / width) * SIZE.width, ((clientY - top) / height) * SIZE.height)
  }

  /** @param {PointerEvent} event */
  #press(event) {
    const node = /** @type {Element} */ (event.target).closest('.curve-point')
    if (!node || event.button !== 0) return
    event.preventDefault()
    this.#index = [...this.#points.children].indexOf(node)
    this.#focusPoint()
    this.#held = this.#view
    this.#request.begin()
    const drag = new AbortController()
    const finish = (/** @type {boolean} */ keep) => {
      drag.abort()
      this.#held = null
      this.#request.end(keep)
      this.#draw(this.#request.read())
    }
    this.#svg.setPointerCapture(event.pointerId)
    this.#svg.addEventListener('pointermove', (moved) => this.#drag(/** @type {PointerEvent} */ (moved)), { signal: drag.signal })
    this.#svg.addEventListener('pointerup', () => finish(true), { signal: drag.signal })
    this.#svg.addEventListener('pointercancel', () => finish(false), { signal: drag.signal })
    this.#closed.signal.addEventListener('abort', () => drag.signal.aborted || finish(true))
  }

  /** @param {PointerEvent} event */
  #drag(event) {
    const place = this.#placeOf(event)
    const to = event.shiftKey ? snappedPlace(place, this.#view, this.#reads) : place
    this.#set(movedPoint(this.#curve, this.#index, to, this.#request.widget))
    this.#tell(this.#curve.points[this.#index]?.[0] ?? null)
  }

  /** Into the open: a point there; on a point: it goes. @param {MouseEvent} event */
  #doublePress(event) {
    event.preventDefault()
    const place = this.#placeOf(event)
    if (this.#isOnPoint(place)) return this.#removePoint()
    this.#add(addedPoint(this.#curve, event.shiftKey ? snappedPlace(place, this.#view, this.#reads) : place, this.#request.widget))
  }

  /** The plot has the pointer while it is pressed: what lies under it is found by its place. @param {[number, number]} place */
  #isOnPoint([x, y]) {
    const scale = plotScale(SIZE, this.#view)
    const [px = 0, py = 0] = this.#curve.points[this.#index] ?? []
    return Math.hypot(scale.x(px) - scale.x(x), scale.y(py) - scale.y(y)) < REACH
  }

  #split() {
    this.#add(splitBehind(this.#curve, this.#index, this.#request.widget))
  }

  /** @param {{curve: Curve, index: number} | null} made */
  #add(made) {
    if (!made) return
    this.#index = made.index
    this.#set(made.curve)
    this.#focusPoint()
  }

  #removePoint() {
    const index = this.#index
    this.#index = Math.max(0, index - 1)
    this.#set(withoutPoint(this.#curve, index))
    this.#focusPoint()
  }

  /** @param {import('../kernels/curve_edit.js').Preset} name */
  #choose(name) {
    this.#index = 0
    this.#set(presetCurve(name, this.#curve, this.#view))
  }

  /** @param {'x' | 'y'} axis */
  #number(axis) {
    const input = element('input', { type: 'text', inputMode: 'decimal', spellcheck: false, 'aria-label': `${axis} of the point` })
    input.addEventListener('change', () => {
      const value = evaluate(input.value)
      const [x = 0, y = 0] = this.#curve.points[this.#index] ?? []
      if (value !== null) this.#set(movedPoint(this.#curve, this.#index, axis === 'x' ? [value, y] : [x, value], this.#request.widget))
      const [nowX = 0, nowY = 0] = this.#curve.points[this.#index] ?? []
      input.value = shortNumber(axis === 'x' ? nowX : nowY)
    })
    input.addEventListener('focus', () => input.select())
    return input
  }

  /** @param {KeyboardEvent} event */
  #pointKey(event) {
    const way = /** @type {Record<string, [number, number]>} */ ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] })[event.key]
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (way) this.#nudge(way, event.shiftKey ? 10 : 1)
    else if (event.key === 'Delete' || event.key === 'Backspace') this.#removePoint()
    else if (event.key === 'Enter' || event.key === '+') this.#split()
    else return
    event.preventDefault()
  }

  /** @param {[number, number]} way @param {number} times */
  #nudge([right, up], times) {
    const [x = 0, y = 0] = this.#curve.points[this.#index] ?? []
    const [low, high] = this.#view
    const to = /** @type {[number, number]} */ ([x + right * NUDGE * times, y + up * (high - low) * NUDGE * times])
    this.#set(movedPoint(this.#curve, this.#index, to, this.#request.widget), true)
  }

  /** What the curve is at a place, or what the point is. @param {number | null} at */
  #tell(at) {
    if (at === null || at < 0 || at > 1) {
      const [x = 0, y = 0] = this.#curve.points[this.#index] ?? []
      this.#under.replaceChildren()
      this.#told.textContent = `${shortNumber(x)}: ${shortNumber(y)}`
      return
    }
    const value = curveAt(this.#curve, at)
    const { x, y } = plotScale(SIZE, this.#view)
    this.#under.replaceChildren(drawn('path', { d: `M${x(at)} ${SIZE.inset}V${SIZE.height - SIZE.inset}` }), drawn('circle', { cx: x(at), cy: y(value), r: 3 }))
    const { count = 0, of = '' } = this.#request.reads ?? {}
    this.#told.textContent = count < 2 ? `${shortNumber(Number(at.toFixed(2)))}: ${shortNumber(value)}`
      : `${of} ${Math.round(at * (count - 1)) + 1} of ${count}: ${shortNumber(value)}`
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if ((event.ctrlKey || event.metaKey) && event.key !== 'Enter') return // Undo is the page's.
    event.stopPropagation()
    if (event.key === 'Escape' || (event.key === 'Enter' && (event.ctrlKey || event.metaKey))) this.close()
  }
}

/** Quarters, and what the top and the bottom are. @param {readonly [number, number]} view */
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

/** What a small picture of a shape shows. @param {Curve} curve @returns {[number, number]} */
const spanOf = ({ points }) => {
  const values = points.map(([, y]) => y)
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return low === high ? [low - 1, high + 1] : [low, high]
}

/** @param {string} label @param {import('./icons.js').IconName} name @param {() => void} onclick */
const button = (label, name, onclick) => element('button', { type: 'button', class: 'quiet', title: label, 'aria-label': label, onclick }, icon(name))
