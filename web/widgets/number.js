// Whole and decimal numbers: drag to scrub, click to type; a range that can be filled is drawn as a slider.

import { fractionOf, hasSlider, numberText } from '../kernels/numbers.js'
import { drawFrame, drawNameAndValue } from './field.js'

/** @type {import('./field.js').WidgetKind} */
export const numberWidget = {
  draw(paint, field) {
    const { widget, value } = field
    const fill = hasSlider(widget) && typeof value === 'number' ? fractionOf(widget, value) : 0
    drawFrame(paint, field, fill)
    drawNameAndValue(paint, field, field.editing ? '' : numberText(widget, value), { colour: paint.theme.text.strong })
  },
  press: () => ({ click: { kind: 'edit' }, drag: 'scrub' }),
  cursor: () => 'ew-resize',
}
