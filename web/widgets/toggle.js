// Yes or no: a switch.

import { circle, fillRound } from '../canvas/paint.js'
import { drawFrame, drawNameAndValue } from './field.js'

/** @type {import('./field.js').WidgetKind} */
export const toggleWidget = {
  draw(paint, field) {
    const { ctx, theme } = paint
    const { rect } = field
    const on = field.value === true
    drawFrame(paint, field)
    drawNameAndValue(paint, field, '', { room: 34 })
    const track = { x: rect.x + rect.width - 36, y: rect.y + rect.height / 2 - 7.5, width: 27, height: 15 }
    fillRound(ctx, track, 7.5, on ? theme.accent.normal : theme.surface.fieldEdgeHover)
    circle(ctx, track.x + (on ? 19.5 : 7.5), track.y + 7.5, 5.5)
    ctx.fillStyle = on ? theme.text.onAccent : theme.text.normal
    ctx.fill()
  },
  press: (field) => ({ click: { kind: 'set', value: field.value !== true }, drag: 'move' }),
  cursor: () => 'pointer',
}
