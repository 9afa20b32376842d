// From one node to the next by keys: along the wires to the sides, else to the nearest that lies there.

/** @typedef {import('./geometry.js').Rect} Rect */
/** @typedef {import('../document/workflow_format.js').LinkRecord} LinkRecord */
/** @typedef {import('./passing.js').Graph} Graph */
/** @typedef {'Left' | 'Right' | 'Up' | 'Down'} Way */

/** @param {Rect} rect */
const middle = ({ x, y, width, height }) => [x + width / 2, y + height / 2]

/**
 * Where the keyboard goes from a node; without one, to the first at the left top; null where nothing lies there.
 * @param {Pick<Graph, 'linksTo' | 'linksFrom'>} graph @param {ReadonlyMap<string, Rect>} places @param {string | null} from @param {Way} way @returns {string | null}
 */
export const nextNode = (graph, places, from, way) => {
  const start = from === null ? undefined : places.get(from)
  if (from === null || !start) return [...places].sort(([, a], [, b]) => a.x + a.y - b.x - b.y)[0]?.[0] ?? null
  const wired = way === 'Left' ? graph.linksTo(from).map((link) => link.from[0]) : way === 'Right' ? graph.linksFrom(from).map((link) => link.to[0]) : []
  const near = (/** @type {Iterable<string>} */ ids) => nearest(places, start, ids)
  return near(wired) ?? near([...places.keys()].filter((id) => id !== from && lies(/** @type {Rect} */ (places.get(id)), start, way)))
}

/**
 * Of a node the first wire out of it, else into it; of a wire the next of those that leave its node; null where there is none.
 * @param {Pick<Graph, 'linksTo' | 'linksFrom'> & {link: (id: string) => LinkRecord | undefined}} graph
 * @param {{nodes: ReadonlySet<string>, links: ReadonlySet<string>}} selection @returns {string | null}
 */
export const nextWire = (graph, { nodes, links }) => {
  const [[node], [wire]] = [nodes, links]
  if (node !== undefined) return [...graph.linksFrom(node), ...graph.linksTo(node)][0]?.id ?? null
  const link = graph.link(wire ?? '')
  const beside = link ? graph.linksFrom(link.from[0]) : []
  return beside[(beside.findIndex(({ id }) => id === wire) + 1) % beside.length]?.id ?? null
}

/** @param {Rect} rect @param {Rect} start @param {Way} way */
const lies = (rect, start, way) => {
  const [[x = 0, y = 0], [sx = 0, sy = 0]] = [middle(rect), middle(start)]
  const [dx, dy] = [x - sx, y - sy]
  if (way === 'Left' || way === 'Right') return Math.abs(dx) >= Math.abs(dy) && (way === 'Left' ? dx < 0 : dx > 0)
  return Math.abs(dy) >= Math.abs(dx) / 2 && (way === 'Up' ? dy < 0 : dy > 0)
}

/** @param {ReadonlyMap<string, Rect>} places @param {Rect} start @param {Iterable<string>} ids */
const nearest = (places, start, ids) => {
  const [sx = 0, sy = 0] = middle(start)
  let best = null
  let distance = Infinity
  for (const id of ids) {
    const [x = Infinity, y = Infinity] = middle(places.get(id) ?? { x: Infinity, y: Infinity, width: 0, height: 0 })
    const away = Math.hypot(x - sx, y - sy)
    if (away < distance) [best, distance] = [id, away]
  }
  return best
}
