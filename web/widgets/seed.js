// A seed: a whole number with a die that rolls another, and the way back to the last one that ran.

import { fillRound, strokeRound } from '../canvas/paint.js'
import { numberText, randomSeed } from '../kernels/numbers.js'
import { BUTTON, drawFrame, drawNameAndValue } from './field.js'

/** @typedef {import('../canvas/paint.js').Paint} Paint */
/** @typedef {import('./field.js').Field} Field */

const PIPS = [[-3, -3], [3, 3], [0, 0]]

/** @param {Field} field @param {number} x */
const onDie = (field, x) => x > field.rect.width - BUTTON - 4

/** Beside the die, while the pointer is over the field. @param {Field} field @param {number} x */
const onLast = (field, x) => field.hovered && !onDie(field, x) && x > field.rect.width - 2 * BUTTON - 2

/** @type {import('./field.js').WidgetKind} */
export const seedWidget = {
  draw(paint, field) {
    drawFrame(paint, field)
    if (field.editing) return drawNameAndValue(paint, field, '')
    drawNameAndValue(paint, field, numberText(field.widget, field.value), { room: (field.hovered ? 2 : 1) * BUTTON - 6, colour: paint.theme.text.strong })
    const middle = field.rect.y + field.rect.height / 2
    drawDie(paint, field.rect.x + field.rect.width - 16, middle, field.hovered)
    if (field.hovered) drawBack(paint, field.rect.x + field.rect.width - 41, middle)
  },
  press: (field, x) => onDie(field, x)
    ? { click: { kind: 'set', value: randomSeed(field.widget) }, drag: 'move' }
    : onLast(field, x) ? { click: { kind: 'last' }, drag: 'move' } : { click: { kind: 'edit' }, drag: 'scrub' },
  cursor: (field, x) => (onDie(field, x) || onLast(field, x) ? 'pointer' : 'ew-resize'),
}

/** @param {Paint} paint @param {number} x @param {number} y @param {boolean} hovered */
const drawDie = ({ ctx, theme }, x, y, hovered) => {
  const colour = hovered ? theme.text.strong : theme.text.muted
  strokeRound(ctx, { x: x - 6.5, y: y - 6.5, width: 13, height: 13 }, 3.5, colour, 1.2)
  for (const [dx = 0, dy = 0] of PIPS) fillRound(ctx, { x: x + dx - 1.1, y: y + dy - 1.1, width: 2.2, height: 2.2 }, 1.1, colour)
}

/** An arrow that turns back. @param {Paint} paint @param {number} x @param {number} y */
const drawBack = ({ ctx, theme }, x, y) => {
  ctx.beginPath()
  ctx.arc(x, y, 5.5, -2.3, 2.6)
  ctx.moveTo(x - 7.5, y - 6.5)
  ctx.lineTo(x - 4, y - 4)
  ctx.lineTo(x - 8, y - 1.5)
  ctx.strokeStyle = theme.text.strong
  ctx.lineWidth = 1.3
  ctx.lineCap = 'round'
  ctx.lineJoin = 'round'
  ctx.stroke()
}
