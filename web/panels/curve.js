// A curve in a small panel: its points, what lies between them, shapes to begin with, and what the curve is under the pointer.

import { evaluate } from '../kernels/arithmetic.js'
import { curveAt, INTERPOLATIONS, shortNumber } from '../kernels/curve.js'
import { flippedAcross, flippedUp, presetCurve, PRESETS, viewOfCurve } from '../kernels/curve_edit.js'
import { smallPlot } from './curve_plot.js'
import { CurvePoints } from './curve_points.js'
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

const SMALL = { width: 32, height: 20, inset: 2 }
/** @type {Record<Across, [string, string]>} */
const ENDS = { steps: ['first step', 'last step'], items: ['first', 'last'], tones: ['dark', 'bright'] }
const BETWEEN = { linear: 'Straight', smooth: 'Smooth', step: 'Steps' }
const SHAPES = { flat: 'Flat', up: 'Rising', down: 'Falling', in: 'Slow, then fast', out: 'Fast, then slow', bell: 'Bell', interval: 'Only in between' }

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
  #closed = new AbortController()
  #points
  #told = element('output', { class: 'curve-told' })
  #x = this.#number('x')
  #y = this.#number('y')
  #remove = button('Delete the point', 'clear', () => this.#points.removeActive())
  #shapes = PRESETS.map((name) => element('button', { type: 'button', title: SHAPES[name], 'aria-label': SHAPES[name], onclick: () => this.#set(this.#shape(name)) }))
  #kinds
  #panel

  /** @param {CurveRequest} request @param {() => void} resolve */
  constructor(request, resolve) {
    const { widget, reads, begin, end, label } = request
    this.#request = request
    this.#resolve = resolve
    this.#curve = request.read()
    this.#points = new CurvePoints({
      curve: this.#curve, limits: widget, reads: reads?.count ?? null, begin, end, closed: this.#closed.signal,
      change: (curve, nudged) => this.#set(curve, nudged), tell: (at) => this.#tell(at), chosen: () => this.#showActive(),
    })
    this.#kinds = INTERPOLATIONS.map((kind) => element('button', { type: 'button', onclick: () => this.#set({ ...this.#curve, interpolation: kind }) }, BETWEEN[kind]))
    const [first, last] = ENDS[widget.across ?? 'steps']
    this.#panel = element('div', { class: 'panel curve-panel', role: 'dialog', 'aria-label': `Curve of ${label}` },
      element('div', { class: 'curve-head' }, element('h2', {}, label), this.#told, button('Close', 'close', () => this.close())),
      element('div', { class: 'curve-frame' }, this.#points.node),
      element('div', { class: 'curve-ends' }, element('span', {}, first), element('span', {}, last)),
      element('div', { class: 'curve-row' },
        element('div', { class: 'curve-kinds', role: 'group', 'aria-label': 'Between the points' }, ...this.#kinds),
        button('Flip left and right', 'swap', () => this.#set(flippedAcross(this.#curve))), button('Flip up and down', 'flip', () => this.#set(flippedUp(this.#curve)))),
      element('div', { class: 'curve-shapes', role: 'group', 'aria-label': 'Shapes' }, ...this.#shapes),
      element('div', { class: 'curve-row' }, element('label', {}, 'x', this.#x), element('label', {}, 'y', this.#y), button('Add a point', 'add', () => this.#points.split()), this.#remove))
  }

  show() {
    const { signal } = this.#closed
    this.#panel.addEventListener('keydown', (event) => this.#key(event))
    addEventListener('pointerdown', ({ target }) => this.#panel.contains(/** @type {Node} */ (target)) || this.close(), { capture: true, signal })
    signal.addEventListener('abort', this.#request.subscribe(() => this.#draw(this.#request.read())))
    document.body.append(this.#panel)
    this.#draw(this.#curve)
    placeInWindow(this.#panel, this.#request.client)
    this.#points.focus()
  }

  close() {
    if (this.#closed.signal.aborted) return
    if (document.activeElement instanceof HTMLInputElement) document.activeElement.blur() // What is typed counts.
    this.#closed.abort()
    this.#panel.remove()
    if (open === this) open = null
    this.#resolve()
  }

  /** It is drawn when the document tells of it. @param {Curve} curve @param {boolean} [nudged] */
  #set(curve, nudged = false) {
    if (JSON.stringify(curve) !== JSON.stringify(this.#curve)) this.#request.change(curve, nudged)
  }

  /** @param {Curve} curve */
  #draw(curve) {
    this.#curve = curve
    this.#points.draw(curve)
    this.#showActive()
    this.#remove.disabled = curve.points.length < 2
    this.#kinds.forEach((node, place) => node.setAttribute('aria-pressed', String(INTERPOLATIONS[place] === (curve.interpolation ?? 'linear'))))
    this.#shapes.forEach((node, place) => {
      const made = this.#shape(PRESETS[place] ?? 'flat')
      node.replaceChildren(smallPlot(made, SMALL, spanOf(made)))
    })
  }

  /** @param {import('../kernels/curve_edit.js').Preset} name */
  #shape(name) {
    return presetCurve(name, this.#curve, viewOfCurve(this.#request.widget, this.#curve))
  }

  /** The place of the active point, unless it is being typed. */
  #showActive() {
    const [x, y] = this.#points.active
    if (document.activeElement !== this.#x) this.#x.value = shortNumber(x)
    if (document.activeElement !== this.#y) this.#y.value = shortNumber(y)
    this.#tell(null)
  }

  /** @param {'x' | 'y'} axis */
  #number(axis) {
    const input = element('input', { type: 'text', inputMode: 'decimal', spellcheck: false, 'aria-label': `${axis} of the point` })
    input.addEventListener('change', () => {
      const value = evaluate(input.value)
      const [x, y] = this.#points.active
      if (value !== null) this.#points.moveActive(axis === 'x' ? [value, y] : [x, value])
      input.value = shortNumber(this.#points.active[axis === 'x' ? 0 : 1])
    })
    input.addEventListener('focus', () => input.select())
    return input
  }

  /** What the curve is at a place, or where the active point is. @param {number | null} at */
  #tell(at) {
    const [x, y] = at === null ? this.#points.active : [Number(at.toFixed(2)), curveAt(this.#curve, at)]
    const { count = 0, of = '' } = this.#request.reads ?? {}
    this.#told.textContent = at === null || count < 2 ? `${shortNumber(x)}: ${shortNumber(y)}`
      : `${of} ${Math.round(at * (count - 1)) + 1} of ${count}: ${shortNumber(y)}`
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if ((event.ctrlKey || event.metaKey) && event.key !== 'Enter') return // Undo is the page's.
    event.stopPropagation()
    if (event.key === 'Escape' || (event.key === 'Enter' && (event.ctrlKey || event.metaKey))) this.close()
  }
}

/** What a small picture of a shape shows. @param {Curve} curve @returns {[number, number]} */
const spanOf = ({ points }) => {
  const values = points.map(([, y]) => y)
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return low === high ? [low - 1, high + 1] : [low, high]
}

/** @param {string} label @param {import('./icons.js').IconName} name @param {() => void} onclick */
const button = (label, name, onclick) => element('button', { type: 'button', class: 'quiet', title: label, 'aria-label': label, onclick }, icon(name))
