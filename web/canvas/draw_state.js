// What a node's header says of its state, at its right end: a word and a mark, or the mark alone.

import { circle, drawText } from './paint.js'

/** @typedef {import('./node_state.js').NodeState} NodeState */
/** @typedef {import('./paint.js').Paint} Paint */

/** @param {Paint} paint @param {number} right @param {number} y @param {NodeState} state @param {string} text @param {boolean} [isNext] the next run makes it @returns {number} the room it takes */
export const drawState = (paint, right, y, state, text, isNext = false) => {
  const { ctx, theme } = paint
  const colour = theme.state[state]
  if (state === 'running') return (text && paint.detail === 'full' ? paint.text.width(theme.font.small, text) + 8 : 0) + 22 // The overlay draws it.
  if (state === 'skipped') return drawSkipped(paint, right, y, text, isNext)
  if (text && paint.detail === 'full') {
    const width = paint.text.width(theme.font.small, text)
    if (state === 'cached') return drawCached(paint, right, y, text, width)
    drawText(paint, text, right, y, { font: theme.font.small, colour: state === 'done' ? theme.text.muted : colour, align: 'right' })
    drawTick(ctx, right - width - 10, y, colour)
    return width + 22
  }
  circle(ctx, right - 5, y, state === 'will_run' || state === 'waiting' ? 3.5 : 4)
  if (state === 'will_run' || state === 'waiting') {
    ctx.strokeStyle = colour
    ctx.lineWidth = 1.75
    ctx.stroke()
  } else {
    ctx.fillStyle = colour
    ctx.fill()
  }
  return 16
}

/** Most nodes most of the time: a word without a frame. @param {Paint} paint @param {number} right @param {number} y @param {string} text @param {number} width @returns {number} */
const drawCached = (paint, right, y, text, width) => {
  drawText(paint, text, right, y, { font: paint.theme.font.small, colour: paint.theme.state.cached, align: 'right' })
  return width + 8
}

/** A quiet word for what was left out; the mark has the colour of what is still to be made, where it is. @param {Paint} paint @param {number} right @param {number} y @param {string} text @param {boolean} isNext @returns {number} */
const drawSkipped = (paint, right, y, text, isNext) => {
  const { ctx, theme } = paint
  const width = paint.detail === 'full' ? paint.text.width(theme.font.small, text) + 7 : 0
  if (width) drawText(paint, text, right, y, { font: theme.font.small, colour: theme.state.skipped, align: 'right' })
  const x = right - width
  ctx.beginPath()
  for (const start of [x - 9, x - 4.5]) {
    ctx.moveTo(start, y - 3.5)
    ctx.lineTo(start + 3.5, y)
    ctx.lineTo(start, y + 3.5)
  }
  ctx.strokeStyle = isNext ? theme.state.will_run : theme.state.skipped
  ctx.lineWidth = 1.75
  ctx.lineCap = 'round'
  ctx.lineJoin = 'round'
  ctx.stroke()
  return width + 17
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {string} colour */
const drawTick = (ctx, x, y, colour) => {
  ctx.beginPath()
  ctx.moveTo(x - 3.5, y)
  ctx.lineTo(x - 0.5, y + 3)
  ctx.lineTo(x + 4, y - 3.5)
  ctx.strokeStyle = colour
  ctx.lineWidth = 1.75
  ctx.lineCap = 'round'
  ctx.lineJoin = 'round'
  ctx.stroke()
}
