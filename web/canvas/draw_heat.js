// The heat map over the nodes: a tint as warm as the node was dear, and what it took.

import { intersects } from '../kernels/geometry.js'
import { HEADER } from '../kernels/layout.js'
import { heatColour, heatOf } from './heat.js'
import { drawText, fillRound } from './paint.js'
import { FONT_FAMILY } from './theme.js'

/** @typedef {import('./frame.js').Frame} Frame */
/** @typedef {import('./heat.js').Heat} Heat */
/** @typedef {import('./overlay_types.js').RunOverlay} RunOverlay */
/** @typedef {import('./paint.js').Paint} Paint */

/** Drawn in every frame of a pan, made anew by an event only. @type {WeakMap<RunOverlay, ReadonlyMap<string, Heat>>} */
const made = new WeakMap()

/** @param {Paint} paint @param {Frame} frame */
export const drawHeat = (paint, { scene, view }) => {
  const { overlay } = scene
  if (!overlay.heat || overlay.heat === 'none') return
  const heats = made.get(overlay) ?? heatOf(overlay.nodes, overlay.heat)
  made.set(overlay, heats)
  const { ctx, theme, zoom } = paint
  const size = Math.min(24, Math.max(11, 11 / zoom))
  for (const [id, { warmth, text }] of heats) {
    const placed = scene.node(id)
    if (!placed || !intersects(placed, view)) continue
    const colour = heatColour(warmth)
    ctx.globalAlpha = 0.04 + 0.14 * warmth
    fillRound(ctx, placed, theme.radius.node, colour)
    ctx.globalAlpha = 0.06 + 0.32 * warmth
    fillRound(ctx, { ...placed, height: HEADER }, placed.layout.collapsed ? theme.radius.node : [theme.radius.node, theme.radius.node, 0, 0], colour)
    ctx.globalAlpha = 1
    if (placed.width * zoom < 40) continue
    const font = `600 ${Math.round(size)}px ${FONT_FAMILY}`
    const width = paint.text.width(font, text) + size
    const badge = { x: placed.x + placed.width - width, y: placed.y - size * 1.9, width, height: size * 1.6 }
    fillRound(ctx, badge, size * 0.5, theme.surface.raised)
    fillRound(ctx, { x: badge.x, y: badge.y + badge.height - 2, width: badge.width * warmth, height: 2 }, 1, colour)
    drawText(paint, text, badge.x + badge.width / 2, badge.y + badge.height / 2, { font, colour: theme.text.strong, align: 'center' })
  }
}
