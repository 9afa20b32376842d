// A seed: a whole number with a die that rolls another, the last one that ran where it was another, and the way back to it.

import { drawText, fillRound, strokeRound } from '../canvas/paint.js'
import { shownName } from '../canvas/text.js'
import { numberText, randomSeed } from '../kernels/numbers.js'
import { BUTTON, drawFrame, drawNameAndValue, INSET } from './field.js'

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
    const used = usedText(field)
    const value = numberText(field.widget, field.value)
    const room = (field.hovered || used ? 2 : 1) * BUTTON - 6
    drawNameAndValue(paint, field, value, { room, colour: paint.theme.text.strong })
    const middle = field.rect.y + field.rect.height / 2
    drawDie(paint, field.rect.x + field.rect.width - 16, middle, field.hovered)
    if (field.hovered || used) drawBack(paint, field.rect.x + field.rect.width - 41, middle, field.hovered)
    if (used) drawUsed(paint, field, used, value, room)
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

/** The seed that made what one sees, where the field holds another by now. @param {Pick<Field, 'widget' | 'value' | 'used'>} field */
export const usedText = ({ widget, value, used }) => (typeof used === 'number' && used !== value ? numberText(widget, used) : '')

/** Between the name and the value, where there is room; the arrow alone says it elsewhere. @param {Paint} paint @param {Field} field @param {string} used @param {string} value @param {number} room */
const drawUsed = (paint, { rect, input }, used, value, room) => {
  const { theme, text } = paint
  const said = `${used} →`
  const right = rect.x + rect.width - INSET - room - text.width(theme.font.value, value) - 7
  const left = rect.x + INSET + text.width(theme.font.label, shownName(input)) + 12
  if (right - left < text.width(theme.font.value, said)) return
  drawText(paint, said, right, rect.y + rect.height / 2, { font: theme.font.value, colour: theme.text.faint, align: 'right' })
}

/** An arrow that turns back. @param {Paint} paint @param {number} x @param {number} y @param {boolean} hovered */
const drawBack = ({ ctx, theme }, x, y, hovered) => {
  ctx.beginPath()
  ctx.arc(x, y, 5.5, -2.3, 2.6)
  ctx.moveTo(x - 7.5, y - 6.5)
  ctx.lineTo(x - 4, y - 4)
  ctx.lineTo(x - 8, y - 1.5)
  ctx.strokeStyle = hovered ? theme.text.strong : theme.text.faint
  ctx.lineWidth = 1.3
  ctx.lineCap = 'round'
  ctx.lineJoin = 'round'
  ctx.stroke()
}
