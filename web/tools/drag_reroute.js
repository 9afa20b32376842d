// Dragging a point of a wire; Shift holds it level with, or straight below, what it comes from and leads to.

import { moveReroute } from '../document/reroutes.js'

const REACH = 10

/** @param {import('./bench.js').Bench} bench @param {string} id @param {number} index @returns {import('./bench.js').Tool} */
export const enterDragReroute = (bench, id, index) => {
  const { store, scene } = bench
  store.begin('Move reroute')
  return {
    name: 'drag_reroute',
    cursor: 'grabbing',
    pansAtEdge: true,
    move: ({ world: [x, y], shift }) => {
      const { curves = [], stretches = 1 } = scene.link(id) ?? {}
      const [before, after] = [curves[index * stretches], curves[(index + 2) * stretches - 1]]
      const near = (/** @type {number} */ value, /** @type {(number | undefined)[]} */ lines) =>
        lines.find((line) => line !== undefined && Math.abs(line - value) <= REACH / bench.camera().zoom) ?? value
      moveReroute(store, id, index, shift ? [near(x, [before?.x1, after?.x2]), near(y, [before?.y1, after?.y2])] : [x, y])
    },
    up: () => store.commit(),
    cancel: () => store.cancel(),
  }
}
