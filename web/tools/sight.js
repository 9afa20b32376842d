// What is seen of a graph: its scene and the drawing of it, which follow the document, the catalog, the theme and runs.

import { ownPicture } from '../canvas/own_picture.js'
import { emptyOverlay } from '../canvas/overlay_types.js'
import { nodeTint } from '../canvas/paint.js'
import { PictureCache } from '../canvas/pictures.js'
import { Renderer } from '../canvas/renderer.js'
import { Scene } from '../canvas/scene.js'
import { theme, themedColour } from '../canvas/theme.js'
import { addressOf } from '../document/addresses.js'
import { documentCatalog } from '../document/subgraphs.js'
import { glide } from './glide.js'

/** @typedef {import('../canvas/overlay_types.js').RunOverlay} RunOverlay */
/** @typedef {import('../document/catalog.js').Catalog} Catalog */
/** @typedef {import('../document/store.js').Store} Store */
/** @typedef {Omit<import('../canvas/frame.js').Frame, 'scene' | 'pictures' | 'view' | 'width' | 'height' | 'now'>} Looker whoever looks: from where, and at what most */

export class Sight {
  #store
  #renderer
  #pictures
  #theme = theme
  #overlay = emptyOverlay()
  /** As the server gave it; the scene's has the theme's colours. */
  #catalog
  #stopGlide = () => {}
  scene

  /**
   * @param {HTMLElement} host
   * @param {{store: Store, catalog: Catalog, services: import('./bench.js').Services}} parts
   * @param {() => Looker} looker @param {() => void} onResize
   */
  constructor(host, { store, catalog, services }, looker, onResize) {
    this.#store = store
    this.#catalog = catalog
    this.#pictures = new PictureCache(() => this.redraw(), (url) => services.pictureFailed?.(url))
    const bodyOf = (/** @type {string} */ id) => (store.subgraph(id) ? { graph: store.graph(id), catalog: documentCatalog(this.scene.catalog, store, { graph: () => id }) } : null)
    this.scene = new Scene(store, catalog, (node, type) => ownPicture(node, type, { address: services.inputPictureUrl, pictures: this.#pictures }), bodyOf)
    this.#renderer = new Renderer(host, () => ({ ...looker(), scene: this.scene, pictures: this.#pictures }))
    this.#renderer.onResize = onResize
  }

  get size() {
    return { width: this.#renderer.width, height: this.#renderer.height }
  }

  /** What is drawn of the graph now. */
  get picture() {
    return this.#renderer.picture
  }

  get stats() {
    return this.#renderer.stats
  }

  /** @param {'graph' | 'overlay'} [layer] */
  invalidate(layer) {
    this.#renderer.invalidate(layer)
  }

  /** The document has changed, or what is drawn of it. @param {{onlyRecords?: boolean}} [what] */
  redraw(what) {
    this.scene.touch(what)
    this.invalidate()
  }

  /** The same, and nodes go to their new places in sight. */
  glide() {
    this.#stopGlide()
    this.#stopGlide = glide(this.scene, () => this.invalidate())
  }

  /** Another graph is shown: nothing of the last one stays. */
  enter() {
    this.redraw({ onlyRecords: false })
    this.scene.forget()
    this.setOverlay(this.#overlay)
  }

  /** @param {Catalog} catalog */
  setCatalog(catalog) {
    this.#catalog = catalog
    this.scene.setCatalog(this.#theme === theme ? catalog : {
      ...catalog, types: new Map([...catalog.types].map(([name, look]) => [name, { ...look, colour: themedColour(look.colour, this.#theme) }])),
    })
    this.invalidate()
  }

  /** @param {import('../canvas/theme.js').Theme} tokens */
  setTheme(tokens) {
    this.#theme = tokens
    this.#renderer.setTheme(tokens)
    this.setCatalog(this.#catalog)
  }

  /** @param {RunOverlay} overlay of all graphs */
  setOverlay(overlay) {
    this.#overlay = overlay
    this.scene.setOverlay(overlay, addressOf(this.#store.path, ''))
    this.invalidate()
  }

  /** @param {import('../kernels/routes.js').LinkStyle} style */
  setLinkStyle(style) {
    this.scene.setLinkStyle(style)
    this.invalidate()
  }

  /** Pictures that did not come are asked for again. */
  retryPictures() {
    this.#pictures.retry()
  }

  /** Nodes and frames as a map draws them. @param {ReadonlySet<string>} selected nodes */
  map(selected) {
    const { scene } = this
    return {
      nodes: scene.nodes.map((placed) => ({
        x: placed.x, y: placed.y, width: placed.width, height: placed.height, colour: nodeTint(placed), selected: selected.has(placed.id),
        state: scene.state(placed.id), faulty: (scene.problems.get(placed.id) ?? []).some(({ severity }) => severity !== 'warning'),
      })),
      frames: scene.frames.map(({ x, y, width, height, colour }) => ({ x, y, width, height, colour: colour ?? this.#theme.annotation.frame })),
    }
  }
}
