// The frame that all one-line widgets share: a rounded field with the name left and the value right.

import { drawText, fillRound, roundRect, strokeRound } from '../canvas/paint.js'
import { shownName } from '../canvas/text.js'

/** @typedef {import('../canvas/paint.js').Paint} Paint */
/** @typedef {import('../document/catalog.js').InputType} InputType */
/** @typedef {import('../document/catalog.js').Widget} Widget */
/** @typedef {import('../kernels/geometry.js').Rect} Rect */

/**
 * A widget as it is drawn and pressed. Points of a press are relative to `rect`.
 * @typedef {object} Field
 * @property {string} node
 * @property {InputType} input
 * @property {Widget} widget
 * @property {Rect} rect in the world
 * @property {unknown} value
 * @property {Readonly<Record<string, unknown>>} siblings the literals of all inputs of its node
 * @property {boolean} hovered
 * @property {boolean} editing a DOM editor lies over it
 * @property {unknown} [used] what a seed was in the last run
 * @property {string} [fault] the severity of a Problem that names it
 */

/**
 * What pressing a widget means. `click` happens on release without a drag; `drag` says what a drag does.
 * @typedef {object} Press
 * @property {{kind: 'set', value: unknown} | {kind: 'edit'} | {kind: 'list'} | {kind: 'upload'} | {kind: 'sweep'} | {kind: 'size'} | {kind: 'curve'} | {kind: 'last'} | {kind: 'none'}} click
 * @property {'scrub' | 'move'} drag
 */

/**
 * @typedef {object} WidgetKind
 * @property {(paint: Paint, field: Field) => void} draw
 * @property {(field: Field, x: number, y: number) => Press} press
 * @property {(field: Field, x: number) => string} [cursor]
 */

export const INSET = 10

/** Room for a button at a field's right end. */
export const BUTTON = 26

/** @param {Paint} paint @param {Field} field @param {number} [fill] up to where a slider fills it, 0 to 1 @param {number} [from] */
export const drawFrame = ({ ctx, theme }, { rect, hovered, fault }, fill = 0, from = 0) => {
  fillRound(ctx, rect, theme.radius.field, hovered ? theme.surface.fieldHover : theme.surface.field)
  if (fill > 0) {
    ctx.save()
    roundRect(ctx, rect, theme.radius.field)
    ctx.clip()
    ctx.fillStyle = theme.accent.soft
    ctx.fillRect(rect.x + rect.width * from, rect.y, rect.width * Math.max(0, fill - from), rect.height)
    ctx.restore()
  }
  const edge = fault ? (fault === 'warning' ? theme.state.warning : theme.state.failed) : hovered ? theme.surface.fieldEdgeHover : theme.surface.fieldEdge
  strokeRound(ctx, { x: rect.x + 0.5, y: rect.y + 0.5, width: rect.width - 1, height: rect.height - 1 }, theme.radius.field, edge)
}

/**
 * The name at the left and a value at the right, `room` pixels from the end.
 * @param {Paint} paint @param {Field} field @param {string} value @param {{room?: number, colour?: string, valueFirst?: boolean}} [look] valueFirst: a long value stands alone, its name being plain from it
 */
export const drawNameAndValue = (paint, field, value, { room = 0, colour, valueFirst = false } = {}) => {
  const { theme, text } = paint
  const { rect } = field
  const name = shownName(field.input)
  const middle = rect.y + rect.height / 2
  const free = rect.width - 2 * INSET - room
  if (valueFirst && text.width(theme.font.label, name) + 12 + text.width(theme.font.value, value) > free) {
    drawText(paint, value, rect.x + INSET, middle, { font: theme.font.value, colour: colour ?? theme.text.normal, maxWidth: free })
    return
  }
  const nameWidth = Math.min(text.width(theme.font.label, name), free * 0.6)
  drawText(paint, name, rect.x + INSET, middle, { font: theme.font.label, colour: theme.text.muted, maxWidth: nameWidth + 1 })
  drawText(paint, value, rect.x + rect.width - INSET - room, middle, {
    font: theme.font.value, colour: colour ?? theme.text.normal, align: 'right', maxWidth: free - nameWidth - 12,
  })
}

/** A widget whose value comes over a wire: only its name, at rest. @param {Paint} paint @param {Field} field */
export const drawLinked = (paint, { rect, input }) => {
  drawText(paint, shownName(input), rect.x + INSET, rect.y + rect.height / 2,
    { font: paint.theme.font.label, colour: paint.theme.text.muted, maxWidth: rect.width - 2 * INSET })
}
