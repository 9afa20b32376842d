// Dragging a number sideways; Shift is finer, Ctrl coarser, and changing keys midway makes no jump.

import { setInput } from '../document/edits.js'
import { scrubbed } from '../kernels/numbers.js'
import { pushed } from '../kernels/ranges.js'

/** @param {import('./bench.js').Bench} bench @param {import('./bench.js').Pointer} start @param {import('../widgets/field.js').Field} field @returns {import('./bench.js').Tool} */
export const enterScrubNumber = (bench, start, field) => {
  const { store } = bench
  let anchor = { x: start.screen[0], value: typeof field.value === 'number' ? field.value : 0, keys: '' }
  let value = anchor.value
  store.begin(`Set ${field.input.name}`)
  return {
    name: 'scrub_number',
    cursor: 'ew-resize',
    isEndless: true,
    move: ({ screen, shift, ctrl }) => {
      const keys = `${shift}${ctrl}`
      if (keys !== anchor.keys) anchor = { x: anchor.keys ? screen[0] : anchor.x, value, keys }
      const fieldPixels = field.rect.width * bench.camera().zoom
      value = scrubbed(field.widget, anchor.value, screen[0] - anchor.x, fieldPixels, { fine: shift, coarse: ctrl })
      for (const [name, each] of pushed(field.widget, field.input.name, value, field.siblings)) setInput(store, field.node, name, each)
    },
    up: () => store.commit(),
    cancel: () => store.cancel(),
  }
}
