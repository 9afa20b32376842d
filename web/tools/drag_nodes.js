// Moving what is selected, with all that stands in a selected frame unless Ctrl is held at the start; Shift snaps them
// into line, Alt leaves the originals and moves copies, with Shift at the start with the wires that feed them. One node dropped on a wire is put into it, unless Ctrl is held;
// shaken, it leaves its wires; T makes room for it to the left rather than to the right. F lifts them out of their frame, and into another one.

import { isShown } from '../canvas/wire.js'
import { duplicate } from '../document/clipboard.js'
import { placeAnnotations, placeFrames } from '../document/annotations.js'
import { insertOnLink, moveNodes, placeNodes } from '../document/edits.js'
import { shiftWays, waysBetween } from '../document/reroutes.js'
import { pullOut } from '../document/rewiring.js'
import { grown, intersects, union, viewOf } from '../kernels/geometry.js'
import { reachable } from '../kernels/graph_walk.js'
import { linksUnder, roomBefore, roomFor, socketsFor } from '../kernels/insertion.js'
import { createShakeReader } from '../kernels/shake.js'
import { snapToNeighbours } from '../kernels/snapping.js'
import { heldBy, heldByFrame } from './held.js'
import { createJoining } from './join_frames.js'

/** @typedef {import('./bench.js').Bench} Bench */
/** @typedef {import('./bench.js').Pointer} Pointer */
/** @typedef {import('../kernels/geometry.js').Rect} Rect */
/** @typedef {NonNullable<import('../canvas/frame.js').Interaction['insertion']>} Insertion */

const SNAP_REACH = 8

/** @param {Bench} bench @param {Pointer} start @returns {import('./bench.js').Tool} */
export const enterDragNodes = (bench, start) => {
  const { store, selection, scene, interaction } = bench
  const held = start.ctrl || start.alt ? selection : heldBy(scene, selection)
  const isLoose = (/** @type {boolean | undefined} */ pinned) => start.alt || !pinned
  const origins = originsOf((id) => placeOf(bench, id), [...held.nodes].filter((id) => isLoose(store.node(id)?.pinned)))
  const annotations = start.alt ? new Map() : originsOf((id) => scene.annotation(id), [...held.annotations].filter((id) => isLoose(scene.annotation(id)?.pinned)))
  if (!origins.size && !annotations.size) return { name: 'held', cursor: 'not-allowed', move: () => {}, up: () => {}, cancel: () => {} }
  store.begin(start.alt ? 'Duplicate' : 'Move')
  if (start.alt) originsForCopies(bench, origins, start.shift)
  store.edit('Raise', (tx) => {
    for (const id of origins.keys()) tx.raise('nodes', id)
  })
  const ways = start.alt ? new Map() : waysBetween(store, new Set(origins.keys()))
  const shaken = createShakeReader()
  const joining = createJoining(bench, origins, annotations)
  const group = union([...origins.values(), ...annotations.values()])
  /** @type {Insertion | null} */
  let insertion = null
  let toLeft = false
  let isFree = false // Shaken off its wires, it would at once be put back into them.
  const finish = () => {
    interaction.guides = []
    interaction.insertion = null
    joining.end()
    bench.invalidate()
  }
  return {
    name: 'drag_nodes',
    cursor: 'grabbing',
    pansAtEdge: true,
    key: (event) => joining.key(event) || (event.code === 'KeyT' && ((toLeft = !toLeft), true)),
    move: ({ world, screen, shift, ctrl }) => {
      const [only, ...others] = origins.keys()
      if (only && !others.length && shaken(screen[0], performance.now())) isFree = pullOut(store, scene.catalog, [only])
      const delta = shift && group ? snapped(bench, group, origins, world, start.world) : difference(world, start.world)
      placeNodes(store, moved(origins, delta), 'Move')
      shiftWays(store, ways, delta)
      if (annotations.size) placeAnnotations(store, moved(annotations, delta))
      if (!shift) interaction.guides = []
      insertion = ctrl || isFree || origins.size !== 1 || annotations.size ? null : insertionAt(bench, [...origins.keys()][0] ?? '', world)
      interaction.insertion = insertion
      joining.move(delta, world)
    },
    up: () => {
      joining.up()
      if (insertion) insert(bench, insertion, toLeft)
      store.commit()
      finish()
    },
    cancel: () => {
      store.cancel()
      finish()
    },
  }
}

/** Of a node under a folded frame, where it really stands. @param {Bench} bench @param {string} id */
const placeOf = ({ scene, store }, id) => {
  const placed = scene.node(id)
  const [x, y] = store.node(id)?.position ?? [0, 0]
  return placed?.fold === undefined ? placed : { ...placed, x, y }
}

/** @param {ReadonlyMap<string, Rect>} origins @param {[number, number]} delta @returns {Map<string, [number, number]>} */
const moved = (origins, [dx, dy]) => new Map([...origins].map(([id, { x, y }]) => [id, [Math.round(x + dx), Math.round(y + dy)]]))

/** @param {(id: string) => Rect | undefined} placedOf @param {Iterable<string>} ids */
const originsOf = (placedOf, ids) => {
  /** @type {Map<string, Rect>} */
  const origins = new Map()
  for (const id of ids) {
    const placed = placedOf(id)
    if (placed) origins.set(id, { x: placed.x, y: placed.y, width: placed.width, height: placed.height })
  }
  return origins
}

/** Makes copies exactly over the originals and lets the hand hold those. @param {Bench} bench @param {Map<string, Rect>} origins @param {boolean} fed what feeds the originals feeds them too */
const originsForCopies = ({ store, selection }, origins, fed) => {
  const rects = store.nodes().filter(({ id }) => origins.has(id)).map(({ id }) => /** @type {Rect} */ (origins.get(id)))
  const { nodes: copies } = duplicate(store, { nodes: selection.nodes }, { fed })
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

/** The wire under the node that could run through it. @param {Bench} bench @param {string} node @param {[number, number]} world @returns {Insertion | null} */
const insertionAt = ({ store, scene, selection }, node, world) => {
  const placed = scene.node(node)
  if (!placed) return null
  for (const { id, link } of linksUnder(scene.links.filter((each) => isShown(scene.linkStyle, selection.nodes, each)), grown(placed, -6), world)) {
    const sockets = socketsFor(scene.catalog, store, node, link)
    if (sockets) return { node, link: id, sockets }
  }
  return null
}

/** @param {Bench} bench @param {Insertion} insertion @param {boolean} toLeft what leads to it makes room rather than what follows */
const insert = ({ store, scene }, { node, link, sockets }, toLeft) => {
  const ends = store.link(link)
  const rects = { node: scene.node(node), source: scene.node(ends?.from[0] ?? ''), target: scene.node(ends?.to[0] ?? '') }
  insertOnLink(store, scene.catalog, node, link, sockets)
  const { node: own, source, target } = rects
  if (!ends || !own || !source || !target) return
  const others = toLeft ? reachable(ends.from[0], 'up', (id) => store.linksTo(id)) : reachable(ends.to[0], 'down', (id) => store.linksFrom(id))
  const among = scene.nodes.filter(({ id }) => others.has(id))
  const room = (toLeft ? roomBefore : roomFor)({ node: own, source, target }, among)
  const isHeld = store.node(toLeft ? ends.from[0] : ends.to[0])?.pinned
  const framed = isHeld ? [] : framesAround(scene, new Set(room.moved))
  if (room.dx) moveNodes(store, [node], room.dx, 0)
  if (!room.moved.length || isHeld) return
  moveNodes(store, room.moved, room.by, 0)
  placeFrames(store, new Map(framed.map(({ id, extent, whole }) => [id, whole ? { ...extent, x: extent.x + room.by }
    : { ...extent, x: Math.min(extent.x, extent.x + room.by), width: extent.width + Math.abs(room.by) }])))
}

/** Frames of which some nodes move: they open for them, or where all do come along. @param {Bench['scene']} scene @param {ReadonlySet<string>} moved */
const framesAround = (scene, moved) => scene.frames.flatMap((frame) => {
  const held = frame.pinned || frame.folded ? [] : heldByFrame(scene, frame)
  return held.some((id) => moved.has(id)) ? [{ id: frame.id, extent: frame.extent, whole: held.every((id) => moved.has(id)) }] : []
})
