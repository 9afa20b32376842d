// The graph that somebody has before them, read: whoever knows which one that is says it.

/** @typedef {import('./graph_tables.js').GraphTables} GraphTables */

export class GraphReader {
  /** @returns {GraphTables} */
  get here() {
    throw new Error('no graph is before anybody')
  }

  /** All nodes of the current graph in drawing order, the topmost last; the same array until one changes. */
  nodes() {
    return this.here.nodes()
  }

  /** @param {string} id */
  node(id) {
    return this.here.node(id)
  }

  links() {
    return this.here.links()
  }

  /** @param {string} id */
  link(id) {
    return this.here.link(id)
  }

  /** Links into a node, or into one of its inputs. @param {string} node @param {string} [input] */
  linksTo(node, input) {
    return this.here.linksTo(node, input)
  }

  /** Links out of a node, or out of one of its outputs. @param {string} node @param {string} [output] */
  linksFrom(node, output) {
    return this.here.linksFrom(node, output)
  }

  /** A link id that no record has. */
  newLinkId() {
    return this.here.newLinkId()
  }
}
