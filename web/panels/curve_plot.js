// A curve as a drawing in the page: ground, line, and the steps that read it.

import { curveAt, lineOf } from '../kernels/curve.js'

/** @typedef {import('../kernels/curve.js').Curve} Curve */
/** @typedef {readonly [number, number]} View */
/** @typedef {{width: number, height: number, inset?: number, left?: number}} PlotSize inset: room around for points at the edge; left: for numbers too */

const NAMESPACE = 'http://www.w3.org/2000/svg'
/** More steps than these are no longer told apart. */
const MOST_TICKS = 60

/** @param {string} tag @param {Record<string, unknown>} [attributes] @param {...Node} children @returns {SVGElement} */
export const drawn = (tag, attributes = {}, ...children) => {
  const node = document.createElementNS(NAMESPACE, tag)
  for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== undefined) node.setAttribute(name, String(value))
  node.append(...children)
  return node
}

/** From places of the curve to those of the drawing, and back. @param {PlotSize} size @param {View} view */
export const plotScale = ({ width, height, inset = 0, left = inset }, [low, high]) => {
  const [across, upward] = [width - left - inset, height - 2 * inset]
  const span = high - low || 1
  return {
    /** @param {number} x */
    x: (x) => left + x * across,
    /** @param {number} y */
    y: (y) => inset + (1 - (y - low) / span) * upward,
    /** @param {number} px @param {number} py @returns {[number, number]} */
    place: (px, py) => [(px - left) / across, low + (1 - (py - inset) / upward) * span],
  }
}

/** @param {Curve} curve @param {PlotSize} size @param {View} view @returns {SVGElement[]} what lies below the line, and the line */
export const plotLine = (curve, size, view) => {
  const { x, y } = plotScale(size, view)
  const path = lineOf(curve).map(([at, value]) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join('L')
  const ground = y(Math.max(view[0], Math.min(view[1], 0))).toFixed(1)
  return [drawn('path', { class: 'curve-below', d: `M${path}L${x(1)} ${ground}L${x(0)} ${ground}Z` }), drawn('path', { class: 'curve-line', d: `M${path}` })]
}

/** Where each step reads the curve. @param {Curve} curve @param {PlotSize} size @param {View} view @param {number | null} steps @returns {SVGElement[]} */
export const plotTicks = (curve, size, view, steps) => {
  if (!steps || steps < 2 || steps > MOST_TICKS) return []
  const { x, y } = plotScale(size, view)
  return Array.from({ length: steps }, (_, step) => step / (steps - 1)).flatMap((at) => [
    drawn('path', { class: 'curve-tick', d: `M${x(at)} ${y(view[0])}v5` }),
    drawn('circle', { class: 'curve-read', cx: x(at), cy: y(curveAt(curve, at)), r: 1.6 }),
  ])
}

/** A small picture of a curve. @param {Curve} curve @param {PlotSize} size @param {View} view */
export const smallPlot = (curve, size, view) =>
  drawn('svg', { class: 'curve-small', viewBox: `0 0 ${size.width} ${size.height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' }, ...plotLine(curve, size, view))
