// Which nodes and links are selected; never part of the document.

/** @typedef {import('./store.js').Store} Store */

export class Selection {
  #store
  /** @type {ReadonlySet<string>} */
  #nodes = new Set()
  /** @type {ReadonlySet<string>} */
  #links = new Set()
  /** @type {Set<() => void>} */
  #listeners = new Set()

  /** @param {Store} store */
  constructor(store) {
    this.#store = store
    store.subscribe(({ kind }) => {
      if (kind !== 'view') this.#forgetMissing()
    })
  }

  get nodes() {
    return this.#nodes
  }

  get links() {
    return this.#links
  }

  get isEmpty() {
    return this.#nodes.size + this.#links.size === 0
  }

  /** Selects exactly these. @param {{nodes?: Iterable<string>, links?: Iterable<string>}} ids */
  set({ nodes = [], links = [] }) {
    const nextNodes = new Set(nodes)
    const nextLinks = new Set(links)
    if (sameSet(nextNodes, this.#nodes) && sameSet(nextLinks, this.#links)) return
    this.#nodes = nextNodes
    this.#links = nextLinks
    for (const listener of [...this.#listeners]) listener()
  }

  /** @param {Iterable<string>} nodes */
  add(nodes) {
    this.set({ nodes: [...this.#nodes, ...nodes], links: this.#links })
  }

  /** @param {string} node */
  toggle(node) {
    const nodes = new Set(this.#nodes)
    if (!nodes.delete(node)) nodes.add(node)
    this.set({ nodes, links: this.#links })
  }

  clear() {
    this.set({})
  }

  selectAll() {
    this.set({ nodes: this.#store.nodes().map(({ id }) => id) })
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
    })
  }
}

/** @param {ReadonlySet<string>} a @param {ReadonlySet<string>} b */
const sameSet = (a, b) => a.size === b.size && [...a].every((item) => b.has(item))
