// The hand over the picture: pointer, pen, fingers, wheel, and arrow keys that carry a pointer of their own.

import { Fingers } from '../kernels/fingers.js'
import { clamp } from '../kernels/geometry.js'
import { beginGesture } from './mask_tools.js'

/** @typedef {import('./mask_tools.js').Gesture} Gesture */
/** @typedef {import('./mask_tools.js').MaskBench} MaskBench */
/** @typedef {import('./mask_tools.js').Touch} Touch */
/** @typedef {import('./mask_view.js').MaskView} MaskView */

export const LARGEST_BRUSH = 1000
const RIGHT = 2
const MIDDLE = 1
/** The other end of a pen. */
const PEN_ERASER = 5
const WHEEL = 0.0016
/** Milliseconds: a second finger that comes later belongs to no pinch. */
const PINCH_WITHIN = 400
const ARROWS = /** @type {Record<string, [number, number]>} */ ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] })

export class MaskHand {
  #bench
  #view
  #canvas
  #told
  /** @type {Gesture | null} */
  #gesture = null
  /** @type {number | null} */
  #held = null
  #heldByFinger = false
  #spaceIsDown = false
  /** Where arrow keys have the pointer, or where the mouse was last. @type {Touch} */
  #at
  /** The gesture under way was begun by Enter. */
  #byKeys = false
  #fingers = new Fingers()
  #pressedAt = 0
  /** Who draws with a pen rests a hand on the picture: fingers move it then. */
  #hasPen = false

  /** @param {HTMLCanvasElement} canvas @param {{bench: MaskBench, view: MaskView, told: () => void}} parts told: the brush or the place changed */
  constructor(canvas, { bench, view, told }) {
    this.#bench = bench
    this.#view = view
    this.#canvas = canvas
    this.#told = told
    const { width, height } = bench.mask.plane
    this.#at = { x: width / 2, y: height / 2, pressure: 1 }
    canvas.addEventListener('pointerdown', (event) => this.#press(event))
    canvas.addEventListener('pointermove', (event) => this.#move(event))
    canvas.addEventListener('pointerup', (event) => this.#release(event))
    canvas.addEventListener('pointercancel', (event) => (this.#fingers.lift(event), event.pointerId === this.#held && this.cancel()))
    canvas.addEventListener('pointerleave', () => this.#gesture || view.mark({ brush: null }))
    canvas.addEventListener('contextmenu', (event) => event.preventDefault())
    canvas.addEventListener('blur', () => this.#hold(false)) // Its key goes up somewhere else.
    canvas.addEventListener('wheel', (event) => this.#wheel(event), { passive: false })
  }

  /** The pixel under the pointer. */
  get place() {
    return { x: Math.floor(this.#at.x), y: Math.floor(this.#at.y) }
  }

  get isBusy() {
    return this.#gesture !== null
  }

  /** Gives the gesture up. @returns {boolean} whether there was one */
  cancel() {
    if (!this.#gesture) return false
    this.#gesture = null
    this.#held = null
    this.#byKeys = false
    this.#bench.setOutline(null)
    this.#bench.mask.cancel()
    return true
  }

  /** Arrows move, Enter lowers and lifts the tool, Space held pans. @param {KeyboardEvent} event @returns {boolean} whether the key was taken */
  key(event) {
    if (event.type === 'keyup' || event.key === ' ') {
      if (event.key === ' ') this.#hold(event.type === 'keydown')
      return event.key === ' '
    }
    const arrow = ARROWS[event.key]
    if (arrow) this.#walk(arrow, event.shiftKey ? 1 : Math.max(1, Math.round(10 / this.#view.camera.zoom)))
    else if (event.key === 'Enter' && !event.repeat && !event.ctrlKey && !event.metaKey) this.#lowerOrLift()
    else return false
    return true
  }

  /** @param {boolean} spaceIsDown drags move the picture */
  #hold(spaceIsDown) {
    this.#spaceIsDown = spaceIsDown
    this.#canvas.classList.toggle('pans', spaceIsDown)
  }

  /** @param {readonly [number, number]} arrow @param {number} step pixels of the picture */
  #walk([dx, dy], step) {
    const { width, height } = this.#bench.mask.plane
    this.#at = { x: clamp(this.#at.x + dx * step, 0, width), y: clamp(this.#at.y + dy * step, 0, height), pressure: 1 }
    if (this.#byKeys) this.#gesture?.move(this.#at)
    this.showBrush(true)
    this.#told()
  }

  #lowerOrLift() {
    if (this.#gesture) {
      this.#lift()
      return
    }
    this.#byKeys = true
    this.#gesture = beginGesture(this.#bench, this.#at, { erases: this.#bench.settings.tool === 'eraser', line: false })
    if (this.#bench.settings.tool === 'fill') this.#lift()
    this.showBrush(true)
  }

  /** @param {boolean} [shown] */
  showBrush(shown = this.#view.marks.brush !== null) {
    const { tool, size, hardness } = this.#bench.settings
    const isBrush = tool === 'brush' || tool === 'eraser'
    const radius = isBrush ? size / 2 : 0
    this.#view.mark({ brush: shown ? { x: this.#at.x, y: this.#at.y, radius, inner: hardness < 100 ? radius * hardness / 100 : 0 } : null })
  }

  #lift() {
    const gesture = this.#gesture
    this.#gesture = null
    this.#held = null
    this.#byKeys = false
    gesture?.lift()
    this.#told()
  }

  /** @param {PointerEvent} event @returns {Touch} */
  #touchOf({ clientX, clientY, pointerType, pressure }) {
    const [x, y] = this.#view.toPicture(clientX, clientY)
    return { x, y, pressure: pointerType === 'pen' ? pressure : 1 }
  }

  /** @param {PointerEvent} event */
  #press(event) {
    const pinches = this.#fingers.press(event, this.#view.toView(event.clientX, event.clientY), this.#view.camera)
    if (pinches && this.#heldByFinger && event.timeStamp - this.#pressedAt < PINCH_WITHIN) this.cancel() // A palm ends no stroke of a pen.
    if (pinches || this.#gesture || (event.button > RIGHT && event.button !== PEN_ERASER)) return
    event.preventDefault()
    this.#pressedAt = event.timeStamp
    this.#hasPen ||= event.pointerType === 'pen'
    this.#canvas.focus()
    this.#canvas.setPointerCapture(event.pointerId)
    this.#held = event.pointerId
    this.#heldByFinger = event.pointerType === 'touch'
    this.#at = this.#touchOf(event)
    this.#gesture = this.#gestureOf(event)
    this.showBrush(true)
  }

  /** @param {PointerEvent} event @returns {Gesture} */
  #gestureOf(event) {
    if (event.button === MIDDLE || this.#spaceIsDown || (this.#hasPen && event.pointerType === 'touch')) return this.#pan(event)
    if (event.altKey) return this.#resize(event)
    const erases = event.button === PEN_ERASER || (this.#bench.settings.tool === 'eraser') !== (event.button === RIGHT)
    return beginGesture(this.#bench, this.#at, { erases, line: event.shiftKey })
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const pinched = this.#fingers.move(event, this.#view.toView(event.clientX, event.clientY))
    if (pinched && !this.#gesture) return this.#view.look(pinched)
    if (this.#held !== null && event.pointerId !== this.#held) return
    if (this.#held !== null) {
      const parts = this.#gesture?.jumps ? [] : event.getCoalescedEvents?.() ?? []
      for (const part of parts.length ? parts : [event]) this.#follow(part)
    } else {
      this.#at = this.#touchOf(event)
    }
    this.showBrush(true)
    this.#told()
  }

  /** @param {PointerEvent} event */
  #follow(event) {
    this.#screen = [event.clientX, event.clientY]
    const touch = this.#touchOf(event)
    if (!this.#keepsPlace) this.#at = touch
    this.#gesture?.move(touch)
  }

  /** @type {[number, number]} */
  #screen = [0, 0]
  #keepsPlace = false

  /** @param {PointerEvent} event */
  #release(event) {
    this.#fingers.lift(event)
    if (event.pointerId !== this.#held) return
    this.#keepsPlace = false
    this.#lift()
  }

  /** @param {PointerEvent} event @returns {Gesture} */
  #pan(event) {
    let [lastX, lastY] = [event.clientX, event.clientY]
    this.#bench.mask.begin()
    return {
      move: () => {
        const [x, y] = this.#screen
        this.#view.panBy(x - lastX, y - lastY)
        ;[lastX, lastY] = [x, y]
      },
      lift: () => {},
    }
  }

  /** Sideways the size, up and down the hardness. @param {PointerEvent} event @returns {Gesture} */
  #resize(event) {
    const { settings } = this.#bench
    const { size, hardness } = settings
    this.#bench.mask.begin()
    this.#keepsPlace = true
    return {
      move: () => {
        const [x, y] = this.#screen
        settings.size = Math.round(clamp(size + (2 * (x - event.clientX)) / this.#view.camera.zoom, 1, LARGEST_BRUSH))
        settings.hardness = Math.round(clamp(hardness - (y - event.clientY) / 2, 0, 100))
      },
      lift: () => {},
    }
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault()
    if (event.shiftKey) this.#view.panBy(-(event.deltaX || event.deltaY), 0)
    else this.#view.zoomBy(Math.exp(-event.deltaY * WHEEL * (event.deltaMode ? 20 : 1)), [event.clientX, event.clientY])
    this.showBrush()
  }
}
