// Points that a link is led through: they belong to the link, draw only, and never change a result.

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./workflow_format.js').LinkRecord} LinkRecord */
/** @typedef {readonly [number, number]} Point */

/** @type {readonly Point[]} */
const NONE = []

/** @param {unknown} value @returns {value is Point} */
const isPoint = (value) => Array.isArray(value) && value.length === 2 && value.every(Number.isFinite)

/** What another program wrote there is no way: it is kept, and the wire runs straight. @param {LinkRecord} link @returns {readonly Point[]} */
export const viaOf = ({ extra }) => {
  const via = extra?.via
  return Array.isArray(via) && via.length && via.every(isPoint) ? via : NONE
}

/** The link with another way; none leaves no trace in the document. @param {LinkRecord} link @param {readonly Point[]} points @returns {LinkRecord} */
export const withVia = (link, points) => {
  const { via: _, ...extra } = link.extra ?? {}
  return { ...link, extra: points.length ? { ...extra, via: points.map(([x, y]) => [Math.round(x), Math.round(y)]) } : extra }
}

/** @param {Store} store @param {string} label @param {string} id @param {(points: readonly Point[]) => readonly Point[]} update */
const updateVia = (store, label, id, update) => {
  const link = store.link(id)
  if (link) store.edit(label, (tx) => tx.put('links', withVia(link, update(viaOf(link)))))
}

/** Leads a link through a point, after `index` others. @param {Store} store @param {string} id @param {number} index @param {Point} point */
export const addReroute = (store, id, index, point) => updateVia(store, 'Add reroute', id, (points) => points.toSpliced(index, 0, point))

/** @param {Store} store @param {string} id @param {number} index @param {Point} point */
export const moveReroute = (store, id, index, point) => updateVia(store, 'Move reroute', id, (points) => points.with(index, point))

/** @param {Store} store @param {string} id @param {number} index */
export const removeReroute = (store, id, index) => updateVia(store, 'Remove reroute', id, (points) => points.toSpliced(index, 1))

/** @param {Store} store @param {Iterable<string>} ids */
export const straighten = (store, ids) =>
  store.edit('Straighten', () => {
    for (const id of ids) updateVia(store, 'Straighten', id, () => NONE)
  })

/** The ways of links between nodes that move together, as they are now. @param {Store} store @param {ReadonlySet<string>} nodes @returns {Map<string, readonly Point[]>} */
export const waysBetween = (store, nodes) => {
  /** @type {Map<string, readonly Point[]>} */
  const ways = new Map()
  for (const link of store.links()) {
    const points = viaOf(link)
    if (points.length && nodes.has(link.from[0]) && nodes.has(link.to[0])) ways.set(link.id, points)
  }
  return ways
}

/** @param {Store} store @param {ReadonlyMap<string, readonly Point[]>} ways @param {Point} by */
export const shiftWays = (store, ways, [dx, dy]) => {
  if (!ways.size) return
  store.edit('Move', () => {
    for (const [id, points] of ways) updateVia(store, 'Move', id, () => points.map(([x, y]) => [x + dx, y + dy]))
  })
}
