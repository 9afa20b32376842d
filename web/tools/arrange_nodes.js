// Laying nodes out left to right, as one edit: each right of what feeds it, where the left top of all was.

import { placeNodes } from '../document/edits.js'
import { straighten, waysBetween } from '../document/reroutes.js'
import { arrange } from '../kernels/arrange.js'

/** @param {import('./bench.js').Bench} bench @param {Iterable<string>} [ids] all without */
export const arrangeNodes = ({ store, scene }, ids) => {
  const wanted = new Set(ids ?? store.nodes().map(({ id }) => id))
  const nodes = store.nodes().filter(({ id }) => wanted.has(id))
  const { x: left, y: top } = scene.bounds(wanted) ?? { x: 0, y: 0 }
  const positions = arrange(nodes, store.links(), (id) => scene.node(id) ?? { width: 240, height: 120 })
  store.edit('Arrange', () => {
    straighten(store, waysBetween(store, wanted).keys())
    placeNodes(store, new Map([...positions].map(([id, [x, y]]) => [id, [Math.round(x + left), Math.round(y + top)]])))
  })
}
