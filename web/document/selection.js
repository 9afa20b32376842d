// Which nodes, links, frames and notes are selected; never part of the document.

import { findAnnotation } from './annotations.js'

/** @typedef {import('./store.js').Store} Store */

export class Selection {
  #store
  /** @type {ReadonlySet<string>} */
  #nodes = new Set()
  /** @type {ReadonlySet<string>} */
  #links = new Set()
  /** @type {ReadonlySet<string>} */
  #annotations = new Set()
  /** @type {Set<() => void>} */
  #listeners = new Set()

  /** @param {Store} store */
  constructor(store) {
    this.#store = store
    store.subscribe(({ kind }) => {
      if (kind === 'enter') this.clear() // Ids are a graph's own.
      else if (kind !== 'view') this.#forgetMissing()
    })
  }

  get nodes() {
    return this.#nodes
  }

  get links() {
    return this.#links
  }

  /** Frames and notes. */
  get annotations() {
    return this.#annotations
  }

  get isEmpty() {
    return this.#nodes.size + this.#links.size + this.#annotations.size === 0
  }

  /** Selects exactly these. @param {{nodes?: Iterable<string>, links?: Iterable<string>, annotations?: Iterable<string>}} ids */
  set({ nodes = [], links = [], annotations = [] }) {
    const nextNodes = new Set(nodes)
    const nextLinks = new Set(links)
    const nextAnnotations = new Set(annotations)
    if (sameSet(nextNodes, this.#nodes) && sameSet(nextLinks, this.#links) && sameSet(nextAnnotations, this.#annotations)) return
    this.#nodes = nextNodes
    this.#links = nextLinks
    this.#annotations = nextAnnotations
    for (const listener of [...this.#listeners]) listener()
  }

  /** @param {Iterable<string>} nodes */
  add(nodes) {
    this.set({ nodes: [...this.#nodes, ...nodes], links: this.#links, annotations: this.#annotations })
  }

  /** @param {string} node */
  toggle(node) {
    const nodes = new Set(this.#nodes)
    if (!nodes.delete(node)) nodes.add(node)
    this.set({ nodes, links: this.#links, annotations: this.#annotations })
  }

  /** @param {string} id of a frame or note */
  toggleAnnotation(id) {
    const annotations = new Set(this.#annotations)
    if (!annotations.delete(id)) annotations.add(id)
    this.set({ nodes: this.#nodes, links: this.#links, annotations })
  }

  clear() {
    this.set({})
  }

  selectAll() {
    const annotations = [...this.#store.carried('frames'), ...this.#store.carried('notes')].map(({ id }) => id)
    this.set({ nodes: this.#store.nodes().map(({ id }) => id), annotations })
  }

  /** @param {() => void} listener @returns {() => void} unsubscribe */
  subscribe(listener) {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #forgetMissing() {
    this.set({
      nodes: [...this.#nodes].filter((id) => this.#store.node(id)),
      links: [...this.#links].filter((id) => this.#store.link(id)),
      annotations: [...this.#annotations].filter((id) => findAnnotation(this.#store, id)),
    })
  }
}

/** @param {ReadonlySet<string>} a @param {ReadonlySet<string>} b */
const sameSet = (a, b) => a.size === b.size && [...a].every((item) => b.has(item))
