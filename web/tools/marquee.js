// A box drawn over the canvas: to the right it selects what it encloses, to the left what it touches; Shift adds, Ctrl turns round.

import { encloses, intersects, rectBetween } from '../kernels/geometry.js'

/** @param {import('./bench.js').Bench} bench @param {import('./bench.js').Pointer} start @returns {import('./bench.js').Tool} */
export const enterMarquee = (bench, start) => {
  const { selection, interaction, scene } = bench
  const before = { nodes: [...selection.nodes], links: [...selection.links], annotations: [...selection.annotations] }
  const finish = () => {
    interaction.marquee = null
    bench.invalidate()
  }
  return {
    name: 'marquee',
    cursor: 'crosshair',
    pansAtEdge: true,
    move: ({ world, shift, ctrl }) => {
      const box = rectBetween(start.world, world)
      const touching = world[0] < start.world[0]
      interaction.marquee = { rect: box, touching }
      const takes = (/** @type {import('../kernels/geometry.js').Rect} */ rect) => (touching ? intersects(rect, box) : encloses(box, rect))
      const touched = scene.nodes.filter(takes).map(({ id }) => id)
      // A frame is as large as what it holds: only a box around it means it.
      const boxed = [...scene.frames.filter((frame) => encloses(box, frame)), ...scene.notes.filter(takes)].map(({ id }) => id)
      selection.set({ nodes: combined(before.nodes, touched, { shift, ctrl }), annotations: combined(before.annotations, boxed, { shift, ctrl }) })
      bench.invalidate('overlay')
    },
    up: finish,
    cancel: () => {
      selection.set(before)
      finish()
    },
  }
}

/** @param {string[]} before @param {string[]} touched @param {{shift: boolean, ctrl: boolean}} keys */
const combined = (before, touched, { shift, ctrl }) => {
  if (ctrl) return [...before.filter((id) => !touched.includes(id)), ...touched.filter((id) => !before.includes(id))]
  return shift ? [...before, ...touched] : touched
}
