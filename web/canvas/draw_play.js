// The button above a node that is pointed at: it runs the workflow up to there.

import { playButton } from '../kernels/hit_test.js'
import { circle } from './paint.js'

/** @typedef {import('./frame.js').Frame} Frame */
/** @typedef {import('./paint.js').Paint} Paint */

/** @param {Paint} paint @param {Frame} frame */
export const drawPlay = (paint, { scene, interaction: { hover, wire, marquee } }) => {
  const placed = 'node' in hover && !wire && !marquee && paint.detail !== 'blocks' ? scene.node(hover.node) : undefined
  if (!placed?.type || placed.fold !== undefined) return
  const { ctx, theme } = paint
  const { x, y, radius } = playButton(placed.width, paint.zoom)
  const [left, top] = [placed.x + x, placed.y + y]
  const isHot = hover.kind === 'play'
  circle(ctx, left, top, radius)
  ctx.fillStyle = isHot ? theme.accent.normal : theme.surface.raised
  ctx.fill()
  ctx.strokeStyle = isHot ? theme.accent.normal : theme.surface.fieldEdgeHover
  ctx.lineWidth = radius / 9
  ctx.stroke()
  const size = radius * 0.42
  ctx.beginPath()
  ctx.moveTo(left - size * 0.7, top - size)
  ctx.lineTo(left + size * 1.1, top)
  ctx.lineTo(left - size * 0.7, top + size)
  ctx.closePath()
  ctx.fillStyle = isHot ? theme.text.onAccent : theme.text.normal
  ctx.fill()
}
