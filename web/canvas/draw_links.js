// Wires: each colour over one dark casing that keeps crossings readable.

import { routeMiddle } from '../kernels/routes.js'
import { LETTER } from './draw_sockets.js'
import { circle, drawText } from './paint.js'
import { typeLook } from './theme.js'
import { isShown, traceCurve, wireWidth } from './wire.js'
import { wirePaths } from './wire_paths.js'

/** @typedef {import('./frame.js').Frame} Frame */
/** @typedef {import('./paint.js').Paint} Paint */
/** @typedef {import('./placed_links.js').ScenePlacedLink} ScenePlacedLink */
/** @typedef {import('./wire_paths.js').Bundle} Bundle */

/** Shorter wires show the letters at their ends; extents reach a margin beyond. */
const LEAST_LETTERED = 180
const LETTER_RADIUS = 6
/** Of more selected nodes, the wires are not brought forward. */
const FEW = 12

/** @param {Paint} paint @param {Frame} frame */
export const drawLinks = (paint, frame) => {
  const { ctx, theme, zoom } = paint
  const { interaction } = frame
  const { plain, long, lists, dead, dots } = wirePaths(frame, paint.detail === 'blocks')
  ctx.save()
  ctx.lineCap = 'round'
  if (zoom > 0.35) {
    ctx.strokeStyle = theme.link.casing
    ctx.lineWidth = theme.link.width + 2.5
    for (const { path } of [...long, ...plain]) ctx.stroke(path)
    ctx.lineWidth = theme.link.width + 5
    for (const { path } of lists) ctx.stroke(path)
  }
  ctx.lineWidth = wireWidth(paint, theme.link.width)
  const presence = interaction.wire ? 0.42 : interaction.path ? 0.5 : 1
  ctx.globalAlpha = 0.5 * presence
  strokeAll(ctx, long)
  ctx.globalAlpha = 0.82 * presence
  strokeAll(ctx, plain)
  if (lists.length) drawLists(paint, lists)
  if (dead.length) {
    ctx.globalAlpha = 0.3 * presence
    ctx.setLineDash([3, 7])
    strokeAll(ctx, dead)
  }
  for (const { colour, path } of dots) {
    ctx.fillStyle = colour
    ctx.fill(path)
  }
  ctx.restore()
  if (!interaction.wire && frame.selectedNodes.size <= FEW) drawSelectedLinks(paint, frame)
  if (interaction.path && !interaction.wire) drawPath(paint, frame, interaction.path)
  if (theme.letters && paint.detail === 'full') drawLetters(paint, frame)
}

/** The letter of its type on every wire that is long enough to bear it. @param {Paint} paint @param {Frame} frame */
const drawLetters = (paint, { scene, view, selectedNodes }) => {
  const { ctx, theme } = paint
  for (const placed of scene.linksIn(view)) {
    const { type, curves, width, height } = placed
    if (!curves.length || width + height < LEAST_LETTERED || !isShown(scene.linkStyle, selectedNodes, placed)) continue
    const [x, y] = routeMiddle(curves)
    const { colour, letter } = typeLook(scene.catalog, type)
    circle(ctx, x, y, LETTER_RADIUS + 2)
    ctx.fillStyle = theme.surface.canvas
    ctx.fill()
    circle(ctx, x, y, LETTER_RADIUS)
    ctx.fillStyle = colour
    ctx.fill()
    drawText(paint, letter, x, y, { font: theme.font.tag, colour: LETTER, align: 'center' })
  }
}

/** The way of a value: brighter and thicker than the rest, dashed where tags stand for it. @param {Paint} paint @param {Frame} frame @param {import('./frame.js').ShownPath} path */
const drawPath = (paint, { scene }, { links, type }) => {
  const { ctx, theme, zoom } = paint
  const [wires, ways] = [new Path2D(), new Path2D()]
  for (const id of links) {
    const placed = scene.link(id)
    for (const curve of placed?.way ?? []) traceCurve(placed?.portal === null ? wires : ways, curve)
  }
  ctx.lineCap = 'round'
  ctx.strokeStyle = theme.surface.canvas
  ctx.lineWidth = wireWidth(paint, theme.link.width + 5)
  ctx.stroke(wires)
  ctx.strokeStyle = typeLook(scene.catalog, type).colour
  ctx.lineWidth = wireWidth(paint, theme.link.width + 1.25)
  ctx.stroke(wires)
  ctx.setLineDash([7 / Math.min(zoom, 1), 6 / Math.min(zoom, 1)])
  ctx.lineWidth = wireWidth(paint, theme.link.width)
  ctx.stroke(ways)
  ctx.setLineDash([])
}

/** Two lines side by side; from afar one that is thicker. @param {Paint} paint @param {readonly Bundle[]} lists */
const drawLists = (paint, lists) => {
  const { ctx, theme } = paint
  const alpha = ctx.globalAlpha
  ctx.lineWidth = wireWidth(paint, theme.link.width * 2.2)
  strokeAll(ctx, lists)
  ctx.lineWidth = theme.link.width * 0.7
  ctx.strokeStyle = theme.surface.canvas
  ctx.globalAlpha = 1
  if (ctx.lineWidth * paint.zoom > 0.7) for (const { path } of lists) ctx.stroke(path)
  ctx.globalAlpha = alpha
  ctx.lineWidth = wireWidth(paint, theme.link.width)
}

/** What goes into and out of the selected nodes, over all other wires. @param {Paint} paint @param {Frame} frame */
const drawSelectedLinks = (paint, { scene, selectedNodes }) => {
  const { ctx, theme } = paint
  ctx.lineCap = 'round'
  for (const id of selectedNodes) {
    const { linksTo = [], linksFrom = [] } = scene.node(id)?.facts ?? {}
    for (const link of [...linksTo, ...linksFrom]) {
      const placed = scene.link(link.id)
      if (!placed) continue
      ctx.beginPath()
      for (const curve of placed.curves) traceCurve(ctx, curve)
      ctx.strokeStyle = theme.surface.canvas
      ctx.lineWidth = wireWidth(paint, theme.link.width + 3.5)
      ctx.stroke()
      ctx.strokeStyle = typeLook(scene.catalog, placed.type).colour
      ctx.lineWidth = wireWidth(paint, theme.link.width + 0.75)
      ctx.stroke()
    }
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {readonly Bundle[]} bundles */
const strokeAll = (ctx, bundles) => {
  for (const { colour, path } of bundles) {
    ctx.strokeStyle = colour
    ctx.stroke(path)
  }
}

/** One wire brought forward: hovered, selected, or of a selected node. @param {Paint} paint @param {Frame} frame @param {Pick<ScenePlacedLink, 'curves' | 'type'>} placed @param {{strong: boolean}} look */
export const drawRaisedLink = (paint, { scene }, placed, { strong }) => {
  const { ctx, theme } = paint
  ctx.beginPath()
  for (const curve of placed.curves) traceCurve(ctx, curve)
  ctx.lineCap = 'round'
  ctx.globalAlpha = strong ? 0.35 : 0.18
  ctx.strokeStyle = strong ? theme.accent.normal : typeLook(scene.catalog, placed.type).colour
  ctx.lineWidth = wireWidth(paint, theme.link.width + 6)
  ctx.stroke()
  ctx.globalAlpha = 1
  ctx.strokeStyle = typeLook(scene.catalog, placed.type).colour
  ctx.lineWidth = wireWidth(paint, theme.link.width + 0.75)
  ctx.stroke()
}
