// A seed: a whole number with a die that rolls another.

import { fillRound, strokeRound } from '../canvas/paint.js'
import { numberText, randomSeed } from '../kernels/numbers.js'
import { BUTTON, drawFrame, drawNameAndValue } from './field.js'

/** @typedef {import('../canvas/paint.js').Paint} Paint */
/** @typedef {import('./field.js').Field} Field */

const PIPS = [[-3, -3], [3, 3], [0, 0]]

/** @param {Field} field @param {number} x */
const onDie = (field, x) => x > field.rect.width - BUTTON - 4

/** @type {import('./field.js').WidgetKind} */
export const seedWidget = {
  draw(paint, field) {
    drawFrame(paint, field)
    if (field.editing) return drawNameAndValue(paint, field, '')
    drawNameAndValue(paint, field, numberText(field.widget, field.value), { room: BUTTON - 6, colour: paint.theme.text.strong })
    drawDie(paint, field.rect.x + field.rect.width - 16, field.rect.y + field.rect.height / 2, field.hovered)
  },
  press: (field, x) => onDie(field, x)
    ? { click: { kind: 'set', value: randomSeed(field.widget) }, drag: 'move' }
    : { click: { kind: 'edit' }, drag: 'scrub' },
  cursor: (field, x) => (onDie(field, x) ? 'pointer' : 'ew-resize'),
}

/** @param {Paint} paint @param {number} x @param {number} y @param {boolean} hovered */
const drawDie = ({ ctx, theme }, x, y, hovered) => {
  const colour = hovered ? theme.text.strong : theme.text.muted
  strokeRound(ctx, { x: x - 6.5, y: y - 6.5, width: 13, height: 13 }, 3.5, colour, 1.2)
  for (const [dx = 0, dy = 0] of PIPS) fillRound(ctx, { x: x + dx - 1.1, y: y + dy - 1.1, width: 2.2, height: 2.2 }, 1.1, colour)
}
