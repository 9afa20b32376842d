// Pictures on nodes: fitted, crisp when enlarged, several as a strip.

import { fitted } from '../kernels/geometry.js'
import { stripCells } from '../kernels/layout.js'
import { drawText, fillRound, roundRect, strokeRound } from './paint.js'

/** @typedef {import('../kernels/geometry.js').Rect} Rect */
/** @typedef {import('./frame.js').Frame} Frame */
/** @typedef {import('./paint.js').Paint} Paint */
/** @typedef {import('./scene.js').ScenePlacedNode} ScenePlacedNode */

/** Enlarged beyond this, single pixels are the honest picture; below, smooth interpolation reads better. */
const CRISP_FROM = 6

/** @param {Paint} paint @param {Frame} frame @param {ScenePlacedNode} placed */
export const drawPictures = (paint, frame, placed) => {
  const { layout, x, y } = placed
  if (!layout.picture) return
  const area = shifted(layout.picture, x, y)
  const run = frame.scene.run(placed.id)
  const pictures = frame.scene.picturesOf(placed)
  const active = activePicture(frame.interaction, placed.id, pictures)
  const chosen = pictures[active]
  const image = run?.preview && (run.run === 'running' || !chosen) ? run.preview : chosen ? frame.pictures.get(chosen.url) : null
  fillRound(paint.ctx, area, paint.theme.radius.picture, paint.theme.surface.well)
  if (image) drawFitted(paint, image, area, { crisp: image !== run?.preview })
  else drawEmptyWell(paint, area, !chosen ? 'no picture yet' : frame.pictures.failed(chosen.url) ? 'its file is not there' : 'loading')
  if (layout.strip && pictures.length > 1) drawStrip(paint, frame, shifted(layout.strip, x, y), pictures, active)
}

/** The one that was chosen, as long as no newer one came; else the first. @param {import('./frame.js').Interaction} interaction @param {string} id @param {readonly import('./overlay_types.js').Picture[]} pictures @returns {number} */
export const activePicture = (interaction, id, pictures) => {
  const chosen = interaction.activePicture.get(id)
  return chosen && pictures[0]?.url === chosen.newest ? Math.max(0, pictures.findIndex(({ url }) => url === chosen.url)) : 0
}

/** @param {Rect} rect @param {number} dx @param {number} dy */
const shifted = (rect, dx, dy) => ({ ...rect, x: rect.x + dx, y: rect.y + dy })

/**
 * A preview is a sketch, coarser than what it stands for: it stays smooth however large.
 * @param {Paint} paint @param {ImageBitmap | HTMLImageElement | HTMLCanvasElement} image @param {Rect} area @param {{crisp?: boolean}} [look]
 */
export const drawFitted = (paint, image, area, { crisp = true } = {}) => {
  const { ctx, theme } = paint
  const rect = fitted(area, image.width || 1, image.height || 1)
  const enlarged = (rect.width * paint.zoom * paint.pixelRatio) / (image.width || 1)
  ctx.save()
  roundRect(ctx, rect, theme.radius.picture)
  ctx.clip()
  ctx.imageSmoothingEnabled = !crisp || enlarged < CRISP_FROM
  ctx.imageSmoothingQuality = 'high'
  ctx.drawImage(image, rect.x, rect.y, rect.width, rect.height)
  ctx.restore()
}

/** @param {Paint} paint @param {Rect} area @param {string} why */
const drawEmptyWell = (paint, area, why) => {
  const { ctx, theme } = paint
  strokeRound(ctx, { x: area.x + 0.5, y: area.y + 0.5, width: area.width - 1, height: area.height - 1 }, theme.radius.picture, theme.surface.fieldEdge)
  if (paint.detail !== 'full') return
  const x = area.x + area.width / 2
  const y = area.y + area.height / 2
  drawPictureSign(ctx, x, y - 10, theme.surface.fieldEdgeHover)
  drawText(paint, why, x, y + 18, { font: theme.font.small, colour: theme.text.faint, align: 'center' })
}

/** A frame with a hill and a sun. @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {string} colour */
const drawPictureSign = (ctx, x, y, colour) => {
  strokeRound(ctx, { x: x - 14, y: y - 11, width: 28, height: 22 }, 4, colour, 1.5)
  ctx.beginPath()
  ctx.moveTo(x - 10, y + 6)
  ctx.lineTo(x - 3, y - 2)
  ctx.lineTo(x + 2, y + 3)
  ctx.lineTo(x + 5, y)
  ctx.lineTo(x + 10, y + 6)
  ctx.moveTo(x + 8.5, y - 5)
  ctx.arc(x + 6.5, y - 5, 2, 0, Math.PI * 2)
  ctx.stroke()
}

/** @param {Paint} paint @param {Frame} frame @param {Rect} strip @param {readonly import('./overlay_types.js').Picture[]} pictures @param {number} active */
const drawStrip = (paint, frame, strip, pictures, active) => {
  const alpha = paint.ctx.globalAlpha
  stripCells(strip, pictures.length).forEach((cell, index) => {
    const picture = pictures[index]
    const image = picture ? frame.pictures.get(picture.thumbnail ?? picture.url) : null
    fillRound(paint.ctx, cell, 4, paint.theme.surface.well)
    if (picture?.past) paint.ctx.globalAlpha *= 0.55 // They are of other values.
    if (image) drawFitted(paint, image, cell)
    paint.ctx.globalAlpha = alpha
    if (index === active) strokeRound(paint.ctx, cell, 4, paint.theme.accent.normal, 1.5)
  })
}
