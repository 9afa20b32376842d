// A workflow seen from afar: its nodes as boxes in their colours, its wires as lines.

import { fitMap, onMap } from '../kernels/map_fit.js'
import { union } from '../kernels/geometry.js'
import { element } from './element.js'

/** @typedef {import('../kernels/geometry.js').Rect} Rect */
/** @typedef {{boxes: readonly (Rect & {colour: string})[], lines: readonly {x1: number, y1: number, x2: number, y2: number, colour: string}[]}} Sketch */

/** @param {Sketch} sketch @param {number} width @param {number} height */
export const drawSketch = ({ boxes, lines }, width, height) => {
  const ratio = Math.min(2, window.devicePixelRatio || 1)
  const canvas = element('canvas', { class: 'sketch', width: width * ratio, height: height * ratio, 'aria-hidden': 'true' })
  const ctx = canvas.getContext('2d')
  const all = union(boxes)
  if (!ctx || !all) return canvas
  const fit = fitMap(all, width, height, 12)
  ctx.scale(ratio, ratio)
  ctx.lineWidth = 1.25
  ctx.globalAlpha = 0.75
  for (const { x1, y1, x2, y2, colour } of lines) {
    const [from, to] = [onMap(fit, { x: x1, y: y1, width: 0, height: 0 }), onMap(fit, { x: x2, y: y2, width: 0, height: 0 })]
    const reach = Math.max(6, Math.abs(to.x - from.x) / 2)
    ctx.strokeStyle = colour
    ctx.beginPath()
    ctx.moveTo(from.x, from.y)
    ctx.bezierCurveTo(from.x + reach, from.y, to.x - reach, to.y, to.x, to.y)
    ctx.stroke()
  }
  ctx.globalAlpha = 0.85
  for (const box of boxes) {
    const { x, y, width: w, height: h } = onMap(fit, box)
    ctx.fillStyle = box.colour
    ctx.beginPath()
    ctx.roundRect(x, y, Math.max(2, w), Math.max(2, h), 2)
    ctx.fill()
  }
  return canvas
}
