// A layered arrangement of a graph, left to right: each node right of everything that feeds it.

/** @typedef {{id: string}} Named */
/** @typedef {{from: readonly [string, string], to: readonly [string, string]}} Edge */

const COLUMN_GAP = 72
const ROW_GAP = 40

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
  return place(columns, sizeOf)
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

/** @param {string[][]} columns @param {(id: string) => {width: number, height: number}} sizeOf */
const place = (columns, sizeOf) => {
  /** @type {Map<string, [number, number]>} */
  const positions = new Map()
  let x = 0
  for (const column of columns) {
    let y = 0
    for (const id of column) {
      positions.set(id, [x, y])
      y += sizeOf(id).height + ROW_GAP
    }
    x += Math.max(...column.map((id) => sizeOf(id).width)) + COLUMN_GAP
  }
  return positions
}
