// Putting a node into a wire: through which sockets it would flow, which wire it lies on, and who makes room.

import { inputsNow } from '../document/dynamic_inputs.js'
import { contains, intersects } from './geometry.js'
import { reachable } from './graph_walk.js'
import { pointOn } from './link_path.js'
import { bestSocket } from './matching.js'

/** @typedef {import('../document/catalog.js').Catalog} Catalog */
/** @typedef {import('../document/workflow_format.js').LinkRecord} LinkRecord */
/** @typedef {import('./geometry.js').Rect} Rect */
/** @typedef {import('./link_path.js').Curve} Curve */
/** @typedef {import('./passing.js').Graph} Graph */
/** @typedef {{input: string, output: string}} Sockets */

/** Between a node put in and its neighbours. */
export const ROOM = 48
const SAMPLES = 24

/**
 * The free sockets by which a link could run through a node, or null where it cannot or a circle would close.
 * @param {Catalog} catalog @param {Graph} graph @param {string} node @param {LinkRecord} link @returns {Sockets | null}
 */
export const socketsFor = (catalog, graph, node, link) => {
  const typeOf = (/** @type {string} */ id) => catalog.nodes.get(graph.node(id)?.type ?? '')
  const type = typeOf(node)
  const source = typeOf(link.from[0])?.outputs.find(({ name }) => name === link.from[1])
  const target = typeOf(link.to[0])?.inputs.find(({ name }) => name === link.to[1])
  if (!type || !source || !target || link.from[0] === node || link.to[0] === node) return null
  const free = { ...type,
    inputs: inputsNow(catalog, graph, graph.node(node)).filter(({ name }) => !graph.linksTo(node, name).length),
    outputs: type.outputs.filter(({ name }) => !graph.linksFrom(node, name).length) }
  const pending = { node: link.from[0], socket: link.from[1], hint: '' }
  const input = bestSocket(catalog, free, { ...pending, kind: 'output', type: source.type, list: source.list })
  const output = bestSocket(catalog, free, { ...pending, kind: 'input', type: target.type, list: target.list })
  if (!input || !output) return null
  const above = reachable(link.from[0], 'up', (id) => graph.linksTo(id))
  const below = reachable(link.to[0], 'down', (id) => graph.linksFrom(id))
  return above.has(node) || below.has(node) ? null : { input: input.name, output: output.name }
}

/**
 * The wires that a rectangle lies on, the nearest to the point first.
 * @template {Rect & {curves: readonly Curve[]}} Placed
 * @param {readonly Placed[]} links @param {Rect} rect @param {readonly [number, number]} point @returns {Placed[]}
 */
export const linksUnder = (links, rect, [x, y]) => {
  const found = []
  for (const placed of links) {
    if (!intersects(placed, rect)) continue
    const distance = nearestInside(placed.curves, rect, x, y)
    if (distance < Infinity) found.push({ placed, distance })
  }
  return found.sort((a, b) => a.distance - b.distance).map(({ placed }) => placed)
}

/** How near to a point the wire comes within the rectangle. @param {readonly Curve[]} curves @param {Rect} rect @param {number} x @param {number} y */
const nearestInside = (curves, rect, x, y) => {
  let best = Infinity
  for (const curve of curves) {
    for (let index = 1; index < SAMPLES; index += 1) {
      const [px, py] = pointOn(curve, index / SAMPLES)
      if (contains(rect, px, py)) best = Math.min(best, Math.hypot(px - x, py - y))
    }
  }
  return best
}

/**
 * Where things go so that the node has room between the two: itself right of its source, then the target and all
 * that follows it and stands no further left.
 * @param {{node: Rect, source: Rect, target: Rect}} rects @param {readonly (Rect & {id: string})[]} followers the target among them
 * @returns {{dx: number, moved: string[], by: number}} dx: of the node; by: of those moved
 */
export const roomFor = ({ node, source, target }, followers) => {
  const beside = source.x + source.width + ROOM
  const overlapsSource = node.x < beside && intersects(node, source)
  const dx = overlapsSource ? beside - node.x : 0
  const by = node.x + dx + node.width + ROOM - target.x
  const isLeft = target.x + target.width < source.x // A wire that runs backwards has its own reasons.
  if (by <= 0 || isLeft) return { dx, moved: [], by: 0 }
  return { dx, moved: followers.filter(({ x }) => x >= target.x).map(({ id }) => id), by }
}

/**
 * The same to the left: the source and all that leads to it make room.
 * @param {{node: Rect, source: Rect, target: Rect}} rects @param {readonly (Rect & {id: string})[]} leaders the source among them
 * @returns {ReturnType<typeof roomFor>}
 */
export const roomBefore = ({ node, source, target }, leaders) => {
  const { dx, moved, by } = roomFor({ node: mirrored(node), source: mirrored(target), target: mirrored(source) }, leaders.map(mirrored))
  return { dx: dx && -dx, moved, by: by && -by }
}

/** @template {Rect} R @param {R} rect @returns {R} */
const mirrored = (rect) => ({ ...rect, x: -(rect.x + rect.width) })
