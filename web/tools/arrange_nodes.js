// Laying nodes out left to right, as one edit: each right of what feeds it, where the left top of all was; what stands in
// a frame stays in it, what will show previews gets room for them, and notes make way.

import { roomForPreview } from '../canvas/picture_room.js'
import { placeAnnotations, placeFrames } from '../document/annotations.js'
import { placeNodes } from '../document/edits.js'
import { straighten, waysBetween } from '../document/reroutes.js'
import { arrangeBlocks } from '../kernels/arrange_blocks.js'
import { encloses, union } from '../kernels/geometry.js'
import { besideAll, carriedAlong } from '../kernels/notes_aside.js'
import { heldByFrame } from './held.js'

/** @typedef {import('../kernels/geometry.js').Rect} Rect */
/** @typedef {import('./bench.js').Bench} Bench */

/** @param {Bench} bench @param {Iterable<string>} [ids] all without */
export const arrangeNodes = ({ store, scene }, ids) => {
  const wanted = new Set(ids ?? store.nodes().map(({ id }) => id))
  const blocks = blocksAmong(scene, wanted)
  const notes = scene.notes.filter((note) => blocks.some(({ holds }) => holds.has(note.id)))
  const nodes = store.nodes().flatMap(({ id, position: [x, y] = [0, 0] }) => {
    const placed = wanted.has(id) ? scene.node(id) : undefined
    return placed ? [{ id, x: placed.fold === undefined ? placed.x : x, y: placed.fold === undefined ? placed.y : y, width: placed.width, height: placed.height + roomForPreview(placed) }] : []
  })
  const { x: left, y: top } = union([...nodes, ...blocks]) ?? { x: 0, y: 0 }
  const { places, frames } = arrangeBlocks([...nodes, ...notes], store.links(), blocks)
  const at = (/** @type {readonly [number, number]} */ [x, y]) => /** @type {[number, number]} */ ([Math.round(x + left), Math.round(y + top)])
  const moved = (/** @type {Iterable<string>} */ some) => new Map([...some].map((id) => [id, at(places.get(id) ?? [0, 0])]))
  const rects = blocks.flatMap(({ id, folded }) => {
    const frame = frames.get(id)
    const [x, y] = at([frame?.x ?? 0, frame?.y ?? 0])
    return frame ? [{ ...frame, id, folded, x, y }] : []
  })
  const settled = [...nodes.map((node) => ({ ...node, ...pointOf(at(places.get(node.id) ?? [0, 0])) })), ...rects]
  const aside = notesAside(scene, { wanted, held: new Set(notes.map(({ id }) => id)), before: [...nodes, ...blocks], settled })
  store.edit('Arrange', () => {
    straighten(store, waysBetween(store, wanted).keys())
    placeNodes(store, moved(nodes.map(({ id }) => id)))
    placeAnnotations(store, new Map([...aside, ...moved(notes.map(({ id }) => id)), ...rects.filter(({ folded }) => folded).map(({ id, x, y }) => /** @type {[string, [number, number]]} */ ([id, [x, y]]))]))
    placeFrames(store, new Map(rects.filter(({ folded }) => !folded).map((rect) => [rect.id, rect])))
  })
}

/** The frames that hold only what is arranged: those are arranged whole. @param {Bench['scene']} scene @param {ReadonlySet<string>} wanted @returns {import('../kernels/arrange_blocks.js').Block[]} */
const blocksAmong = (scene, wanted) => scene.frames.flatMap((frame) => {
  const nodes = heldByFrame(scene, frame)
  if (!nodes.length || frame.pinned || nodes.some((id) => !wanted.has(id) || scene.node(id)?.node.pinned)) return []
  const notes = frame.folded ? [] : scene.notes.filter((note) => !note.pinned && encloses(frame, note)).map(({ id }) => id)
  return [{ id: frame.id, x: frame.x, y: frame.y, width: frame.width, height: frame.height, holds: new Set([...nodes, ...notes]), folded: frame.folded !== null }]
})

/** @param {readonly [number, number]} point */
const pointOf = ([x, y]) => ({ x, y })

/**
 * Where the notes go that stand in no arranged frame: with the whole graph where all of it is arranged, and out of the way.
 * @param {Bench['scene']} scene
 * @param {{wanted: ReadonlySet<string>, held: ReadonlySet<string>, before: readonly Rect[], settled: readonly Rect[]}} arranged
 * @returns {Map<string, [number, number]>}
 */
const notesAside = (scene, { wanted, held, before, settled }) => {
  const [was, is] = [union(before), union(settled)]
  const resting = scene.nodes.filter(({ id }) => !wanted.has(id))
  const free = scene.notes.filter(({ id, pinned }) => !pinned && !held.has(id))
  /** @type {Rect[]} */
  const taken = [...settled, ...resting, ...scene.notes.filter(({ pinned }) => pinned)]
  /** @type {Map<string, [number, number]>} */
  const places = new Map()
  for (const note of free) {
    const wish = was && is && !resting.length ? carriedAlong(note, was, is) : note
    const { x, y } = besideAll(wish, taken)
    taken.push({ ...note, x, y })
    if (x !== note.x || y !== note.y) places.set(note.id, [x, y])
  }
  return places
}
