// A file of a folder: chosen from a list, or uploaded.

import { chevronDown } from '../canvas/paint.js'
import { choiceColour, choiceText } from './choice.js'
import { BUTTON, drawFrame, drawNameAndValue, INSET } from './field.js'

/** @typedef {import('./field.js').Field} Field */

/** @param {Field} field @param {number} x */
const onUpload = (field, x) => field.widget.upload === true && x > field.rect.width - BUTTON - 4

/** @type {import('./field.js').WidgetKind} */
export const fileWidget = {
  draw(paint, field) {
    const { rect, widget, hovered } = field
    const middle = rect.y + rect.height / 2
    const right = rect.x + rect.width
    const icon = hovered ? paint.theme.text.strong : paint.theme.text.muted
    drawFrame(paint, field)
    const room = widget.upload ? 40 : 16
    drawNameAndValue(paint, field, fileText(paint, field, room), { room, colour: choiceColour(paint, field), valueFirst: true })
    chevronDown(paint.ctx, right - (widget.upload ? 38 : 14), middle, 3.5, icon)
    if (widget.upload) drawUpload(paint.ctx, right - 16, middle, icon)
  },
  press: (field, x) => ({ click: { kind: onUpload(field, x) ? 'upload' : 'list' }, drag: 'move' }),
  cursor: () => 'pointer',
}

/** As much of a file's name as fits, what says least left out first. @param {import('../canvas/paint.js').Paint} paint @param {Field} field @param {number} room */
const fileText = ({ text, theme }, { rect, value }, room) =>
  shorterName(choiceText(value), (name) => text.width(theme.font.value, name) <= rect.width - 2 * INSET - room)

/** Without the ending that all weights have, then without its folders too. @param {string} name @param {(name: string) => boolean} fits @returns {string} */
export const shorterName = (name, fits) => {
  const bare = name.replace(/\.(safetensors|ckpt|pth?|bin)$/, '')
  return [name, bare].find(fits) ?? (bare.includes('/') ? `…/${bare.split('/').at(-1)}` : bare)
}

/** An arrow out of a tray. @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {string} colour */
const drawUpload = (ctx, x, y, colour) => {
  ctx.beginPath()
  ctx.moveTo(x, y + 2)
  ctx.lineTo(x, y - 6)
  ctx.moveTo(x - 3.5, y - 2.5)
  ctx.lineTo(x, y - 6)
  ctx.lineTo(x + 3.5, y - 2.5)
  ctx.moveTo(x - 6, y + 1.5)
  ctx.lineTo(x - 6, y + 5.5)
  ctx.lineTo(x + 6, y + 5.5)
  ctx.lineTo(x + 6, y + 1.5)
  ctx.strokeStyle = colour
  ctx.lineWidth = 1.4
  ctx.lineCap = 'round'
  ctx.lineJoin = 'round'
  ctx.stroke()
}
