// Which nodes take part in a run up to some of them: these, all that feeds them, and what stands in any of those.

import { reachable } from '../kernels/graph_walk.js'
import { locate } from './addresses.js'
import { definitionOf } from './definitions.js'

/** @typedef {import('./definitions.js').Graphs} Graphs */

/** @param {Graphs} graphs @param {readonly string[]} targets addresses @returns {ReadonlySet<string>} addresses */
export const takingPart = (graphs, targets) => {
  /** @type {Set<string>} */
  const taken = new Set()
  for (const target of targets) {
    const found = locate(graphs, target)
    if (!found) continue
    const { path, node } = found
    const zone = path.findIndex(({ graph }) => (graphs.subgraph(graph)?.kind ?? 'graph') !== 'graph') // It runs as a whole.
    const entered = zone < 0 ? path : path.slice(0, zone)
    let prefix = ''
    for (const [depth, name] of [...entered.map((place) => place.node), path[zone]?.node ?? node].entries()) {
      const graph = path[depth - 1]?.graph ?? ''
      for (const id of reachable(name, 'up', (each) => graphs.graph(graph).linksTo(each))) {
        if (id === name && depth < entered.length) taken.add(prefix + id)
        else takeWhole(graphs, graph, prefix + id, id, taken)
      }
      prefix += `${name}/`
    }
  }
  return taken
}

/**
 * A node with all that stands in it.
 * @param {Graphs} graphs @param {string} graph @param {string} address @param {string} id @param {Set<string>} taken @param {readonly string[]} [around] sub-graphs that it stands in: only a file can put one into itself
 */
const takeWhole = (graphs, graph, address, id, taken, around = []) => {
  taken.add(address)
  const inner = definitionOf(graphs.graph(graph).node(id)?.type)
  if (inner === null || !graphs.subgraph(inner) || around.includes(inner)) return
  for (const node of graphs.graph(inner).nodes()) takeWhole(graphs, inner, `${address}/${node.id}`, node.id, taken, [...around, inner])
}
