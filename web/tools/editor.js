// The canvas as one piece: mounts what is seen, the eye and the hand on an element, and offers what commands and panels call.

import { activePicture } from '../canvas/draw_picture.js'
import { idleInteraction } from '../canvas/frame.js'
import { arrangeNodes } from './arrange_nodes.js'
import { toggleFold } from './fold.js'
import { heldBy } from './held.js'
import { showPath } from './hover_path.js'
import { fieldAt, rerouteAt } from './idle.js'
import { openMenuOfSelection } from './menu.js'
import { nudge } from './nudge.js'
import { PointerInput } from './pointer_input.js'
import { Sight } from './sight.js'
import { Typing } from './typing.js'
import { underPointer } from './under_pointer.js'
import { Viewpoint } from './viewpoint.js'

/** @typedef {import('../document/catalog.js').Catalog} Catalog */
/** @typedef {import('../document/selection.js').Selection} Selection */
/** @typedef {import('../document/store.js').Store} Store */
/** @typedef {import('../kernels/geometry.js').Camera} Camera */
/** @typedef {import('./bench.js').Bench} Bench */
/** @typedef {import('./bench.js').Services} Services */

/** Edits, by their labels, that move nodes about without a hand on them. */
const GLIDING = new Set(['Arrange', 'Align', 'Space evenly'])

class Editor {
  #sight
  #viewpoint
  #bench
  #input
  #typing

  /**
   * @param {HTMLElement} host
   * @param {{store: Store, selection: Selection, catalog: Catalog, services?: Services}} parts
   */
  constructor(host, { store, selection, catalog, services = {} }) {
    prepare(host)
    const interaction = idleInteraction()
    this.#sight = new Sight(host, { store, catalog, services }, () => ({
      camera: this.camera, selectedNodes: selection.nodes, selectedLinks: selection.links, selectedAnnotations: selection.annotations, interaction,
    }), () => this.#viewpoint.frameAgain())
    this.#viewpoint = new Viewpoint(host, store, { size: () => this.#sight.size, bounds: (ids) => this.#sight.scene.bounds(ids) }, (camera) => {
      this.#typing.follow(camera)
      this.#sight.invalidate()
    })
    /** @type {Bench} */
    this.#bench = {
      store, selection, scene: this.#sight.scene, interaction, services, host,
      camera: () => this.camera, setCamera: (camera) => this.setCamera(camera), flyTo: (camera) => this.flyTo(camera),
      invalidate: (layer) => this.#sight.invalidate(layer),
      hit: (world, touch) => underPointer(this.#bench, world, touch),
      enter: (tool) => this.#input.enter(tool),
      editWidget: (node, input) => this.editWidget(node, input), editTitle: (node) => this.editTitle(node),
    }
    this.#typing = new Typing(this.#bench)
    this.#input = new PointerInput(this.#bench)
    store.subscribe((event) => this.#onStore(event))
    selection.subscribe(() => this.#onSelection())
    this.#viewpoint.restore()
  }

  // Where one looks from.

  get camera() {
    return this.#viewpoint.camera
  }

  /** @param {Camera} camera */
  setCamera(camera) {
    this.#viewpoint.set(camera)
  }

  /** The same, but the eye sees where it goes. @param {Camera} camera */
  flyTo(camera) {
    this.#viewpoint.flyTo(camera)
  }

  /** Shows these nodes, or all, whole. @param {Iterable<string>} [ids] */
  frame(ids) {
    this.#viewpoint.frame(ids)
  }

  /** Around the middle of the screen. @param {number} zoom */
  zoomTo(zoom) {
    this.#viewpoint.zoomTo(zoom)
  }

  /** Shows a point of the world in the middle. @param {readonly [number, number]} world */
  centre(world) {
    this.#viewpoint.centreOn(world)
  }

  /** @param {(camera: Camera) => void} listener @returns {() => void} */
  subscribeCamera(listener) {
    return this.#viewpoint.subscribe(listener)
  }

  /** @param {number} clientX @param {number} clientY @returns {[number, number]} */
  toWorld(clientX, clientY) {
    return this.#viewpoint.toWorld(clientX, clientY)
  }

  /** @param {number} x @param {number} y @returns {[number, number]} */
  toClient(x, y) {
    return this.#viewpoint.toClient(x, y)
  }

  // What is seen.

  /** @param {Catalog} catalog */
  setCatalog(catalog) {
    this.#sight.setCatalog(catalog)
    this.#viewpoint.frameAgain()
  }

  /** @param {import('../canvas/theme.js').Theme} tokens */
  setTheme(tokens) {
    this.#sight.setTheme(tokens)
  }

  /** @param {import('../canvas/overlay_types.js').RunOverlay} overlay of all graphs */
  setOverlay(overlay) {
    this.#sight.setOverlay(overlay)
  }

  /** How wires are drawn. @param {import('../kernels/routes.js').LinkStyle} style */
  setLinkStyle(style) {
    this.#sight.setLinkStyle(style)
  }

  /** Pictures that did not come are asked for again. */
  retryPictures() {
    this.#sight.retryPictures()
  }

  /** Shows the way of what flows along a wire, until the next edit or movement of the pointer. @param {string} link @returns {string} it in words */
  showPath(link) {
    return showPath(this.#bench, link)
  }

  /** The graph as a map draws it. */
  map() {
    return { ...this.#sight.map(this.#bench.selection.nodes), view: this.#viewpoint.view }
  }

  /** What is drawn of the graph now. */
  get picture() {
    return this.#sight.picture
  }

  get stats() {
    return this.#sight.stats
  }

  // Where things are.

  /** A node, frame or note as drawn, in the world. @param {string} id */
  bounds(id) {
    const { scene } = this.#bench
    const placed = scene.node(id) ?? scene.annotation(id)
    return placed ? { x: placed.x, y: placed.y, width: placed.width, height: placed.height } : null
  }

  /** A socket's dot in the world. @param {string} node @param {'input' | 'output'} kind @param {string} name */
  socketPoint(node, kind, name) {
    return this.#bench.scene.socketPoint(node, kind, name)
  }

  /** A widget's field in the world. @param {string} node @param {string} input */
  widgetBounds(node, input) {
    return fieldAt(this.#bench, node, input)?.rect ?? null
  }

  /** Where the pointer is in the world, or the middle of the screen. @returns {[number, number]} */
  get pointer() {
    return this.#input.world ?? this.#viewpoint.centre
  }

  /** The input under the pointer. @returns {{node: string, input: string} | null} */
  get hoveredWidget() {
    const { hover } = this.#bench.interaction
    return hover.kind === 'widget' ? { node: hover.node, input: hover.input } : null
  }

  /** What a node shows now. @param {string} id @returns {readonly import('../canvas/overlay_types.js').Picture[]} */
  picturesOf(id) {
    const placed = this.#bench.scene.node(id)
    return placed ? this.#bench.scene.picturesOf(placed) : []
  }

  /** Which of its pictures a node shows large. @param {string} id */
  pictureShown(id) {
    return activePicture(this.#bench.interaction, id, this.picturesOf(id))
  }

  /** What is selected with all that stands in selected frames: nodes, frames and notes. */
  get heldWhole() {
    return heldBy(this.#bench.scene, this.#bench.selection)
  }

  /** The nodes of the selection, and those in its frames. @returns {string[]} */
  get held() {
    return [...this.heldWhole.nodes]
  }

  // What the hand does, by other means.

  /** Moves the selection, as a drag would. @param {[number, number]} delta @param {{alone?: boolean}} [how] */
  nudge(delta, how) {
    nudge(this.#bench, delta, how)
  }

  /** Puts a reroute into a link at a point of the world. @param {string} link @param {[number, number]} world */
  reroute(link, world) {
    rerouteAt(this.#bench, link, world)
  }

  /** Folds frames to their titles, or where all are, unfolds them. @param {Iterable<string>} ids */
  toggleFold(ids) {
    toggleFold(this.#bench, ids)
  }

  /** Lays out these nodes, or all, left to right, as one edit. @param {Iterable<string>} [ids] */
  arrange(ids) {
    arrangeNodes(this.#bench, ids)
  }

  /** The menu of what is selected, else of the canvas, without a pointer. */
  openMenu() {
    openMenuOfSelection(this.#bench, { pointer: this.pointer, toClient: (x, y) => this.toClient(x, y) })
  }

  // Typing, and ending what is under way.

  /** Opens the editor of a widget, or does what pressing it does. @param {string} node @param {string} input @returns {boolean} */
  editWidget(node, input) {
    return this.#typing.editWidget(node, input)
  }

  /** Of a node, frame, note or portal. @param {string} id @param {() => void} [closed] */
  editTitle(id, closed) {
    this.#typing.editWords(id, closed)
  }

  get isEditing() {
    return this.#typing.isOpen
  }

  /** What is typed is in the document, and may be typed on. */
  keepTyped() {
    this.#typing.flush()
  }

  /** Ends what is under way; what was typed stays. */
  settle() {
    this.#typing.close(true)
    this.#input.cancel()
  }

  /** Ends a gesture without a trace, and typing with what was typed. @returns {boolean} whether there was anything */
  cancelGesture() {
    if (!this.#typing.isOpen) return this.#input.cancel()
    this.#typing.close(true)
    return true
  }

  /** @param {import('../document/store.js').StoreEvent} event */
  #onStore({ kind, label }) {
    if (kind === 'view') return
    this.#bench.interaction.path = null
    if (kind === 'load' || kind === 'enter') this.#enter(kind)
    else if (GLIDING.has(label)) this.#sight.glide()
    else this.#sight.redraw({ onlyRecords: true })
  }

  /** Another graph is shown. @param {'load' | 'enter'} kind */
  #enter(kind) {
    this.#typing.lose()
    this.#input.cancel()
    this.#bench.interaction.activePicture.clear()
    if (kind === 'load') this.#viewpoint.forget()
    else this.#viewpoint.keep()
    this.#sight.enter()
    this.#viewpoint.restore()
  }

  #onSelection() {
    this.#bench.interaction.path = null
    this.#sight.invalidate()
  }
}

/**
 * @param {HTMLElement} host
 * @param {{store: Store, selection: Selection, catalog: Catalog, services?: Services}} parts
 */
export const mountEditor = (host, parts) => new Editor(host, parts)

const STYLES = new URL('../widgets/widgets.css', import.meta.url).href

/** The host takes the keyboard, and the page the look of the editors over the canvas, once. @param {HTMLElement} host */
const prepare = (host) => {
  host.classList.add('canvas-host')
  host.tabIndex = 0
  host.setAttribute('role', 'application')
  host.setAttribute('aria-label', 'Workflow canvas')
  if ([...document.styleSheets].some(({ href }) => href === STYLES)) return
  document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: STYLES }))
}
