// F while nodes are dragged: the frames that they stood in close around the rest, and the one under the hand opens for them.

import { placeFrames } from '../document/annotations.js'
import { contains, encloses, union } from '../kernels/geometry.js'
import { closed, opened } from '../kernels/frames.js'

/** @typedef {import('../kernels/geometry.js').Rect} Rect */

/**
 * @param {import('./bench.js').Bench} bench
 * @param {ReadonlyMap<string, Rect>} origins the dragged nodes, where they stood
 * @param {{has: (id: string) => boolean}} dragged frames that come along
 */
export const createJoining = ({ scene, store, interaction }, origins, dragged) => {
  const still = scene.nodes.filter(({ id }) => !origins.has(id))
  const frames = scene.frames.filter(({ id, folded }) => !dragged.has(id) && !folded)
  const left = frames.filter((frame) => [...origins.values()].some((rect) => encloses(frame, rect)))
  let isOn = false

  /** @param {readonly [number, number]} delta @param {readonly [number, number]} world where the hand is @returns {Map<string, Rect>} */
  const frameRects = ([dx, dy], [x, y]) => {
    const rects = new Map(left.map((frame) => [frame.id, closed(frame, still, origins)]))
    const entered = frames.findLast((frame) => !rects.has(frame.id) && contains(frame, x, y))
    const group = union([...origins.values()])
    if (entered && group) rects.set(entered.id, opened(entered, { ...group, x: group.x + dx, y: group.y + dy }))
    return rects
  }

  return {
    /** @param {KeyboardEvent} event @returns {boolean} whether it was the key */
    key: ({ code }) => {
      if (code !== 'KeyF') return false
      isOn = !isOn
      return true
    },
    /** @param {readonly [number, number]} delta @param {readonly [number, number]} world */
    move: (delta, world) => {
      interaction.joined = isOn ? frameRects(delta, world) : null
    },
    up: () => {
      if (interaction.joined) placeFrames(store, interaction.joined)
    },
    end: () => {
      interaction.joined = null
    },
  }
}
