// Panning: the picture follows the hand.

import { panned } from '../kernels/geometry.js'

/** @param {import('./bench.js').Bench} bench @param {import('./bench.js').Pointer} start @returns {import('./bench.js').Tool} */
export const enterPan = (bench, start) => {
  const before = bench.camera()
  let [x, y] = start.screen
  return {
    name: 'pan',
    cursor: 'grabbing',
    move: ({ screen }) => {
      if (screen[0] === x && screen[1] === y) return
      bench.setCamera(panned(bench.camera(), screen[0] - x, screen[1] - y)) // From where the wheel has zoomed meanwhile.
      ;[x, y] = screen
    },
    up: () => {},
    cancel: () => bench.setCamera(before),
  }
}
