// A layered arrangement of a graph, left to right: each node right of everything that feeds it.

import { union } from './geometry.js'
import { settle } from './settle.js'
import { splitColumns } from './split_columns.js'

/** @typedef {{id: string}} Named */
/** @typedef {{from: readonly [string, string], to: readonly [string, string]}} Edge */

const COLUMN_GAP = 72
const ROW_GAP = 40
/** So often columns are led by those before them, and sources by what they feed. */
const ROUNDS = 3
/** Higher than this it is a tower where it is not wider: a screen shows it whole only where nothing can be read. */
const TOWER = 1600
/** Width by height that a screen has, and into how many parts the highest column may be split to come near it. */
const GOOD_SHAPE = 1.6
const PARTS = [2, 3, 4]

/**
 * @param {readonly Named[]} nodes
 * @param {readonly Edge[]} links
 * @param {(id: string) => {width: number, height: number}} sizeOf
 * @returns {Map<string, [number, number]>}
 */
export const arrange = (nodes, links, sizeOf) => {
  const known = new Set(nodes.map(({ id }) => id))
  const { edges, order } = withoutCircles([...known], links.filter(({ from, to }) => known.has(from[0]) && known.has(to[0])))
  const [feeding, fed] = [neighbours(edges, 'from'), neighbours(edges, 'to')]
  const columns = columnsOf(nodes, depths(order, feeding, fed))
  const placed = (/** @type {readonly (readonly string[])[]} */ some) => {
    const ordered = some.map((column) => [...column])
    orderColumns(ordered, { from: feeding, to: fed })
    return placeColumns(ordered, edges, sizeOf)
  }
  const whole = placed(columns)
  const { width, height } = extent(whole, sizeOf)
  if (height < TOWER || height < width) return whole
  const heightOf = (/** @type {string} */ id) => sizeOf(id).height + ROW_GAP
  const highest = Math.max(...columns.map((column) => column.reduce((sum, id) => sum + heightOf(id), 0)))
  const ways = PARTS.map((parts) => placed(splitColumns(columns, fed, heightOf, highest / parts)))
  return bestShape([whole, ...ways], sizeOf)
}

/** @param {ReadonlyMap<string, [number, number]>} positions @param {(id: string) => {width: number, height: number}} sizeOf */
const extent = (positions, sizeOf) => union([...positions].map(([id, [x, y]]) => ({ ...sizeOf(id), x, y }))) ?? { width: 0, height: 0 }

/** @param {readonly Map<string, [number, number]>[]} ways @param {(id: string) => {width: number, height: number}} sizeOf */
const bestShape = (ways, sizeOf) => {
  const shapes = ways.map((positions) => {
    const { width, height } = extent(positions, sizeOf)
    return { positions, badness: Math.abs(Math.log(width / height / GOOD_SHAPE)) }
  })
  return shapes.reduce((best, shape) => (shape.badness < best.badness ? shape : best)).positions
}

/** What is at one end of the edges, by the node at the other. @param {readonly Edge[]} edges @param {'from' | 'to'} side @returns {Map<string, string[]>} */
const neighbours = (edges, side) => {
  /** @type {Map<string, string[]>} */
  const found = new Map()
  for (const edge of edges) {
    const id = edge[side === 'from' ? 'to' : 'from'][0]
    const others = found.get(id)
    if (others) others.push(edge[side][0])
    else found.set(id, [edge[side][0]])
  }
  return found
}

/**
 * Edges without those that lead back to where they come from, and the nodes in an order in which each follows all that feed it.
 * @param {readonly string[]} ids @param {readonly Edge[]} edges @returns {{edges: Edge[], order: string[]}}
 */
const withoutCircles = (ids, edges) => {
  /** @type {Map<string, Edge[]>} */
  const left = new Map(ids.map((id) => [id, []]))
  for (const edge of edges) left.get(edge.from[0])?.push(edge)
  /** @type {Map<string, 'open' | 'done'>} */
  const seen = new Map()
  /** @type {Edge[]} */
  const kept = []
  /** @type {string[]} */
  const done = []
  for (const root of ids) {
    const stack = seen.has(root) ? [] : [root]
    for (let id = stack.at(-1); id !== undefined; id = stack.at(-1)) {
      if (!seen.has(id)) seen.set(id, 'open')
      const edge = left.get(id)?.pop()
      if (!edge) {
        seen.set(id, 'done')
        done.push(id)
        stack.pop()
      } else if (seen.get(edge.to[0]) !== 'open') {
        kept.push(edge)
        if (!seen.has(edge.to[0])) stack.push(edge.to[0])
      }
    }
  }
  return { edges: kept, order: done.reverse() }
}

/**
 * The longest way to each node; then sources move right, next to what they feed.
 * @param {readonly string[]} order @param {ReadonlyMap<string, string[]>} feeding @param {ReadonlyMap<string, string[]>} fed
 */
const depths = (order, feeding, fed) => {
  /** @type {Map<string, number>} */
  const depth = new Map()
  const deepest = (/** @type {readonly string[]} */ ids) => ids.reduce((most, id) => Math.max(most, depth.get(id) ?? 0), -1)
  for (const id of order) depth.set(id, deepest(feeding.get(id) ?? []) + 1)
  for (const id of order) {
    const below = feeding.has(id) ? [] : fed.get(id) ?? []
    if (below.length) depth.set(id, below.reduce((least, other) => Math.min(least, depth.get(other) ?? 0), Infinity) - 1)
  }
  return depth
}

/** @param {readonly Named[]} nodes @param {ReadonlyMap<string, number>} depth */
const columnsOf = (nodes, depth) => {
  /** @type {string[][]} */
  const columns = []
  for (const { id } of nodes) (columns[depth.get(id) ?? 0] ??= []).push(id)
  return [...columns].filter((column) => column !== undefined)
}

/** Sorts each column by the mean place of its neighbours, twice forth and back. @param {string[][]} columns @param {{from: ReadonlyMap<string, string[]>, to: ReadonlyMap<string, string[]>}} neighbours */
const orderColumns = (columns, { from, to }) => {
  /** @type {Map<string, number>} */
  const place = new Map(columns.flatMap((column) => column.map((id, index) => [id, index])))
  const mean = (/** @type {string} */ id, /** @type {readonly string[]} */ others = [id]) => others.reduce((sum, other) => sum + (place.get(other) ?? 0), 0) / others.length
  for (const side of [from, to, from]) {
    for (const column of columns) {
      const means = new Map(column.map((id) => [id, mean(id, side.get(id))]))
      column.sort((a, b) => (means.get(a) ?? 0) - (means.get(b) ?? 0))
      column.forEach((id, index) => place.set(id, index))
    }
  }
}

/**
 * Columns side by side, in each the nodes in order, as level as they can be with what feeds them: wires then run straight.
 * @param {readonly (readonly string[])[]} columns @param {readonly Edge[]} edges @param {(id: string) => {width: number, height: number}} sizeOf
 */
export const placeColumns = (columns, edges, sizeOf) => {
  const tops = topsOf(columns, edges, sizeOf)
  const highest = Math.min(...tops.values(), Infinity)
  /** @type {Map<string, [number, number]>} */
  const positions = new Map()
  let x = 0
  for (const column of columns) {
    for (const id of column) positions.set(id, [x, Math.round((tops.get(id) ?? 0) - highest)])
    x += Math.max(...column.map((id) => sizeOf(id).width)) + COLUMN_GAP
  }
  return positions
}

/** @param {readonly (readonly string[])[]} columns @param {readonly Edge[]} edges @param {(id: string) => {width: number, height: number}} sizeOf */
const topsOf = (columns, edges, sizeOf) => {
  /** @type {Map<string, number>} */
  const tops = new Map()
  const settleColumn = (/** @type {readonly string[]} */ column, /** @type {(id: string) => number | null} */ wishOf) => {
    const things = column.map((id) => ({ wish: wishOf(id) ?? tops.get(id) ?? 0, height: sizeOf(id).height }))
    settle(things, ROW_GAP).forEach((top, place) => tops.set(column[place] ?? '', top))
  }
  const [before, after] = [nearest(columns, edges, 'from'), nearest(columns, edges, 'to')]
  const mean = (/** @type {readonly string[]} */ ids) => ids.reduce((sum, id) => sum + (tops.get(id) ?? 0), 0) / ids.length
  for (const column of columns) settleColumn(column, () => 0)
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const column of columns) settleColumn(column, (id) => (before.get(id)?.length ? mean(before.get(id) ?? []) : null))
    for (const column of [...columns].reverse()) settleColumn(column, (id) => (!before.get(id)?.length && after.get(id)?.length ? mean(after.get(id) ?? []) : null))
  }
  return tops
}

/**
 * Of what feeds a node, or what it feeds, those in the nearest column: far ones feed many and would pull all to the middle.
 * @param {readonly (readonly string[])[]} columns @param {readonly Edge[]} edges @param {'from' | 'to'} side @returns {Map<string, string[]>}
 */
const nearest = (columns, edges, side) => {
  const column = new Map(columns.flatMap((ids, place) => ids.map((id) => /** @type {const} */ ([id, place]))))
  const away = (/** @type {Edge} */ { from, to }) => Math.abs((column.get(to[0]) ?? 0) - (column.get(from[0]) ?? 0))
  /** @type {Map<string, Edge[]>} */
  const known = new Map()
  for (const edge of edges) {
    const id = edge[side === 'from' ? 'to' : 'from'][0]
    const best = known.get(id)
    const least = best?.[0] ? away(best[0]) : Infinity
    if (away(edge) < least) known.set(id, [edge])
    else if (away(edge) === least) best?.push(edge)
  }
  return new Map([...known].map(([id, some]) => [id, some.map((edge) => edge[side][0])]))
}
