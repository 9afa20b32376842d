// Every wire as curves between placed nodes; of a drag, only the wires of what moved are led anew.

import { portalOf } from '../document/portals.js'
import { viaOf } from '../document/reroutes.js'
import { Bounds } from '../kernels/culling.js'
import { tagsOf } from '../kernels/portals.js'
import { routeCurves, routeExtent, STRETCHES } from '../kernels/routes.js'

/** @typedef {import('../document/workflow_format.js').LinkRecord} LinkRecord */
/** @typedef {import('../kernels/layout.js').SocketLayout} SocketLayout */
/** @typedef {import('../kernels/link_path.js').Curve} Curve */
/** @typedef {import('./scene.js').ScenePlacedNode} ScenePlacedNode */

/** @type {readonly Curve[]} */
const NOTHING = []

/** A wire between two placed nodes; its curves are made when somebody looks: of 200 dragged nodes most wires are out of view. */
export class ScenePlacedLink {
  #ends
  #style
  /** @type {readonly Curve[] | null} */
  #curves = null

  /**
   * @param {LinkRecord} link
   * @param {{source: ScenePlacedNode, target: ScenePlacedNode, output: SocketLayout, input: SocketLayout}} ends
   * @param {import('../kernels/routes.js').LinkStyle} style
   */
  constructor(link, { source, target, output, input }, style) {
    this.id = link.id
    this.link = link
    this.type = output.type
    this.list = output.list
    this.source = source
    this.target = target
    this.output = output
    this.input = input
    this.#style = style
    /** The name on its tags, where it is drawn as two of them. */
    this.portal = portalOf(link)
    this.#ends = { x1: source.x + output.x, y1: source.y + output.y, x2: target.x + input.x, y2: target.y + input.y }
    const { x, y, width, height } = routeExtent(this.#ends, viaOf(link))
    this.x = x
    this.y = y
    this.width = width
    this.height = height
  }

  /** How many of its curves lead from one point to the next. */
  get stretches() {
    return STRETCHES[this.#style]
  }

  /** What is drawn as a wire: nothing of a portal. */
  get curves() {
    return this.portal === null ? this.way : NOTHING
  }

  get tags() {
    return this.portal === null ? null : tagsOf(this.#ends, this.portal)
  }

  get way() {
    const { x1, y1, x2, y2 } = this.#ends
    return this.#curves ??= routeCurves([x1, y1], viaOf(this.link), [x2, y2], this.#style)
  }
}

export class PlacedLinks {
  #nodes
  #linksOf
  /** @type {readonly LinkRecord[]} */
  #from = []
  /** @type {Map<string, ScenePlacedLink>} */
  #placed = new Map()
  /** Where a wire stands in the list. @type {Map<string, number>} */
  #places = new Map()

  /** @type {import('../kernels/routes.js').LinkStyle} */
  style = 'curved'
  /** In drawing order; the same array where no wire has changed: what is drawn of them from afar is kept by it. @type {readonly ScenePlacedLink[]} */
  list = []
  /** Those of the list that are drawn as tags. @type {readonly ScenePlacedLink[]} */
  portals = []
  #bounds = new Bounds([])

  /**
   * @param {ReadonlyMap<string, ScenePlacedNode>} nodes
   * @param {(node: string) => readonly LinkRecord[]} linksOf into and out of it
   */
  constructor(nodes, linksOf) {
    this.#nodes = nodes
    this.#linksOf = linksOf
  }

  /** @param {string} id */
  get(id) {
    return this.#placed.get(id)
  }

  /** Those whose extent a rectangle touches, in drawing order. @param {import('../kernels/geometry.js').Rect} rect */
  touching(rect) {
    return this.#bounds.touching(this.list, rect)
  }

  /** Nothing placed so far holds. */
  forget() {
    this.#placed.clear()
    this.#from = []
  }

  /** @param {readonly LinkRecord[]} links @param {readonly string[]} moved nodes that are no longer placed as they were */
  update(links, moved) {
    if (links === this.#from && this.#placeAgain(moved)) return
    this.#from = links
    const list = links.map((link) => this.#place(link)).filter((link) => link !== null)
    if (list.length !== this.list.length || list.some((link, place) => link !== this.list[place])) this.list = list
    this.portals = list.filter(({ portal }) => portal !== null)
    this.#placed = new Map(this.list.map((link) => [link.id, link]))
    this.#places = new Map(this.list.map(({ id }, place) => [id, place]))
    this.#bounds = new Bounds(this.list)
  }

  /** @param {readonly string[]} moved @returns {boolean} whether that was enough */
  #placeAgain(moved) {
    if (!moved.length) return true
    const list = [...this.list]
    for (const node of moved) {
      for (const link of this.#linksOf(node)) {
        const placed = this.#place(link)
        const place = this.#places.get(link.id)
        if (!placed || place === undefined) return false
        if (list[place] === placed) continue // Both its ends moved.
        list[place] = placed
        this.#bounds.put(place, placed)
      }
    }
    this.list = list
    if (this.portals.length) this.portals = list.filter(({ portal }) => portal !== null)
    return true
  }

  /** @param {LinkRecord} link @returns {ScenePlacedLink | null} */
  #place(link) {
    const source = this.#nodes.get(link.from[0])
    const target = this.#nodes.get(link.to[0])
    const old = this.#placed.get(link.id)
    if (old && old.link === link && old.source === source && old.target === target) return old
    const isMoved = old !== undefined && old.link === link && old.source.layout === source?.layout && old.target.layout === target?.layout
    const output = isMoved ? old.output : source?.layout.outputs.find(({ name }) => name === link.from[1])
    const input = isMoved ? old.input : target?.layout.inputs.find(({ name }) => name === link.to[1])
    if (!source || !target || !output || !input || (source.fold !== undefined && source.fold === target.fold)) return null
    const placed = new ScenePlacedLink(link, { source, target, output, input }, this.style)
    this.#placed.set(link.id, placed)
    return placed
  }
}
