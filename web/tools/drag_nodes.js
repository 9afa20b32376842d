// Moving the selected nodes; Shift snaps them into line, Alt leaves the originals and moves copies.

import { duplicate } from '../document/clipboard.js'
import { placeNodes } from '../document/edits.js'
import { intersects, union, viewOf } from '../kernels/geometry.js'
import { snapToNeighbours } from '../kernels/snapping.js'

/** @typedef {import('./bench.js').Bench} Bench */
/** @typedef {import('./bench.js').Pointer} Pointer */
/** @typedef {import('../kernels/geometry.js').Rect} Rect */

const SNAP_REACH = 8

/** @param {Bench} bench @param {Pointer} start @returns {import('./bench.js').Tool} */
export const enterDragNodes = (bench, start) => {
  const { store, selection, scene, interaction } = bench
  const origins = originsOf(scene, selection.nodes)
  store.begin(start.alt ? 'Duplicate' : 'Move')
  if (start.alt) originsForCopies(bench, origins)
  store.edit('Raise', (tx) => {
    for (const id of origins.keys()) tx.raise('nodes', id)
  })
  const group = union([...origins.values()])
  const finish = () => {
    interaction.guides = []
    bench.invalidate()
  }
  return {
    name: 'drag_nodes',
    cursor: 'grabbing',
    pansAtEdge: true,
    move: ({ world, shift }) => {
      const delta = shift && group ? snapped(bench, group, origins, world, start.world) : difference(world, start.world)
      placeNodes(store, new Map([...origins].map(([id, { x, y }]) => [id, [Math.round(x + delta[0]), Math.round(y + delta[1])]])), 'Move')
      if (!shift) interaction.guides = []
    },
    up: () => {
      store.commit()
      finish()
    },
    cancel: () => {
      store.cancel()
      finish()
    },
  }
}

/** @param {import('../canvas/scene.js').Scene} scene @param {Iterable<string>} ids */
const originsOf = (scene, ids) => {
  /** @type {Map<string, Rect>} */
  const origins = new Map()
  for (const id of ids) {
    const placed = scene.node(id)
    if (placed) origins.set(id, { x: placed.x, y: placed.y, width: placed.width, height: placed.height })
  }
  return origins
}

/** Makes copies exactly over the originals and lets the hand hold those. @param {Bench} bench @param {Map<string, Rect>} origins */
const originsForCopies = ({ store, selection }, origins) => {
  const rects = store.nodes().filter(({ id }) => origins.has(id)).map(({ id }) => /** @type {Rect} */ (origins.get(id)))
  const copies = duplicate(store, selection)
  origins.clear()
  copies.forEach((id, index) => origins.set(id, /** @type {Rect} */ (rects[index])))
  selection.set({ nodes: copies })
}

/** @param {readonly [number, number]} a @param {readonly [number, number]} b @returns {[number, number]} */
const difference = (a, b) => [a[0] - b[0], a[1] - b[1]]

/** @param {Bench} bench @param {Rect} group @param {ReadonlyMap<string, Rect>} origins @param {readonly [number, number]} world @param {readonly [number, number]} from @returns {[number, number]} */
const snapped = (bench, group, origins, world, from) => {
  const [dx, dy] = difference(world, from)
  const camera = bench.camera()
  const view = viewOf(camera, bench.host.clientWidth, bench.host.clientHeight)
  const others = bench.scene.nodes.filter((node) => !origins.has(node.id) && intersects(node, view))
  const snap = snapToNeighbours({ ...group, x: group.x + dx, y: group.y + dy }, others, SNAP_REACH / camera.zoom)
  bench.interaction.guides = snap.guides
  return [dx + snap.dx, dy + snap.dy]
}
