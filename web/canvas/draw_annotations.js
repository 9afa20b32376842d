// Frames behind the graph and notes on it.

import { isRightToLeft } from '../kernels/direction.js'
import { FRAME_HEADER } from '../kernels/frames.js'
import { clamp, grown, intersects } from '../kernels/geometry.js'
import { noteLine } from '../kernels/markdown.js'
import { translate } from '../languages/language.js'
import { circle, drawText, fillRound, mixed, roundRect, strokeRound } from './paint.js'
import { FONT_FAMILY } from './theme.js'

/** @typedef {import('../document/annotations.js').Annotation} Annotation */
/** @typedef {import('./frame.js').Frame} Frame */
/** @typedef {import('./paint.js').Paint} Paint */

const RADIUS = 12
/** From a note's edge to its text; the text area that edits it uses the same. */
const INSET = { x: 10, y: 8 }
/** Smaller letters on screen are only dirt. */
const LEAST_TEXT = 6.5

/** @param {Paint} paint @param {Frame} frame */
export const drawFrames = (paint, frame) => {
  for (const placed of frame.scene.frames) if (intersects(placed, frame.view)) drawFrame(paint, frame, placed)
}

/** @param {Paint} paint @param {Frame} frame */
export const drawNotes = (paint, frame) => {
  for (const placed of frame.scene.notes) if (intersects(placed, frame.view)) drawNote(paint, frame, placed)
}

/** @param {Paint} paint @param {Frame} frame @param {Annotation} placed */
const drawFrame = (paint, frame, placed) => {
  const { ctx, theme, zoom, detail } = paint
  const colour = placed.colour ?? theme.annotation.frame
  fillRound(ctx, placed, RADIUS, mixed(theme.surface.canvas, colour, 0.07))
  fillRound(ctx, { ...placed, height: Math.min(FRAME_HEADER, placed.height) }, placed.folded ? RADIUS : [RADIUS, RADIUS, 0, 0], mixed(theme.surface.canvas, colour, 0.16))
  strokeRound(ctx, placed, RADIUS, mixed(theme.surface.canvas, colour, 0.34), Math.max(1, 1 / zoom))
  drawSelected(paint, frame, placed)
  if (frame.interaction.editing?.node === placed.id) return
  const size = Math.round(clamp(11 / zoom, 13, detail === 'full' ? 13 : 56))
  const inside = size <= 24
  const words = mixed(theme.text.strong, colour, 0.45)
  if (inside) drawFold(paint, frame, placed, words)
  if (placed.folded) drawHeld(paint, frame, placed)
  // A title that outgrew its band stands on the frame's shoulder, where nodes never cover it.
  drawText(paint, placed.text, placed.x + (inside ? 30 : 14), inside ? placed.y + FRAME_HEADER / 2 : placed.y - size * 0.75, {
    font: `600 ${size}px ${FONT_FAMILY}`, colour: words, maxWidth: placed.width - (placed.folded ? 120 : 44),
  })
}

/** What folds the frame and unfolds it. @param {Paint} paint @param {Frame} frame @param {Annotation} placed @param {string} colour */
const drawFold = ({ ctx, theme }, { interaction: { hover } }, placed, colour) => {
  const [x, y] = [placed.x + 17, placed.y + FRAME_HEADER / 2]
  const isHot = hover.kind === 'annotation' && hover.id === placed.id && hover.part === 'fold'
  const [across, along] = placed.folded ? [2.5, 4.5] : [4.5, 2.5]
  ctx.beginPath()
  ctx.moveTo(x - across, y - along)
  if (placed.folded) ctx.lineTo(x + across, y)
  else ctx.lineTo(x, y + along)
  ctx.lineTo(placed.folded ? x - across : x + across, placed.folded ? y + along : y - along)
  ctx.strokeStyle = isHot ? theme.text.strong : colour
  ctx.lineWidth = 1.75
  ctx.lineCap = 'round'
  ctx.lineJoin = 'round'
  ctx.stroke()
}

/** What needs telling first. @type {import('./node_state.js').NodeState[]} */
const WORST = ['failed', 'running', 'blocked', 'will_run', 'waiting', 'cancelled', 'skipped', 'done', 'cached']

/** How many nodes a folded frame holds, and how the worst of them stands. @param {Paint} paint @param {Frame} frame @param {Annotation} placed */
const drawHeld = (paint, { scene }, { x, y, width, folded }) => {
  const { ctx, theme, detail } = paint
  if (detail === 'blocks' || !folded) return
  const states = new Set(folded.map((id) => scene.state(id)))
  const state = WORST.find((candidate) => states.has(candidate))
  drawText(paint, folded.length === 1 ? '1 node' : `${folded.length} nodes`, x + width - (state ? 26 : 14), y + FRAME_HEADER / 2, {
    font: theme.font.small, colour: theme.text.muted, align: 'right' })
  if (!state) return
  circle(ctx, x + width - 16, y + FRAME_HEADER / 2, 4)
  ctx.fillStyle = theme.state[state]
  ctx.fill()
}

/** @param {Paint} paint @param {Frame} frame @param {Annotation} placed */
const drawNote = (paint, frame, placed) => {
  const { ctx, theme, zoom } = paint
  const colour = placed.colour ?? theme.annotation.note
  fillRound(ctx, placed, theme.radius.node, mixed(theme.surface.node, colour, 0.13))
  strokeRound(ctx, { x: placed.x + 0.5, y: placed.y + 0.5, width: placed.width - 1, height: placed.height - 1 }, theme.radius.node,
    mixed(theme.surface.node, colour, 0.34))
  drawSelected(paint, frame, placed)
  if (frame.interaction.editing?.node === placed.id) return
  if (12.5 * zoom < LEAST_TEXT) return drawGist(paint, placed, mixed(theme.text.normal, colour, 0.3))
  ctx.save()
  roundRect(ctx, placed, theme.radius.node)
  ctx.clip()
  drawLines(paint, placed, mixed(theme.text.normal, colour, 0.18))
  ctx.restore()
}

/** Seen from afar, its first line, as large as titles are there. @param {Paint} paint @param {Annotation} placed @param {string} colour */
const drawGist = (paint, placed, colour) => {
  const size = Math.floor(Math.min(10 / paint.zoom, placed.height * 0.4))
  if (size * paint.zoom < LEAST_TEXT) return
  const font = `600 ${size}px ${FONT_FAMILY}`
  const rows = Math.max(1, Math.floor((placed.height - size) / (size * 1.3)))
  const { words } = noteLine(placed.text.split('\n').find((line) => line.trim()) ?? '')
  paint.text.wrap(font, words, placed.width - size * 1.2, rows).forEach((line, row) =>
    drawText(paint, line, placed.x + size * 0.6, placed.y + size * (1.1 + row * 1.3), { font, colour, maxWidth: placed.width - size * 1.2 }))
}

/** The text without Markdown's signs; a line that begins with `# ` is a heading, one with `- ` a point. @param {Paint} paint @param {Annotation} placed @param {string} colour */
const drawLines = (paint, placed, colour) => {
  const { theme, text } = paint
  const shown = placed.text || translate('Double-click to write')
  const bottom = placed.y + placed.height - 2
  let y = placed.y + INSET.y + theme.textLine / 2
  for (const line of shown.split('\n')) {
    const { kind, words } = noteLine(line)
    const heading = kind === 'heading'
    const point = kind === 'point'
    const left = placed.x + INSET.x + (point ? 12 : 0)
    const font = heading ? theme.font.title : theme.font.text
    const isRtl = isRightToLeft(words)
    const mirrored = (/** @type {number} */ x) => (isRtl ? 2 * placed.x + placed.width - x : x)
    if (point && y < bottom) drawText(paint, '•', mirrored(placed.x + INSET.x), y, { font, colour, align: isRtl ? 'right' : 'left' })
    for (const part of text.wrap(font, words, placed.width - 2 * INSET.x - (point ? 12 : 0))) {
      if (y > bottom) return
      drawText(paint, part, mirrored(left), y, { font, align: isRtl ? 'right' : 'left', colour: placed.text ? (heading ? theme.text.strong : colour) : theme.text.faint })
      y += theme.textLine
    }
  }
}

/** @param {Paint} paint @param {Frame} frame @param {Annotation} placed */
const drawSelected = ({ ctx, theme, zoom }, { selectedAnnotations, selectedNodes }, placed) => {
  const hidesSelected = placed.folded?.some((id) => selectedNodes.has(id))
  if (!selectedAnnotations.has(placed.id) && !hidesSelected) return
  const gap = Math.max(2, 1.5 / zoom)
  const radius = placed.table === 'frames' ? RADIUS : theme.radius.node
  strokeRound(ctx, grown(placed, gap), radius + gap, theme.selection, Math.max(1.75, 1.75 / zoom))
}
