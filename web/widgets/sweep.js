// A swept input: its values in a row, in the colour of what is set by hand; pressing opens them.

import { drawText, fillRound } from '../canvas/paint.js'
import { shownName } from '../canvas/text.js'
import { saidValue } from '../document/said.js'
import { chipText } from '../document/sweeps.js'
import { drawCurveLine } from './curve.js'
import { drawFrame, INSET } from './field.js'

/** @typedef {import('../document/sweeps.js').Sweep} Sweep */
/** @typedef {import('./field.js').Field} Field */

/** @type {import('./field.js').WidgetKind} */
export const sweepWidget = {
  draw(paint, field) {
    const { ctx, theme, text } = paint
    const { rect, widget, input } = field
    const sweep = /** @type {Sweep} */ (field.value)
    drawFrame(paint, field, 1)
    const row = { ...rect, height: Math.min(rect.height, 26) }
    const middle = row.y + row.height / 2
    const count = `× ${sweep.sweep.length}`
    const badge = text.width(theme.font.small, count) + 12
    const right = rect.x + rect.width - 5
    fillRound(ctx, { x: right - badge, y: middle - 8, width: badge, height: 16 }, 8, theme.accent.normal)
    drawText(paint, count, right - badge / 2, middle, { font: theme.font.small, colour: theme.text.onAccent, align: 'center' })
    const name = shownName(input)
    const end = right - badge - 8
    const own = Math.min(text.width(theme.font.label, name), (end - rect.x - INSET) * 0.45)
    drawText(paint, name, rect.x + INSET, middle, { font: theme.font.label, colour: theme.text.muted, maxWidth: own + 1 })
    const isTall = rect.height >= 2 * 26
    const said = isTall ? `along ${sweep.axis || input.name}` : chipText(widget, { ...sweep, axis: sweep.axis === input.name ? '' : sweep.axis })
    drawText(paint, said, end, middle, {
      font: theme.font.value, colour: isTall ? theme.text.muted : theme.text.strong, align: 'right', maxWidth: end - rect.x - INSET - own - 10,
    })
    if (isTall && widget.kind === 'curve') drawCurves(paint, field, sweep)
    else if (isTall) drawList(paint, field, sweep)
  },
  press: () => ({ click: { kind: 'sweep' }, drag: 'move' }),
  cursor: () => 'pointer',
}

/** Curves over each other. @param {import('../canvas/paint.js').Paint} paint @param {Field} field @param {Sweep} sweep */
const drawCurves = (paint, { rect, widget }, { sweep }) => {
  for (const value of sweep) drawCurveLine(paint, { rect, value, widget })
}

/** Texts below each other, as many as the field holds. @param {import('../canvas/paint.js').Paint} paint @param {Field} field @param {Sweep} sweep */
const drawList = (paint, { rect }, { sweep }) => {
  const { theme } = paint
  const fits = Math.max(1, Math.floor((rect.height - 34) / theme.textLine))
  sweep.slice(0, fits).forEach((value, index) => {
    const isCut = index === fits - 1 && sweep.length > fits
    const words = saidValue(value).replaceAll(/\s+/g, ' ')
    drawText(paint, isCut ? `${sweep.length - index} more …` : words || '(empty)', rect.x + INSET, rect.y + 28 + theme.textLine * (index + 0.5), {
      font: theme.font.text, colour: words && !isCut ? theme.text.normal : theme.text.faint, maxWidth: rect.width - 2 * INSET,
    })
  })
}
