// Where one looks at a graph from: the camera, its flights, and that each graph keeps its own.

import { cameraBetween, framing, toScreen, toWorld, viewOf, zoomedAt } from '../kernels/geometry.js'
import { animate } from './motion.js'

/** @typedef {import('../document/store.js').Store} Store */
/** @typedef {import('../kernels/geometry.js').Camera} Camera */
/** @typedef {import('../kernels/geometry.js').Point} Point */
/** @typedef {import('../kernels/geometry.js').Rect} Rect */

const SAVE_VIEW_MS = 300

export class Viewpoint {
  #host
  #store
  #sight
  #onMove
  /** @type {Camera} */
  #camera
  #saveView = 0
  /** @type {{graph: string, camera: Camera} | null} */
  #unsaved = null
  #stopFlight = () => {}
  /** Nobody has moved the view since it was framed by itself: what changes its extent frames it again. */
  #framesItself = false
  /** @type {Set<(camera: Camera) => void>} */
  #listeners = new Set()

  /**
   * @param {HTMLElement} host @param {Store} store
   * @param {{size: () => {width: number, height: number}, bounds: (ids?: readonly string[]) => Rect | null}} sight how large the host is, and where nodes lie
   * @param {(camera: Camera) => void} onMove
   */
  constructor(host, store, sight, onMove) {
    this.#host = host
    this.#store = store
    this.#sight = sight
    this.#onMove = onMove
    this.#camera = store.view
  }

  get camera() {
    return this.#camera
  }

  /** The rectangle of the world that is seen. */
  get view() {
    const { width, height } = this.#sight.size()
    return viewOf(this.#camera, width, height)
  }

  /** The point of the world in the middle. @returns {[number, number]} */
  get centre() {
    return toWorld(this.#camera, this.#middle)
  }

  /** @returns {[number, number]} */
  get #middle() {
    const { width, height } = this.#sight.size()
    return [width / 2, height / 2]
  }

  /** @param {Camera} camera */
  set(camera) {
    this.#stopFlight()
    this.#look(camera)
  }

  /** The same, but the eye sees where it goes. @param {Camera} camera */
  flyTo(camera) {
    this.#stopFlight()
    const from = this.#camera
    this.#stopFlight = animate((share) => this.#look(cameraBetween(from, camera, share, this.#middle)))
  }

  /** Shows these nodes, or all, whole. @param {Iterable<string>} [ids] */
  frame(ids) {
    const { width, height } = this.#sight.size()
    const wanted = ids ? [...ids] : []
    const bounds = this.#sight.bounds(wanted.length ? wanted : undefined)
    this.set(bounds ? framing(bounds, width, height) : { x: -width / 2, y: -height / 2, zoom: 1 })
  }

  /** All that is shown has another extent: where nobody has looked elsewhere yet, all of it stays in sight. */
  frameAgain() {
    if (this.#framesItself) this.#frameUnseen()
  }

  /** Around the middle of the screen. @param {number} zoom */
  zoomTo(zoom) {
    this.set(zoomedAt(this.#camera, this.#middle, zoom))
  }

  /** Shows a point of the world in the middle. @param {Point} world */
  centreOn([x, y]) {
    const [width, height] = this.#middle
    const { zoom } = this.#camera
    this.set({ x: x - width / zoom, y: y - height / zoom, zoom })
  }

  /** @param {number} clientX @param {number} clientY @returns {[number, number]} */
  toWorld(clientX, clientY) {
    const origin = this.#host.getBoundingClientRect()
    return toWorld(this.#camera, [clientX - origin.x, clientY - origin.y])
  }

  /** @param {number} x @param {number} y @returns {[number, number]} */
  toClient(x, y) {
    const origin = this.#host.getBoundingClientRect()
    const [screenX, screenY] = toScreen(this.#camera, [x, y])
    return [screenX + origin.x, screenY + origin.y]
  }

  /** @param {(camera: Camera) => void} listener @returns {() => void} */
  subscribe(listener) {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Looks at the graph that is shown as it was looked at last. */
  restore() {
    const { view } = this.#store
    if (isUnset(view)) return this.#frameUnseen()
    this.set(view)
    this.forget()
  }

  /** Where one looks belongs to the graph that was looked at, and is there from now on. */
  keep() {
    clearTimeout(this.#saveView)
    const unsaved = this.#unsaved
    this.#unsaved = null
    if (unsaved) this.#store.within(unsaved.graph, () => this.#store.setView({ ...this.#store.view, ...unsaved.camera }, unsaved.graph))
  }

  /** Where one looked need not be kept. */
  forget() {
    clearTimeout(this.#saveView)
    this.#unsaved = null
  }

  /** @param {Camera} camera */
  #look(camera) {
    this.#framesItself = false
    this.#camera = camera
    this.#onMove(camera)
    for (const listener of this.#listeners) listener(camera)
    clearTimeout(this.#saveView)
    this.#unsaved = { graph: this.#store.current, camera }
    this.#saveView = window.setTimeout(() => this.keep(), SAVE_VIEW_MS)
  }

  #frameUnseen() {
    this.frame()
    this.#framesItself = true
  }
}

/** The view of a document that nobody has looked at. @param {Camera} view */
const isUnset = ({ x, y, zoom }) => x === 0 && y === 0 && zoom === 1
