// A curve as it is drawn on a node; a click opens its editor.

import { drawCurve } from '../canvas/draw_curve.js'
import { drawText } from '../canvas/paint.js'
import { shownName } from '../canvas/text.js'
import { isCurve, shortNumber } from '../kernels/curve.js'
import { viewOfCurve } from '../kernels/curve_edit.js'
import { drawFrame, INSET } from './field.js'

/** Above the line stand its name and its ends. */
const HEAD = 22

/** @type {import('./field.js').WidgetKind} */
export const curveWidget = {
  draw(paint, field) {
    const { theme, text } = paint
    const { rect, value, input } = field
    drawFrame(paint, field)
    const middle = rect.y + HEAD / 2 + 1
    const said = isCurve(value) ? endsOf(value) : value === null ? 'draw a curve' : 'not a curve'
    const name = shownName(input)
    const own = Math.min(text.width(theme.font.label, name), (rect.width - 2 * INSET) * 0.6)
    drawText(paint, name, rect.x + INSET, middle, { font: theme.font.label, colour: theme.text.muted, maxWidth: own + 1 })
    drawText(paint, said, rect.x + rect.width - INSET, middle, {
      font: theme.font.value, colour: isCurve(value) ? theme.text.strong : theme.text.faint, align: 'right', maxWidth: rect.width - 2 * INSET - own - 10,
    })
    drawCurveLine(paint, field)
  },
  press: () => ({ click: { kind: 'curve' }, drag: 'move' }),
  cursor: () => 'pointer',
}

/** The line alone, which is seen from afar too. @param {import('../canvas/paint.js').Paint} paint @param {Pick<import('./field.js').Field, 'rect' | 'value' | 'widget'>} field */
export const drawCurveLine = (paint, { rect, value, widget }) => {
  const plot = { x: rect.x + INSET, y: rect.y + HEAD + 3, width: rect.width - 2 * INSET, height: rect.height - HEAD - 9 }
  if (isCurve(value)) drawCurve(paint, plot, value, viewOfCurve(widget, value))
}

/** `8 → 2`, or one number where nothing changes. @param {import('../kernels/curve.js').Curve} curve */
const endsOf = ({ points }) => {
  const values = points.map(([, y]) => y)
  const [first = 0, last = 0] = [values[0], values.at(-1)]
  if (values.every((value) => value === first)) return shortNumber(first)
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const peak = high > Math.max(first, last) ? high : low < Math.min(first, last) ? low : undefined
  return [first, ...(peak === undefined ? [] : [peak]), last].map(shortNumber).join(' → ')
}
