// Text of one or many lines; while it is edited, a text area lies exactly over it.

import { drawText, roundRect } from '../canvas/paint.js'
import { shownName } from '../canvas/text.js'
import { isLongText } from '../kernels/layout.js'
import { drawFrame, drawNameAndValue, INSET } from './field.js'

/** @typedef {import('../canvas/paint.js').Paint} Paint */
/** @typedef {import('./field.js').Field} Field */

/** From the field's edge to its text; the text area uses the same. */
const TEXT_PADDING = { x: INSET, y: 8 }

/** @type {import('./field.js').WidgetKind} */
export const textWidget = {
  draw(paint, field) {
    drawFrame(paint, field)
    if (field.editing) return
    if (isLongText(field.widget)) drawLongText(paint, field)
    else drawNameAndValue(paint, field, String(field.value ?? ''), { colour: paint.theme.text.strong })
  },
  press: () => ({ click: { kind: 'edit' }, drag: 'move' }),
  cursor: () => 'text',
}

/** @param {Paint} paint @param {Field} field */
const drawLongText = (paint, { rect, value, widget, input }) => {
  const { ctx, theme } = paint
  const content = String(value ?? '')
  const shown = content || widget.placeholder || shownName(input)
  const lines = paint.text.lines(theme.font.text, shown, rect.width - 2 * TEXT_PADDING.x)
  const fits = Math.max(1, Math.floor((rect.height - 2 * TEXT_PADDING.y + 4) / theme.textLine))
  const colour = content ? theme.text.normal : theme.text.faint
  ctx.save()
  roundRect(ctx, rect, theme.radius.field)
  ctx.clip()
  lines.slice(0, fits).forEach(({ line, isRtl }, index) => {
    const isCut = index === fits - 1 && lines.length > fits
    drawText(paint, isCut ? `${line} …` : line, isRtl ? rect.x + rect.width - TEXT_PADDING.x : rect.x + TEXT_PADDING.x,
      rect.y + TEXT_PADDING.y + theme.textLine * (index + 0.5), { font: theme.font.text, colour, align: isRtl ? 'right' : 'left' })
  })
  ctx.restore()
}
