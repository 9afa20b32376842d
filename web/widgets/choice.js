// One of several: opens a list with a filter.

import { chevronDown } from '../canvas/paint.js'
import { translate } from '../languages/language.js'
import { drawFrame, drawNameAndValue } from './field.js'

/** @type {import('./field.js').WidgetKind} */
export const choiceWidget = {
  draw(paint, field) {
    const { rect } = field
    drawFrame(paint, field)
    drawNameAndValue(paint, field, choiceText(field.value), { room: 16, colour: choiceColour(paint, field) })
    chevronDown(paint.ctx, rect.x + rect.width - 14, rect.y + rect.height / 2, 3.5, field.hovered ? paint.theme.text.strong : paint.theme.text.muted)
  },
  press: () => ({ click: { kind: 'list' }, drag: 'move' }),
  cursor: () => 'pointer',
}

/** @param {unknown} value */
export const choiceText = (value) => (value === null || value === undefined ? translate('Choose …') : String(value))

/** A value that is not among the choices is not hidden: it is named in the colour of trouble. @param {import('../canvas/paint.js').Paint} paint @param {import('./field.js').Field} field */
export const choiceColour = ({ theme }, { value, widget }) => {
  if (value === null || value === undefined) return theme.text.faint
  return widget.choices && !widget.choices.some((choice) => choice === value) ? theme.state.failed : theme.text.strong
}
