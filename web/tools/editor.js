// The canvas as one piece: mounts layers and gestures on an element and offers what commands and panels call.

import { activePicture } from '../canvas/draw_picture.js'
import { fittedPortals } from '../canvas/fitted_tags.js'
import { idleInteraction } from '../canvas/frame.js'
import { nodeTint } from '../canvas/paint.js'
import { ownPicture } from '../canvas/own_picture.js'
import { PictureCache } from '../canvas/pictures.js'
import { Renderer } from '../canvas/renderer.js'
import { Scene } from '../canvas/scene.js'
import { theme, themedColour } from '../canvas/theme.js'
import { isShown } from '../canvas/wire.js'
import { addressOf } from '../document/addresses.js'
import { emptyOverlay } from '../canvas/overlay_types.js'
import { documentCatalog } from '../document/subgraphs.js'
import { detailAt } from '../kernels/culling.js'
import { cameraBetween, framing, grown, toScreen, toWorld, viewOf, zoomedAt } from '../kernels/geometry.js'
import { hitTest } from '../kernels/hit_test.js'
import { arrangeNodes } from './arrange_nodes.js'
import { toggleFold } from './fold.js'
import { glide } from './glide.js'
import { heldBy } from './held.js'
import { fieldAt, rerouteAt } from './idle.js'
import { showPath } from './hover_path.js'
import { animate } from './motion.js'
import { nudge } from './nudge.js'
import { PointerInput } from './pointer_input.js'
import { Typing } from './typing.js'

/** @typedef {import('../canvas/overlay_types.js').RunOverlay} RunOverlay */
/** @typedef {import('../document/catalog.js').Catalog} Catalog */
/** @typedef {import('../document/selection.js').Selection} Selection */
/** @typedef {import('../document/store.js').Store} Store */
/** @typedef {import('../kernels/geometry.js').Camera} Camera */
/** @typedef {import('./bench.js').Bench} Bench */
/** @typedef {import('./bench.js').Services} Services */

const SAVE_VIEW_MS = 300
/** Tabs, play buttons and sockets reach no further out of a node, in pixels and in world units. */
const HIT_REACH = 30
/** Edits, by their labels, that move nodes about without a hand on them. */
const GLIDING = new Set(['Arrange', 'Align', 'Space evenly'])

export class Editor {
  #store
  #scene
  #renderer
  #bench
  #input
  #typing
  #pictures
  #theme = theme
  #overlay = emptyOverlay()
  /** As the server gave it; the scene's has the theme's colours. */
  #catalog
  /** @type {Camera} */
  #camera
  #saveView = 0
  /** @type {{graph: string, camera: Camera} | null} */
  #unsaved = null
  #stopFlight = () => {}
  #stopGlide = () => {}
  /** Nobody has moved the view since it was framed by itself: what changes its extent frames it again. */
  #framesItself = false
  /** @type {Set<(camera: Camera) => void>} */
  #cameraListeners = new Set()
  /** @type {(() => void)[]} */
  #unsubscribe = []

  /**
   * @param {HTMLElement} host
   * @param {{store: Store, selection: Selection, catalog: Catalog, services?: Services}} parts
   */
  constructor(host, { store, selection, catalog, services = {} }) {
    addStyles()
    host.classList.add('canvas-host')
    host.tabIndex = 0
    host.setAttribute('role', 'application')
    host.setAttribute('aria-label', 'Workflow canvas')
    const interaction = idleInteraction()
    this.#store = store
    this.#catalog = catalog
    this.#pictures = new PictureCache(() => this.#redraw(), (url) => services.pictureFailed?.(url))
    const bodyOf = (/** @type {string} */ id) => (store.subgraph(id) ? { graph: store.graph(id), catalog: documentCatalog(this.#scene.catalog, store, { graph: () => id }) } : null)
    this.#scene = new Scene(store, catalog, (node, type) => ownPicture(node, type, { address: services.inputPictureUrl, pictures: this.#pictures }), bodyOf)
    this.#camera = store.view
    this.#renderer = new Renderer(host, () => ({
      scene: this.#scene, camera: this.#camera, selectedNodes: selection.nodes, selectedLinks: selection.links,
      selectedAnnotations: selection.annotations, interaction, pictures: this.#pictures,
    }))
    /** @type {Bench} */
    this.#bench = {
      store, selection, scene: this.#scene, interaction, services, host,
      camera: () => this.#camera, setCamera: (camera) => this.setCamera(camera), flyTo: (camera) => this.flyTo(camera),
      invalidate: (layer) => this.#renderer.invalidate(layer),
      hit: (world, touch) => this.#hit(world, touch),
      enter: (tool) => this.#input.enter(tool),
      editWidget: (node, input) => this.editWidget(node, input), editTitle: (node) => this.editTitle(node),
    }
    this.#typing = new Typing(this.#bench)
    this.#input = new PointerInput(this.#bench)
    this.#unsubscribe = [store.subscribe((event) => this.#onStore(event)), selection.subscribe(() => this.#onSelection())]
    this.#renderer.onResize = () => this.#frameAgain()
    if (isUnset(this.#camera)) this.#frameUnseen()
  }

  get camera() {
    return this.#camera
  }

  /** @param {Camera} camera */
  setCamera(camera) {
    this.#stopFlight()
    this.#look(camera)
  }

  /** The same, but the eye sees where it goes. @param {Camera} camera */
  flyTo(camera) {
    this.#stopFlight()
    const from = this.#camera
    this.#stopFlight = animate((share) => this.#look(cameraBetween(from, camera, share, [this.#renderer.width / 2, this.#renderer.height / 2])))
  }

  /** @param {Camera} camera */
  #look(camera) {
    this.#framesItself = false
    this.#camera = camera
    this.#typing.follow(camera)
    this.#renderer.invalidate()
    for (const listener of this.#cameraListeners) listener(camera)
    clearTimeout(this.#saveView)
    this.#unsaved = { graph: this.#store.current, camera }
    this.#saveView = window.setTimeout(() => this.#keepView(), SAVE_VIEW_MS)
  }

  /** Where one looks belongs to the graph that was looked at. */
  #keepView() {
    clearTimeout(this.#saveView)
    const unsaved = this.#unsaved
    this.#unsaved = null
    if (unsaved) this.#store.within(unsaved.graph, () => this.#store.setView({ ...this.#store.view, ...unsaved.camera }, unsaved.graph))
  }

  /** @param {(camera: Camera) => void} listener @returns {() => void} */
  subscribeCamera(listener) {
    this.#cameraListeners.add(listener)
    return () => void this.#cameraListeners.delete(listener)
  }

  /** @param {Catalog} catalog */
  setCatalog(catalog) {
    this.#catalog = catalog
    this.#scene.setCatalog(this.#theme === theme ? catalog : {
      ...catalog, types: new Map([...catalog.types].map(([name, look]) => [name, { ...look, colour: themedColour(look.colour, this.#theme) }])),
    })
    this.#frameAgain()
    this.#renderer.invalidate()
  }

  /** @param {import('../canvas/theme.js').Theme} tokens */
  setTheme(tokens) {
    this.#theme = tokens
    this.#renderer.setTheme(tokens)
    this.setCatalog(this.#catalog)
  }

  /** Pictures that did not come are asked for again. */
  retryPictures() {
    this.#pictures.retry()
  }

  /** @param {RunOverlay} overlay of all graphs */
  setOverlay(overlay) {
    this.#overlay = overlay
    this.#scene.setOverlay(overlay, addressOf(this.#store.path, ''))
    this.#renderer.invalidate()
  }

  /** Shows these nodes, or all, whole. @param {Iterable<string>} [ids] */
  frame(ids) {
    const { width, height } = this.#renderer
    const wanted = ids ? [...ids] : []
    const bounds = this.#scene.bounds(wanted.length ? wanted : undefined)
    this.setCamera(bounds ? framing(bounds, width, height) : { x: -width / 2, y: -height / 2, zoom: 1 })
  }

  /** Around the middle of the screen. @param {number} zoom */
  zoomTo(zoom) {
    const { width, height } = this.#renderer
    this.setCamera(zoomedAt(this.#camera, [width / 2, height / 2], zoom))
  }

  /** @param {number} clientX @param {number} clientY @returns {[number, number]} */
  toWorld(clientX, clientY) {
    const origin = this.#bench.host.getBoundingClientRect()
    return toWorld(this.#camera, [clientX - origin.x, clientY - origin.y])
  }

  /** @param {number} x @param {number} y @returns {[number, number]} */
  toClient(x, y) {
    const origin = this.#bench.host.getBoundingClientRect()
    const [screenX, screenY] = toScreen(this.#camera, [x, y])
    return [screenX + origin.x, screenY + origin.y]
  }

  /** The input under the pointer. @returns {{node: string, input: string} | null} */
  get hoveredWidget() {
    const { hover } = this.#bench.interaction
    return hover.kind === 'widget' ? { node: hover.node, input: hover.input } : null
  }

  /** Where the pointer is in the world, or the middle of the screen. @returns {[number, number]} */
  get pointer() {
    return this.#input.world ?? toWorld(this.#camera, [this.#renderer.width / 2, this.#renderer.height / 2])
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
    if (this.#typing.isOpen) {
      this.#typing.close(true)
      return true
    }
    return this.#input.cancel()
  }

  /** A node, frame or note as drawn, in the world. @param {string} id */
  bounds(id) {
    const placed = this.#scene.node(id) ?? this.#scene.annotation(id)
    return placed ? { x: placed.x, y: placed.y, width: placed.width, height: placed.height } : null
  }

  /** What a node shows now. @param {string} id @returns {readonly import('../canvas/overlay_types.js').Picture[]} */
  picturesOf(id) {
    const placed = this.#scene.node(id)
    return placed ? this.#scene.picturesOf(placed) : []
  }

  /** Which of its pictures a node shows large. @param {string} id */
  pictureShown(id) {
    return activePicture(this.#bench.interaction, id, this.picturesOf(id))
  }

  /** A socket's dot in the world. @param {string} node @param {'input' | 'output'} kind @param {string} name */
  socketPoint(node, kind, name) {
    return this.#scene.socketPoint(node, kind, name)
  }

  /** Puts a reroute into a link at a point of the world. @param {string} link @param {[number, number]} world */
  reroute(link, world) {
    rerouteAt(this.#bench, link, world)
  }

  /** The nodes of the selection, and those in its frames. @returns {string[]} */
  get held() {
    return [...heldBy(this.#scene, this.#bench.selection).nodes]
  }

  /** What is selected with all that stands in selected frames: nodes, frames and notes. */
  get heldWhole() {
    return heldBy(this.#scene, this.#bench.selection)
  }

  /** Moves the selection, as a drag would. @param {[number, number]} delta @param {{alone?: boolean}} [how] */
  nudge(delta, how) {
    nudge(this.#bench, delta, how)
  }

  /** Folds frames to their titles, or where all are, unfolds them. @param {Iterable<string>} ids */
  toggleFold(ids) {
    toggleFold(this.#bench, ids)
  }

  /** Whether a node, frame or note stays where it is. @param {string} id */
  isPinned(id) {
    return (this.#scene.node(id)?.node ?? this.#scene.annotation(id))?.pinned === true
  }

  /** Whether a link is drawn as two tags. @param {string} link */
  isPortal(link) {
    return this.#scene.link(link)?.portal != null
  }

  /** How wires are drawn. @param {import('../kernels/routes.js').LinkStyle} style */
  setLinkStyle(style) {
    this.#scene.setLinkStyle(style)
    this.#renderer.invalidate()
  }

  /** Shows the way of what flows along a wire, until the next edit or movement of the pointer. @param {string} link @returns {string} it in words */
  showPath(link) {
    return showPath(this.#bench, link)
  }

  /** A widget's field in the world. @param {string} node @param {string} input */
  widgetBounds(node, input) {
    return fieldAt(this.#bench, node, input)?.rect ?? null
  }

  /** Lays out these nodes, or all, left to right, as one edit. @param {Iterable<string>} [ids] */
  arrange(ids) {
    arrangeNodes(this.#bench, ids)
  }

  /** Opens the editor of a widget, or does what pressing it does. @param {string} node @param {string} input @returns {boolean} */
  editWidget(node, input) {
    return this.#typing.editWidget(node, input)
  }

  /** The menu of what is selected, else of the canvas, without a pointer. */
  openMenu() {
    const { selection, services } = this.#bench
    const [node, annotation, link] = [selection.nodes, selection.annotations, selection.links].map(([id]) => id)
    const target = node ? /** @type {const} */ ({ kind: 'node', id: node }) : annotation ? /** @type {const} */ ({ kind: 'annotation', id: annotation })
      : link ? /** @type {const} */ ({ kind: 'link', id: link }) : /** @type {const} */ ({ kind: 'canvas' })
    const bounds = this.bounds(node ?? annotation ?? '')
    /** @type {[number, number]} */
    const world = bounds ? [bounds.x + Math.min(bounds.width, 200) / 2, bounds.y + 16] : this.pointer
    services.openMenu?.({ client: this.toClient(...world), world, target })
  }

  /** Of a node, frame, note or portal. @param {string} id @param {() => void} [closed] */
  editTitle(id, closed) {
    this.#typing.editWords(id, closed)
  }

  /** The graph as a map draws it. */
  map() {
    const { width, height } = this.#renderer
    const { selection } = this.#bench
    return {
      nodes: this.#scene.nodes.map((placed) => ({
        x: placed.x, y: placed.y, width: placed.width, height: placed.height, colour: nodeTint(placed),
        state: this.#scene.state(placed.id), faulty: (this.#scene.problems.get(placed.id) ?? []).some(({ severity }) => severity !== 'warning'),
        selected: selection.nodes.has(placed.id),
      })),
      frames: this.#scene.frames.map(({ x, y, width: frameWidth, height: frameHeight, colour }) =>
        ({ x, y, width: frameWidth, height: frameHeight, colour: colour ?? this.#theme.annotation.frame })),
      view: viewOf(this.#camera, width, height),
    }
  }

  /** Shows a point of the world in the middle. @param {readonly [number, number]} world */
  centre([x, y]) {
    const { width, height } = this.#renderer
    const { zoom } = this.#camera
    this.setCamera({ x: x - width / 2 / zoom, y: y - height / 2 / zoom, zoom })
  }

  /** What is drawn of the graph now. */
  get picture() {
    return this.#renderer.picture
  }

  get stats() {
    return this.#renderer.stats
  }

  destroy() {
    this.#typing.close(true)
    clearTimeout(this.#saveView)
    this.#stopFlight()
    this.#stopGlide()
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    this.#input.destroy()
    this.#renderer.destroy()
  }

  /** @param {import('../document/store.js').StoreEvent} event */
  #onStore({ kind, label }) {
    if (kind === 'view') return
    this.#bench.interaction.path = null
    const isOther = kind === 'load' || kind === 'enter'
    if (GLIDING.has(label) && !isOther) {
      this.#stopGlide()
      this.#stopGlide = glide(this.#scene, () => this.#renderer.invalidate())
      return
    }
    if (isOther) {
      this.#typing.lose()
      this.#input.cancel()
      this.#bench.interaction.activePicture.clear()
    }
    this.#redraw({ onlyRecords: !isOther })
    if (!isOther) return
    if (kind === 'load') this.#unsaved = null
    this.#keepView()
    this.#scene.forget()
    this.setOverlay(this.#overlay)
    if (isUnset(this.#store.view)) this.#frameUnseen()
    else this.setCamera(this.#store.view)
  }

  #onSelection() {
    this.#bench.interaction.path = null
    this.#renderer.invalidate()
  }

  #frameUnseen() {
    this.frame()
    this.#framesItself = true
  }

  #frameAgain() {
    if (this.#framesItself) this.#frameUnseen()
  }

  /** @param {{onlyRecords?: boolean}} [what] */
  #redraw(what) {
    this.#scene.touch(what)
    this.#renderer.invalidate()
  }

  /** @param {readonly [number, number]} world @param {boolean} [touch] */
  #hit([x, y], touch = false) {
    const { zoom } = this.#camera
    const detail = detailAt(zoom)
    const socket = detail === 'blocks' ? 0 : Math.min((touch ? 20 : 10) / zoom, 18)
    const { hover } = this.#bench.interaction
    const play = 'node' in hover && detail !== 'blocks' ? { node: hover.node, zoom } : undefined
    const { frames, notes } = this.#scene
    const around = grown({ x, y, width: 0, height: 0 }, HIT_REACH + HIT_REACH / zoom)
    const near = { nodes: this.#scene.nodesIn(around), links: this.#scene.linksIn(around).filter((placed) => isShown(this.#scene.linkStyle, this.#bench.selection.nodes, placed)), portals: fittedPortals(this.#scene), frames, notes }
    const hit = hitTest(near, x, y, { socket, link: (touch ? 14 : 6) / zoom, ...(play && { play }) })
    const legible = detail === 'full' || !('node' in hit) || ['socket', 'header', 'state', 'play'].includes(hit.kind)
    return legible ? hit : { kind: /** @type {const} */ ('body'), node: hit.node }
  }
}

/**
 * @param {HTMLElement} host
 * @param {{store: Store, selection: Selection, catalog: Catalog, services?: Services}} parts
 */
export const mountEditor = (host, parts) => new Editor(host, parts)

const STYLES = new URL('../widgets/widgets.css', import.meta.url).href

/** The look of the editors over the canvas, once per page. */
const addStyles = () => {
  if ([...document.styleSheets].some(({ href }) => href === STYLES)) return
  document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: STYLES }))
}

/** The view of a document that nobody has looked at. @param {Camera} view */
const isUnset = ({ x, y, zoom }) => x === 0 && y === 0 && zoom === 1
