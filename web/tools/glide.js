// What a command has moved goes to its place in sight.

import { animate } from './motion.js'

/**
 * @param {import('../canvas/scene.js').Scene} scene as it was drawn before the move
 * @param {() => void} drawAgain
 * @returns {() => void} stops it where it is
 */
export const glide = (scene, drawAgain) => {
  const before = new Map(scene.nodes.map(({ id, x, y }) => [id, { x, y }]))
  scene.setShifts(new Map(), 0)
  /** @type {Map<string, [number, number]>} */
  const shifts = new Map()
  for (const { id, x, y } of scene.nodes) {
    const was = before.get(id)
    if (was && (was.x !== x || was.y !== y)) shifts.set(id, [was.x - x, was.y - y])
  }
  return animate((share) => {
    scene.setShifts(shifts, 1 - share)
    drawAgain()
  })
}
