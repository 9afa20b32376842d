// Portals: a tag right of the output and one left of each input, and the way between them while one is pointed at.

import { intersects } from '../kernels/geometry.js'
import { fittedTags } from './fitted_tags.js'
import { drawText, fillRound, mixed, strokeRound } from './paint.js'
import { typeLook } from './theme.js'
import { traceCurve, wireWidth } from './wire.js'

/** @typedef {import('./frame.js').Frame} Frame */
/** @typedef {import('./paint.js').Paint} Paint */

/** @param {Paint} paint @param {Frame} frame */
export const drawPortals = (paint, frame) => {
  const { scene, view, interaction: { wire } } = frame
  /** One output's links of one name share its tag. @type {Set<string>} */
  const drawn = new Set()
  paint.ctx.globalAlpha = wire ? 0.35 : 1
  for (const placed of scene.portals) {
    const tags = placed.id === wire?.liftedLink ? null : fittedTags(scene, placed)
    if (!tags) continue
    const { from, to } = tags
    const { colour } = typeLook(scene.catalog, placed.type)
    const output = `${placed.link.from.join(' ')} ${placed.portal}`
    if (intersects(from, view) && !drawn.has(output)) drawTag(paint, from, placed.portal ?? '', colour, -1)
    if (intersects(to, view)) drawTag(paint, to, placed.portal ?? '', colour, 1)
    drawn.add(output)
  }
  paint.ctx.globalAlpha = 1
}

/** @param {Paint} paint @param {import('../kernels/portals.js').Tag} rect @param {string} name @param {string} colour @param {1 | -1} side on which the socket lies: 1 right */
const drawTag = (paint, rect, name, colour, side) => {
  const { ctx, theme, detail } = paint
  const socket = side > 0 ? rect.x + rect.width : rect.x
  ctx.beginPath()
  ctx.moveTo(socket, rect.y + rect.height / 2)
  ctx.lineTo(socket + side * (rect.isChip ? 3 : 8), rect.y + rect.height / 2) // Up to the dot's edge.
  ctx.strokeStyle = colour
  ctx.lineWidth = wireWidth(paint, theme.link.width)
  ctx.stroke()
  fillRound(ctx, rect, rect.height / 2, mixed(theme.surface.canvas, colour, 0.22))
  strokeRound(ctx, rect, rect.height / 2, mixed(theme.surface.canvas, colour, 0.75), 1.25)
  if (detail === 'blocks') return
  const middle = rect.y + rect.height / 2
  if (rect.isChip) return drawChevron(ctx, rect.x + rect.width / 2, middle, colour)
  drawChevron(ctx, side > 0 ? rect.x + 11 : rect.x + rect.width - 11, middle, colour)
  drawText(paint, name, rect.x + rect.width / 2 + side * 4, middle, {
    font: theme.font.small, colour: theme.text.normal, align: 'center', maxWidth: rect.width - 20,
  })
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {string} colour */
const drawChevron = (ctx, x, y, colour) => {
  ctx.beginPath()
  ctx.moveTo(x - 2, y - 3.5)
  ctx.lineTo(x + 2, y)
  ctx.lineTo(x - 2, y + 3.5)
  ctx.lineWidth = 1.75
  ctx.strokeStyle = colour
  ctx.stroke()
}

/** The way that the wire would take, of a tag that is pointed at and of selected ones. @param {Paint} paint @param {Frame} frame */
export const drawPortalWays = (paint, { scene, interaction: { hover }, selectedLinks }) => {
  const { ctx, theme, zoom } = paint
  const shown = new Set(selectedLinks)
  if (hover.kind === 'portal') for (const link of scene.linksOfTag(hover.id, hover.end)) shown.add(link)
  for (const id of shown) {
    const placed = scene.link(id)
    if (!placed?.portal) continue
    ctx.beginPath()
    for (const curve of placed.way) traceCurve(ctx, curve)
    ctx.strokeStyle = typeLook(scene.catalog, placed.type).colour
    ctx.lineWidth = wireWidth(paint, theme.link.width)
    ctx.globalAlpha = 0.7
    ctx.setLineDash([7 / Math.min(zoom, 1), 6 / Math.min(zoom, 1)])
    ctx.stroke()
    ctx.setLineDash([])
    ctx.globalAlpha = 1
  }
}
