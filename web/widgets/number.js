// Whole and decimal numbers: drag to scrub, click to type; a range that can be filled is drawn as a slider.

import { strokeRound } from '../canvas/paint.js'
import { heightOf } from '../kernels/fitting.js'
import { fractionOf, hasSlider, numberText } from '../kernels/numbers.js'
import { enclosed } from '../kernels/ranges.js'
import { BUTTON, drawFrame, drawNameAndValue } from './field.js'

/** @typedef {import('./field.js').Field} Field */

/** A width opens the size as a whole. @param {Field} field */
const hasSize = ({ widget, input }) => widget.kind === 'int' && heightOf(input.name) !== null

/** @param {Field} field @param {number} x */
const onSize = (field, x) => hasSize(field) && x > field.rect.width - BUTTON - 4

/** @type {import('./field.js').WidgetKind} */
export const numberWidget = {
  draw(paint, field) {
    const { widget, value, rect, hovered, editing } = field
    const range = enclosed(widget, field.input.name, field.siblings)
    const fill = hasSlider(widget) && typeof value === 'number' ? fractionOf(widget, value) : 0
    drawFrame(paint, field, range?.[1] ?? fill, range?.[0])
    const button = hasSize(field) && !editing
    drawNameAndValue(paint, field, editing ? '' : numberText(widget, value), { colour: paint.theme.text.strong, room: button ? BUTTON - 6 : 0 })
    if (button) drawShapes(paint, rect.x + rect.width - 16, rect.y + rect.height / 2, hovered ? paint.theme.text.strong : paint.theme.text.muted)
  },
  press: (field, x) => (onSize(field, x) ? { click: { kind: 'size' }, drag: 'move' } : { click: { kind: 'edit' }, drag: 'scrub' }),
  cursor: (field, x) => (onSize(field, x) ? 'pointer' : 'ew-resize'),
}

/** A wide and a tall frame. @param {import('../canvas/paint.js').Paint} paint @param {number} x @param {number} y @param {string} colour */
const drawShapes = ({ ctx }, x, y, colour) => {
  strokeRound(ctx, { x: x - 6.5, y: y - 1.5, width: 13, height: 7 }, 1.5, colour, 1.2)
  strokeRound(ctx, { x: x - 6.5, y: y - 6.5, width: 7, height: 12 }, 1.5, colour, 1.2)
}
