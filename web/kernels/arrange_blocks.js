// Arranging with frames: what stands in one stays together, is arranged by itself, and the frame is a node among the others.

import { arrange } from './arrange.js'
import { frameAround } from './frames.js'
import { union } from './geometry.js'

/** Seen from afar a frame's title stands above it, and grows. */
const TITLE_ABOVE = 44

/** @typedef {import('./arrange.js').Edge} Edge */
/** @typedef {import('./geometry.js').Rect} Rect */
/** @typedef {Rect & {id: string}} Thing */
/** What stays together. `folded`: it is drawn as its title, and what it holds keeps its places in it. @typedef {Rect & {id: string, holds: ReadonlySet<string>, folded: boolean}} Block */
/** @typedef {{places: Map<string, [number, number]>, frames: Map<string, Rect>}} Arranged */

/**
 * @param {readonly Thing[]} things nodes, and the notes that stand in blocks
 * @param {readonly Edge[]} links
 * @param {readonly Block[]} blocks one in another holds what that one holds
 * @returns {Arranged} from [0, 0] on
 */
export const arrangeBlocks = (things, links, blocks) => {
  const outer = blocks.filter((block) => !blocks.some((other) => other !== block && isIn(block, other, blocks)))
  const inner = new Map(outer.map((block) => [block.id, blockOf(block, things, links, blocks.filter((other) => other !== block && isIn(other, block, blocks)))]))
  const owner = new Map(outer.flatMap(({ id, holds }) => [...holds].map((thing) => /** @type {const} */ ([thing, id]))))
  const free = things.filter(({ id }) => !owner.has(id))
  const over = (/** @type {string} */ id) => (owner.has(id) ? blockId(owner.get(id) ?? '') : id)
  const sizes = new Map([...free.map((thing) => /** @type {[string, Rect]} */ ([thing.id, thing])), ...[...inner].map(([id, { rect }]) => /** @type {[string, Rect]} */ ([blockId(id), { ...rect, height: rect.height + TITLE_ABOVE }]))])
  const order = [...new Set(things.map(({ id }) => over(id)))]
  // A block feeds what feeds it where a wire leaves it and another comes back: one of the two does not count.
  const edges = links.map(({ from, to }) => ({ from: /** @type {[string, string]} */ ([over(from[0]), from[1]]), to: /** @type {[string, string]} */ ([over(to[0]), to[1]]) }))
  const positions = arrange(order.map((id) => ({ id })), edges, (id) => sizes.get(id) ?? { width: 0, height: 0 })
  /** @type {Arranged} */
  const all = { places: new Map(), frames: new Map() }
  for (const { id } of free) all.places.set(id, positions.get(id) ?? [0, 0])
  for (const [id, block] of inner) {
    const [x, y] = positions.get(blockId(id)) ?? [0, 0]
    const [dx, dy] = [x - block.rect.x, y + TITLE_ABOVE - block.rect.y]
    for (const [thing, at] of block.places) all.places.set(thing, [at[0] + dx, at[1] + dy])
    for (const [frame, rect] of block.frames) all.frames.set(frame, { ...rect, x: rect.x + dx, y: rect.y + dy })
  }
  return all
}

/** A block among nodes must not be taken for one of them. @param {string} id */
const blockId = (id) => `frame ${id}`

/** Of two that hold the same, the earlier is the outer one. @param {Block} a @param {Block} b @param {readonly Block[]} blocks */
const isIn = (a, b, blocks) => a.holds.size > 0 && [...a.holds].every((id) => b.holds.has(id)) && (a.holds.size < b.holds.size || blocks.indexOf(b) < blocks.indexOf(a))

/** @param {Block} block @param {readonly Thing[]} things @param {readonly Edge[]} links @param {readonly Block[]} inside @returns {Arranged & {rect: Rect}} */
const blockOf = (block, things, links, inside) => {
  const held = things.filter(({ id }) => block.holds.has(id))
  const { x, y, width, height } = block
  if (block.folded) {
    return { rect: { x, y, width, height }, places: new Map(held.map((thing) => [thing.id, [thing.x, thing.y]])), frames: new Map([[block.id, { x, y, width, height }]]) }
  }
  const own = links.filter(({ from, to }) => block.holds.has(from[0]) && block.holds.has(to[0]))
  const { places, frames } = arrangeBlocks(held, own, inside)
  const rects = held.flatMap(({ id, width: w, height: h }) => {
    const [left, top] = places.get(id) ?? [0, 0]
    return [{ x: left, y: top, width: w, height: h }]
  })
  const rect = frameAround(union([...rects, ...frames.values()]) ?? { x, y, width, height })
  return { rect, places, frames: new Map([...frames, [block.id, rect]]) }
}
