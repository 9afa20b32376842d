// The viewer's places on the nodes that they show: an A and a B above the corner.

import { drawText, fillRound } from './paint.js'
import { FONT_FAMILY } from './theme.js'

/** @typedef {import('./frame.js').Frame} Frame */
/** @typedef {import('./paint.js').Paint} Paint */

/** @param {Paint} paint @param {Frame} frame */
export const drawSlots = (paint, { scene }) => {
  const { ctx, theme, zoom } = paint
  const size = Math.min(22, Math.max(11, 11 / zoom))
  const font = `700 ${Math.round(size)}px ${FONT_FAMILY}`
  for (const [index, [slot, id]] of Object.entries(scene.overlay.slots ?? {}).entries()) {
    const placed = id ? scene.node(id) : undefined
    if (!placed) continue
    const badge = { x: placed.x + index * size * 1.8, y: placed.y - size * 1.9, width: size * 1.6, height: size * 1.6 }
    ctx.globalAlpha = 1
    fillRound(ctx, badge, size * 0.4, index ? theme.state.warning : theme.accent.normal)
    drawText(paint, slot, badge.x + badge.width / 2, badge.y + badge.height / 2, { font, colour: theme.text.onAccent, align: 'center' })
  }
}
