// Panning: the picture follows the hand.

import { panned } from '../kernels/geometry.js'

/** @param {import('./bench.js').Bench} bench @param {import('./bench.js').Pointer} start @returns {import('./bench.js').Tool} */
export const enterPan = (bench, start) => {
  const before = bench.camera()
  return {
    name: 'pan',
    cursor: 'grabbing',
    move: ({ screen }) => bench.setCamera(panned(before, screen[0] - start.screen[0], screen[1] - start.screen[1])),
    up: () => {},
    cancel: () => bench.setCamera(before),
  }
}
