// Setting the frame of outpainting: the picture, and around it edges that one drags, types, or moves by arrow keys.

import { draggedFrame, framedSize, shapedFrame, typedBorder } from '../kernels/outpaint.js'
import { openSheet } from '../panels/dialogs.js'
import { element, uiScale } from '../panels/element.js'

/** @typedef {import('../kernels/outpaint.js').Borders} Borders */
/** @typedef {import('../kernels/outpaint.js').Side} Side */
/** @typedef {import('../kernels/outpaint.js').Size} Size */
/** @typedef {Borders & {feathering: number}} OutpaintFrame */
/**
 * @typedef {object} FrameRequest
 * @property {Size} picture
 * @property {string | null} url none: only its size is known
 * @property {OutpaintFrame} frame
 * @property {(frame: OutpaintFrame) => void} set
 * @property {(frame: OutpaintFrame) => void} left without setting what had changed
 */

/** @type {readonly (readonly [string, readonly Side[]])[]} */
const EDGES = [
  ['Left edge', ['left']], ['Right edge', ['right']], ['Top edge', ['top']], ['Bottom edge', ['bottom']],
  ['Left top corner', ['left', 'top']], ['Right top corner', ['right', 'top']], ['Left bottom corner', ['left', 'bottom']], ['Right bottom corner', ['right', 'bottom']],
]
/** @type {readonly (readonly [string, number])[]} */
const SHAPES = [['1:1', 1], ['4:3', 4 / 3], ['3:2', 3 / 2], ['16:9', 16 / 9], ['3:4', 3 / 4], ['2:3', 2 / 3], ['9:16', 9 / 16]]
/** @type {readonly (readonly [keyof OutpaintFrame, string])[]} */
const FIELDS = [['left', 'Left'], ['top', 'Top'], ['right', 'Right'], ['bottom', 'Bottom'], ['feathering', 'Feathering']]
const ARROWS = /** @type {Record<string, [number, number]>} */ ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] })
const SMALL_STEP = 8
const LARGE_STEP = 64
/** Of the picture's longer side: there is always room to draw the frame larger. */
const ROOM = 0.3

/** @param {FrameRequest} request */
export const openFrameSheet = (request) => new FrameSheet(request)

class FrameSheet {
  #request
  /** @type {OutpaintFrame} */
  #now
  /** What Ctrl+Z brings back. @type {OutpaintFrame[]} */
  #before = []
  /** What was taken back. @type {OutpaintFrame[]} */
  #after = []
  #isSet = false
  #scale = 1
  #picture
  #fade = element('div', { class: 'outpaint-fade' })
  #frame
  #room
  /** @type {Map<keyof OutpaintFrame, HTMLInputElement>} */
  #fields = new Map()
  #size = element('output', { class: 'outpaint-size' })
  #dialog

  /** @param {FrameRequest} request */
  constructor(request) {
    this.#request = request
    this.#now = request.frame
    this.#picture = request.url ? element('img', { class: 'outpaint-picture', src: request.url, alt: 'The picture', draggable: false }) : element('div', { class: 'outpaint-picture' })
    this.#frame = element('div', { class: 'outpaint-frame' }, this.#picture, this.#fade, ...EDGES.map(([label, sides]) => this.#edge(label, sides)))
    this.#room = element('div', { class: 'outpaint-room' }, this.#frame)
    this.#frame.addEventListener('pointerdown', (event) => this.#drag(event, []))
    const set = element('button', { class: 'run', onclick: () => this.#set() }, 'Set the frame')
    this.#dialog = openSheet('Frame of outpainting', 'outpaint', this.#room,
      element('div', { class: 'outpaint-bar' }, ...FIELDS.map(([name, label]) => this.#field(name, label))),
      element('div', { class: 'outpaint-bar' }, element('span', { class: 'outpaint-shapes', role: 'group', 'aria-label': 'Shape' }, ...SHAPES.map((shape) => this.#shape(shape))), this.#size,
        element('button', { onclick: () => this.#dialog.close() }, 'Cancel'), set))
    this.#dialog.addEventListener('keydown', (event) => this.#key(event))
    this.#dialog.addEventListener('close', () => this.#closed())
    this.#fit()
    set.focus()
  }

  /** @param {string} label @param {readonly Side[]} sides */
  #edge(label, sides) {
    const edge = element('button', { class: `outpaint-edge ${sides.map((side) => `at-${side}`).join(' ')}`, 'aria-label': label })
    edge.addEventListener('pointerdown', (event) => this.#drag(event, sides))
    edge.addEventListener('keydown', (event) => {
      const arrow = ARROWS[event.key]
      if (!arrow) return
      event.preventDefault()
      const step = event.shiftKey ? LARGE_STEP : SMALL_STEP
      this.#change(draggedFrame(this.#request.picture, this.#now, sides, [arrow[0] * step, arrow[1] * step], { both: event.altKey }))
      this.#fit()
    })
    return edge
  }

  /** @param {keyof OutpaintFrame} name @param {string} label */
  #field(name, label) {
    const input = element('input', { type: 'number', min: 0, step: name === 'feathering' ? 1 : SMALL_STEP })
    input.onchange = () => {
      const value = Number(input.value)
      this.#change(name === 'feathering' ? { feathering: Math.max(0, Math.round(value) || 0) } : typedBorder(this.#now, name, value))
      this.#fit()
    }
    this.#fields.set(name, input)
    return element('label', {}, label, input)
  }

  /** @param {readonly [string, number]} shape */
  #shape([label, ratio]) {
    return element('button', { class: 'small', translate: 'no', title: 'Grow to this shape', onclick: () => {
      this.#change(shapedFrame(this.#request.picture, ratio))
      this.#fit()
    } }, label)
  }

  /** @param {Partial<OutpaintFrame>} change @param {OutpaintFrame} [from] what undo brings back */
  #change(change, from = this.#now) {
    const next = { ...this.#now, ...change }
    if (isSame(next, from)) return
    this.#remember(from)
    this.#now = next
    this.#draw()
  }

  /** @param {OutpaintFrame} from */
  #remember(from) {
    this.#before.push(from)
    this.#after = []
  }

  /** @param {PointerEvent} start @param {readonly Side[]} sides */
  #drag(start, sides) {
    start.preventDefault()
    start.stopPropagation()
    const held = /** @type {HTMLElement} */ (start.currentTarget)
    held.focus({ preventScroll: true })
    held.setPointerCapture(start.pointerId)
    const from = this.#now
    const move = (/** @type {PointerEvent} */ event) => {
      const scale = this.#scale * uiScale()
      const moved = /** @type {[number, number]} */ ([(event.clientX - start.clientX) / scale, (event.clientY - start.clientY) / scale])
      this.#now = { ...from, ...draggedFrame(this.#request.picture, from, sides, sides.length ? moved : [moved[0], moved[1]], { both: event.altKey }) }
      this.#draw()
    }
    const end = () => {
      held.removeEventListener('pointermove', move)
      if (!isSame(this.#now, from)) this.#remember(from)
      this.#fit()
    }
    held.addEventListener('pointermove', move)
    held.addEventListener('lostpointercapture', end, { once: true })
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const key = event.key.toLowerCase()
    const turnsBack = key === 'z' && !event.shiftKey
    if ((event.ctrlKey || event.metaKey) && /^[zy]$/.test(key)) {
      event.preventDefault()
      const [from, to] = turnsBack ? [this.#before, this.#after] : [this.#after, this.#before]
      const next = from.pop()
      if (!next) return
      to.push(this.#now)
      this.#now = next
      this.#fit()
    } else if (key === 'enter' && (event.ctrlKey || event.target instanceof HTMLInputElement)) {
      event.preventDefault()
      if (event.target instanceof HTMLInputElement) event.target.blur() // What is typed counts.
      this.#set()
    }
  }

  /** The whole frame and some room around it. */
  #fit() {
    const { clientWidth, clientHeight } = this.#room
    const { picture } = this.#request
    const more = 2 * ROOM * Math.max(picture.width, picture.height)
    const { width, height } = framedSize(picture, this.#now)
    this.#scale = Math.min(clientWidth / (width + more), clientHeight / (height + more))
    this.#draw()
  }

  #draw() {
    const { picture } = this.#request
    const { left, top, right, bottom, feathering } = this.#now
    const whole = framedSize(picture, this.#now)
    const place = (/** @type {HTMLElement} */ node, /** @type {number} */ x, /** @type {number} */ y, /** @type {Size} */ size) =>
      Object.assign(node.style, { left: `${x * this.#scale}px`, top: `${y * this.#scale}px`, width: `${size.width * this.#scale}px`, height: `${size.height * this.#scale}px` })
    const { clientWidth, clientHeight } = this.#room
    place(this.#frame, (clientWidth / this.#scale - whole.width) / 2, (clientHeight / this.#scale - whole.height) / 2, whole)
    place(this.#picture, left, top, picture)
    const [fadeLeft, fadeTop, fadeRight, fadeBottom] = [left, top, right, bottom].map((border) => (border ? feathering : 0))
    place(this.#fade, left + Number(fadeLeft), top + Number(fadeTop), { width: Math.max(0, picture.width - Number(fadeLeft) - Number(fadeRight)), height: Math.max(0, picture.height - Number(fadeTop) - Number(fadeBottom)) })
    for (const [name, input] of this.#fields) if (document.activeElement !== input || Number(input.value) !== this.#now[name]) input.value = String(this.#now[name])
    this.#size.textContent = `${picture.width} × ${picture.height} → ${whole.width} × ${whole.height}`
  }

  #set() {
    this.#isSet = true
    this.#dialog.close()
    this.#request.set(this.#now)
  }

  #closed() {
    if (!this.#isSet && !isSame(this.#now, this.#request.frame)) this.#request.left(this.#now)
  }
}

/** @param {OutpaintFrame} a @param {OutpaintFrame} b */
const isSame = (a, b) => FIELDS.every(([name]) => a[name] === b[name])
