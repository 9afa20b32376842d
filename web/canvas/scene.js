// The document as it is drawn: every node placed and laid out, every wire as a curve; kept between frames.

import { definitionOf } from '../document/definitions.js'
import { sameTag } from '../document/portals.js'
import { arrange } from '../kernels/arrange.js'
import { Bounds } from '../kernels/culling.js'
import { union } from '../kernels/geometry.js'
import { layoutNode } from '../kernels/layout.js'
import { nodeState } from './node_state.js'
import { aspectOf, emptyWell, isLarge, roomBelow } from './picture_room.js'
import { emptyOverlay } from './overlay_types.js'
import { PlacedAnnotations, standIn } from './placed_annotations.js'
import { drawsAlike, isSettled, sameFacts } from './placed_facts.js'
import { PlacedLinks } from './placed_links.js'
import { scopeOverlay } from './scopes.js'

/** @typedef {import('../document/annotations.js').Annotation} Annotation */
/** @typedef {import('../document/catalog.js').Catalog} Catalog */
/** @typedef {import('../document/catalog.js').NodeType} NodeType */
/** @typedef {import('../document/catalog.js').Problem} Problem */
/** @typedef {Pick<import('../document/graph_tables.js').GraphTables, 'nodes' | 'node' | 'links' | 'link' | 'linksTo' | 'linksFrom' | 'carried'>} Graph */
/** @typedef {import('../document/workflow_format.js').LinkRecord} LinkRecord */
/** @typedef {import('../document/workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {import('../kernels/geometry.js').Rect} Rect */
/** @typedef {import('../kernels/layout.js').NodeLayout} NodeLayout */
/** @typedef {import('./overlay_types.js').NodeRun} NodeRun */
/** @typedef {import('./overlay_types.js').Picture} Picture */
/** @typedef {import('./overlay_types.js').RunOverlay} RunOverlay */
/** @typedef {import('./placed_facts.js').PlacedFacts} PlacedFacts */

/** @typedef {Rect & {id: string, node: NodeRecord, type: NodeType | undefined, layout: NodeLayout, facts: PlacedFacts, shift?: readonly [number, number] | undefined, fold?: string | undefined}} ScenePlacedNode fold: the folded frame for which its wires end; shift: how far it is drawn from its place, while it glides there */
/** @typedef {import('./placed_links.js').ScenePlacedLink} ScenePlacedLink */

/** Open instances in open instances are drawn so deep. */
const DEEPEST = 4

export class Scene {
  #store
  /** @type {Map<string, ScenePlacedNode>} */
  #nodes = new Map()
  #links
  /** One for each record, at its place. @type {readonly ScenePlacedNode[]} */
  #placed = []
  /** Those that no folded frame hides. @type {readonly ScenePlacedNode[]} */
  #nodeList = []
  #nodeBounds = new Bounds([])
  /** What may no longer hold: records of the document, or anything. */
  #stale = { records: true, all: true }
  /** Nodes that runs gave a picture, or took it. @type {Set<string>} */
  #repictured = new Set()
  /** What was placed last. @type {{records: readonly NodeRecord[], links: readonly LinkRecord[], folded: ReadonlyMap<string, Annotation>}} */
  #known = { records: [], links: [], folded: new Map() }
  #bodyOf
  #depth
  /** Of open instances, by their ids. @type {Map<string, {definition: string, scene: Scene}>} */
  #bodies = new Map()
  /** What runs say of all graphs, and how its nodes are called there. @type {{overlay: RunOverlay, prefix: string}} */
  #told = { overlay: emptyOverlay(), prefix: '' }
  #annotations
  #hasWork = false
  /** @type {ReadonlyMap<string, readonly [number, number]>} */
  #shifts = new Map()
  /** @type {ReadonlyMap<string, [number, number]> | null} */
  #automatic = null

  /** @type {RunOverlay} */
  overlay = emptyOverlay()
  /** @type {ReadonlyMap<string, readonly Problem[]>} */
  problems = new Map()

  /**
   * @param {Graph} store
   * @param {Catalog} catalog
   * @param {(node: NodeRecord, type: NodeType | undefined) => Picture | null} [ownPicture] a picture a node shows before any run
   * @param {(definition: string) => {graph: Graph, catalog: Catalog} | null} [bodyOf] what is in the instances of a sub-graph
   */
  constructor(store, catalog, ownPicture = () => null, bodyOf = () => null, depth = 0) {
    this.#bodyOf = bodyOf
    this.#depth = depth
    this.#store = store
    this.#annotations = new PlacedAnnotations(store)
    this.#links = new PlacedLinks(this.#nodes, (node) => [...store.linksTo(node), ...store.linksFrom(node)])
    this.catalog = catalog
    this.ownPicture = ownPicture
  }

  /** Draws nodes away from their places, while they glide there. @param {ReadonlyMap<string, readonly [number, number]>} shifts @param {number} share of them; 0 ends it */
  setShifts(shifts, share) {
    this.#shifts = new Map(share > 0 ? [...shifts].map(([id, [dx, dy]]) => [id, [dx * share, dy * share]]) : [])
    this.touch()
  }

  /** Something that is drawn changed. @param {{onlyRecords?: boolean}} [what] onlyRecords: of the document, whose records say it themselves */
  touch({ onlyRecords = false } = {}) {
    this.#stale.records = true
    this.#stale.all ||= !onlyRecords
    for (const { scene } of this.#bodies.values()) scene.touch()
  }

  /** What is in an instance that is drawn open. @param {NodeRecord} node @returns {Scene | null} */
  body({ id, type, open }) {
    const definition = open ? definitionOf(type) : null
    if (definition === null || this.#depth >= DEEPEST) return null
    const known = this.#bodies.get(id)
    if (known?.definition === definition) return known.scene
    const parts = this.#bodyOf(definition)
    if (!parts) return null
    const scene = new Scene(parts.graph, parts.catalog, this.ownPicture, this.#bodyOf, this.#depth + 1)
    scene.setOverlay(this.#told.overlay, `${this.#told.prefix}${id}/`)
    this.#bodies.set(id, { definition, scene })
    return scene
  }

  /** Another document: nothing placed so far holds. */
  forget() {
    this.#nodes.clear()
    this.#links.forget()
    this.#automatic = null
    this.#bodies.clear()
    this.touch()
  }

  /** @param {import('../kernels/routes.js').LinkStyle} style */
  setLinkStyle(style) {
    this.#links.style = style
    this.#links.forget()
    this.touch()
  }

  get linkStyle() {
    return this.#links.style
  }

  /** @param {Catalog} catalog */
  setCatalog(catalog) {
    this.catalog = catalog
    this.#nodes.clear()
    this.#bodies.clear()
    this.touch()
  }

  /** @param {RunOverlay} told of all graphs @param {string} [prefix] how this one's nodes are called there: `instance/` */
  setOverlay(told, prefix = '') {
    const overlay = scopeOverlay(told, prefix, (name) => this.#store.node(name) !== undefined)
    this.#told = { overlay: told, prefix }
    for (const { nodes } of [this.overlay, overlay]) {
      for (const [id, { preview, pictures }] of nodes) if (preview || pictures?.length) this.#repictured.add(id)
    }
    for (const [id, { scene }] of this.#bodies) scene.setOverlay(told, `${prefix}${id}/`)
    this.overlay = overlay
    this.#hasWork = false
    for (const run of overlay.nodes.values()) this.#hasWork ||= run.plan === 'will_run'
    /** @type {Map<string, Problem[]>} */
    const byNode = new Map()
    for (const problem of overlay.problems) {
      if (!problem.node) continue
      const list = byNode.get(problem.node)
      if (list) list.push(problem)
      else byNode.set(problem.node, [problem])
    }
    this.problems = byNode
    this.#stale.records ||= this.#repictured.size > 0
  }

  /** What the live plan knows of an output. @param {readonly [string, string]} output its node and name */
  factsOf([node, output]) {
    return this.overlay.facts?.[node]?.[output]
  }

  /** In drawing order, the topmost last. */
  get nodes() {
    this.#refresh()
    return this.#nodeList
  }

  get links() {
    this.#refresh()
    return this.#links.list
  }

  /** In drawing order. @param {Rect} rect */
  nodesIn(rect) {
    return this.#nodeBounds.touching(this.nodes, rect)
  }

  /** Those whose way may touch it. @param {Rect} rect */
  linksIn(rect) {
    this.#refresh()
    return this.#links.touching(rect)
  }

  /** Links that are drawn as tags. */
  get portals() {
    this.#refresh()
    return this.#links.portals
  }

  /** The links that a portal's tag stands for: at the output all of its name. @param {string} id @param {'from' | 'to'} end */
  linksOfTag(id, end) {
    return end === 'to' ? [id] : sameTag(this.#store, id).map((link) => link.id)
  }

  /** @param {string} id */
  node(id) {
    this.#refresh()
    return this.#nodes.get(id)
  }

  /** @param {string} id */
  link(id) {
    this.#refresh()
    return this.#links.get(id)
  }

  /** Frames that have a place, the largest first: a frame inside another is drawn on it. */
  get frames() {
    return this.#annotations.frames
  }

  get notes() {
    return this.#annotations.notes
  }

  /** A frame or note. @param {string} id */
  annotation(id) {
    return this.frames.find((placed) => placed.id === id) ?? this.notes.find((placed) => placed.id === id)
  }

  /** @param {string} id @returns {NodeRun | undefined} */
  run(id) {
    return this.overlay.nodes.get(id)
  }

  /** @param {string} id */
  state(id) {
    return nodeState(this.run(id), this.#hasWork)
  }

  /** What a node shows: results, or a picture of its own. @param {ScenePlacedNode} placed @returns {readonly Picture[]} */
  picturesOf(placed) {
    const run = this.run(placed.id)
    if (run?.pictures?.length) return run.pictures
    const own = this.ownPicture(placed.node, placed.type)
    return own ? [own] : []
  }

  /** @param {Iterable<string>} [ids] of nodes, frames and notes; all without */
  bounds(ids) {
    const placed = ids ? [...ids].map((id) => this.node(id) ?? this.annotation(id)).filter((one) => one !== undefined)
      : [...this.nodes, ...this.frames, ...this.notes]
    return union(placed)
  }

  /** The middle of a socket's dot in the world. @param {string} id @param {'input' | 'output'} kind @param {string} name @returns {[number, number] | null} */
  socketPoint(id, kind, name) {
    const placed = this.node(id)
    return placed ? pointOf(placed, kind, name) : null
  }

  #refresh() {
    const { records: changed, all } = this.#stale
    if (!changed && !all) return
    this.#stale = { records: false, all: false }
    const records = this.#store.nodes()
    const links = this.#store.links()
    const folded = this.#annotations.foldedNodes
    const known = this.#known
    this.#known = { records, links, folded }
    // Of a drag or a run in a large graph nearly nothing changes: what is known of a node's surroundings is not looked at again.
    const keeps = !all && isLarge(records) && links === known.links && folded === known.folded && !folded.size && records.length === known.records.length
    this.#links.update(links, keeps ? this.#placeChanged(records, known.records) : this.#placeAll(records, folded))
    this.#repictured.clear()
  }

  /** @param {readonly NodeRecord[]} records @param {readonly NodeRecord[]} before @returns {string[]} the nodes that changed */
  #placeChanged(records, before) {
    const placed = [...this.#placed]
    /** @type {string[]} */
    const moved = []
    records.forEach((record, place) => {
      const old = /** @type {ScenePlacedNode} */ (placed[place])
      if (record === before[place] && isSettled(record) && (!this.#repictured.has(record.id) || this.#showsTheSame(old))) return
      const now = this.#place(record)
      if (now === old) return
      placed[place] = now
      this.#nodeBounds.put(place, now)
      moved.push(record.id)
    })
    if (moved.length) this.#placed = this.#nodeList = placed
    return moved
  }

  /** @param {readonly NodeRecord[]} records @param {ReadonlyMap<string, Annotation>} folded @returns {string[]} the nodes that changed, came or went */
  #placeAll(records, folded) {
    /** @type {string[]} */
    const moved = []
    this.#placed = records.map((record) => {
      const before = this.#nodes.get(record.id)
      const frame = folded.get(record.id)
      const now = this.#place(frame ? standIn(record, frame) : record, frame?.id)
      if (now !== before) moved.push(record.id)
      return now
    })
    this.#nodeList = folded.size ? this.#placed.filter(({ fold }) => fold === undefined) : this.#placed
    this.#nodeBounds = new Bounds(this.#nodeList)
    if (this.#nodes.size > records.length) moved.push(...this.#forgetNodes(new Set(records.map(({ id }) => id))))
    return moved
  }

  /** @param {NodeRecord} node @param {string} [fold] the frame that is folded over it @returns {ScenePlacedNode} */
  #place(node, fold) {
    const old = this.#nodes.get(node.id)
    const shift = this.#shifts.get(node.id)
    if (old && old.node === node && this.#keepsType(old) && old.shift === shift && (node.position || !this.#automatic) && this.#stillHolds(old)) return old
    const facts = this.#factsOf(node)
    const [x, y] = node.position ?? this.#automaticPosition(node.id)
    const type = this.catalog.nodes.get(node.type)
    const keepsLayout = old !== undefined && old.type === type && drawsAlike(old.node, node) && sameFacts(old.facts, facts)
    const layout = keepsLayout ? old.layout : this.#layout(node, type, facts)
    const [dx, dy] = shift ?? [0, 0]
    const placed = { id: node.id, node, type, x: x + dx, y: y + dy, width: layout.width, height: layout.height, layout, facts, shift, fold }
    this.#nodes.set(node.id, placed)
    return placed
  }

  /** @param {NodeRecord} node @param {NodeType | undefined} type @param {PlacedFacts} facts */
  #layout(node, type, facts) {
    return layoutNode(node, {
      type,
      linkedInputs: facts.linksTo.map(({ to }) => to[1]),
      linkedOutputs: facts.linksFrom.map(({ from }) => from[1]),
      picture: facts.aspect > 0 ? { aspect: facts.aspect, count: facts.count, room: facts.room } : null,
    })
  }

  /** Only types that the document brings change while the catalogue stays. @param {ScenePlacedNode} placed */
  #keepsType({ node, type }) {
    return !node.type.startsWith('@') || this.catalog.nodes.get(node.type) === type
  }

  /** @param {ScenePlacedNode} placed */
  #stillHolds(placed) {
    const { id, facts } = placed
    return this.#store.linksTo(id) === facts.linksTo && this.#store.linksFrom(id) === facts.linksFrom && this.#showsTheSame(placed)
  }

  /** Asked for every node after every change: makes no objects. @param {ScenePlacedNode} placed */
  #showsTheSame({ node, type, facts }) {
    const shown = this.#shownPicture(node, type)
    return (shown?.aspect ?? 0) === facts.aspect && (shown?.count ?? 0) === facts.count && (!shown || this.#roomBelow(node) === facts.room)
  }

  /** @param {NodeRecord} node @returns {PlacedFacts} */
  #factsOf(node) {
    const type = this.catalog.nodes.get(node.type)
    const shown = this.#shownPicture(node, type)
    return {
      linksTo: this.#store.linksTo(node.id), linksFrom: this.#store.linksFrom(node.id),
      aspect: shown?.aspect ?? 0, count: shown?.count ?? 0, room: shown ? this.#roomBelow(node) : Infinity,
    }
  }

  /** @param {NodeRecord} node */
  #roomBelow(node) {
    return roomBelow(this.#store.nodes(), node, (id) => this.#nodes.get(id)?.width, this.notes)
  }

  /** @param {NodeRecord} node @param {NodeType | undefined} type @returns {{aspect: number, count: number} | null} */
  #shownPicture(node, type) {
    const inside = node.open ? this.body(node)?.bounds() : null
    if (inside) return { aspect: aspectOf(inside), count: 1 }
    const run = this.run(node.id)
    const first = run?.pictures?.[0]
    if (run?.preview && (run.run === 'running' || !first)) return { aspect: aspectOf(run.preview), count: 1 }
    if (first) return { aspect: aspectOf(first), count: run?.pictures?.length ?? 1 }
    const own = this.ownPicture(node, type)
    if (own) return { aspect: aspectOf(own), count: 1 }
    return type ? emptyWell(type) : null
  }

  /** @param {ReadonlySet<string>} present */
  #forgetNodes(present) {
    const gone = [...this.#nodes.keys()].filter((id) => !present.has(id))
    for (const id of gone) this.#nodes.delete(id)
    return gone
  }

  /** A document from elsewhere may say no positions: then it is arranged, without an edit. @param {string} id @returns {[number, number]} */
  #automaticPosition(id) {
    if (!this.#automatic?.has(id)) {
      const sizes = new Map(this.#store.nodes().map((node) => [node.id, this.#layout(node, this.catalog.nodes.get(node.type), this.#factsOf(node))]))
      this.#automatic = arrange(this.#store.nodes(), this.#store.links(), (name) => sizes.get(name) ?? { width: 240, height: 120 })
    }
    return this.#automatic.get(id) ?? [0, 0]
  }
}

/** @param {ScenePlacedNode} placed @param {'input' | 'output'} kind @param {string} name @returns {[number, number] | null} */
const pointOf = (placed, kind, name) => {
  const side = kind === 'input' ? placed.layout.inputs : placed.layout.outputs
  const socket = side.find((candidate) => candidate.name === name)
  return socket ? [placed.x + socket.x, placed.y + socket.y] : null
}
