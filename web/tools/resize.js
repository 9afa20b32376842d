// Dragging the corner of a node, frame or note.

import { updateAnnotations } from '../document/annotations.js'
import { updateNodes } from '../document/edits.js'
import { MIN_WIDTH } from '../kernels/layout.js'
import { toGrid } from '../kernels/snapping.js'

/** @param {import('./bench.js').Bench} bench @param {import('./bench.js').Pointer} start @param {string} id @returns {import('./bench.js').Tool} */
export const enterResize = (bench, start, id) => {
  const { store } = bench
  const placed = bench.scene.node(id)
  const { width = 0, height = 0 } = placed ?? {}
  store.begin('Resize')
  return {
    name: 'resize',
    cursor: 'nwse-resize',
    move: ({ world, shift }) => {
      const wanted = [width + world[0] - start.world[0], height + world[1] - start.world[1]].map((side) => (shift ? toGrid(side) : Math.round(side)))
      /** @type {[number, number]} */
      const size = [Math.max(MIN_WIDTH, wanted[0] ?? 0), Math.max(0, wanted[1] ?? 0)]
      updateNodes(store, 'Resize', [id], (node) => ({ ...node, size }))
    },
    up: () => {
      // What is saved is what was seen: never less than the content needs.
      const seen = bench.scene.node(id)
      if (seen) updateNodes(store, 'Resize', [id], (node) => ({ ...node, size: [seen.width, seen.height > seen.layout.minHeight ? seen.height : 0] }))
      store.commit()
    },
    cancel: () => store.cancel(),
  }
}

const LEAST = { frames: [120, 80], notes: [80, 36] }

/** @param {import('./bench.js').Bench} bench @param {import('./bench.js').Pointer} start @param {string} id @returns {import('./bench.js').Tool} */
export const enterResizeAnnotation = ({ store, scene }, start, id) => {
  const placed = scene.annotation(id)
  const { width = 0, height = 0 } = placed ?? {}
  const [leastWidth = 0, leastHeight = 0] = LEAST[placed?.table ?? 'notes']
  store.begin('Resize')
  return {
    name: 'resize_annotation',
    cursor: 'nwse-resize',
    move: ({ world, shift }) => {
      const side = (/** @type {number} */ wanted) => (shift ? toGrid(wanted) : Math.round(wanted))
      const size = [Math.max(leastWidth, side(width + world[0] - start.world[0])), Math.max(leastHeight, side(height + world[1] - start.world[1]))]
      updateAnnotations(store, 'Resize', [id], (fields) => ({ ...fields, size }))
    },
    up: () => store.commit(),
    cancel: () => store.cancel(),
  }
}
