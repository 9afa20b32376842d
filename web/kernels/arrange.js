// A layered arrangement of a graph, left to right: each node right of everything that feeds it.

import { settle } from './settle.js'

/** @typedef {{id: string}} Named */
/** @typedef {{from: readonly [string, string], to: readonly [string, string]}} Edge */

const COLUMN_GAP = 72
const ROW_GAP = 40
/** So often columns are led by those before them, and sources by what they feed. */
const ROUNDS = 3

/**
 * @param {readonly Named[]} nodes
 * @param {readonly Edge[]} links
 * @param {(id: string) => {width: number, height: number}} sizeOf
 * @returns {Map<string, [number, number]>}
 */
export const arrange = (nodes, links, sizeOf) => {
  const known = new Set(nodes.map(({ id }) => id))
  const edges = links.filter(({ from, to }) => known.has(from[0]) && known.has(to[0]) && from[0] !== to[0])
  const columns = columnsOf(nodes, depths(nodes, edges))
  orderColumns(columns, edges)
  return placeColumns(columns, edges, sizeOf)
}

/**
 * The longest way to each node; then sources move right, next to what they feed.
 * @param {readonly Named[]} nodes @param {readonly Edge[]} edges
 */
const depths = (nodes, edges) => {
  const depth = new Map(nodes.map(({ id }) => [id, 0]))
  for (let round = 0; round < nodes.length; round += 1) {
    let moved = false
    for (const { from, to } of edges) {
      const needed = (depth.get(from[0]) ?? 0) + 1
      if (needed > (depth.get(to[0]) ?? 0) && needed < nodes.length) {
        depth.set(to[0], needed)
        moved = true
      }
    }
    if (!moved) break
  }
  for (const { id } of nodes) {
    if (edges.some(({ to }) => to[0] === id)) continue
    const fed = edges.filter(({ from }) => from[0] === id).map(({ to }) => depth.get(to[0]) ?? 0)
    if (fed.length) depth.set(id, Math.max(0, Math.min(...fed) - 1))
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

/** Sorts each column by the mean place of its neighbours, twice forth and back. @param {string[][]} columns @param {readonly Edge[]} edges */
const orderColumns = (columns, edges) => {
  /** @type {Map<string, number>} */
  const place = new Map(columns.flatMap((column) => column.map((id, index) => [id, index])))
  /** @param {string} id @param {'from' | 'to'} side */
  const mean = (id, side) => {
    const other = side === 'from' ? 'to' : 'from'
    const places = edges.filter((edge) => edge[other][0] === id).map((edge) => place.get(edge[side][0]) ?? 0)
    return places.length ? places.reduce((sum, value) => sum + value, 0) / places.length : place.get(id) ?? 0
  }
  for (const side of /** @type {const} */ (['from', 'to', 'from'])) {
    for (const column of columns) {
      const means = new Map(column.map((id) => [id, mean(id, side)]))
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
