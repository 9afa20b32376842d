// What a press, its moves and its end do with each tool of the mask editor. The right button does the opposite.

import { cornersOf, fillOutline, floodFill, gradient } from '../kernels/fills.js'
import { stamp, strokeLine } from '../kernels/stroke.js'

/** @typedef {import('../kernels/fills.js').Pixels} Pixels */
/** @typedef {import('../kernels/geometry.js').Point} Point */
/** @typedef {import('./mask.js').Mask} Mask */
/** @typedef {'brush' | 'eraser' | 'fill' | 'lasso' | 'rectangle' | 'gradient'} ToolName */
/** @typedef {{tool: ToolName, size: number, hardness: number, tolerance: number, feather: number, look: import('./mask_view.js').Look}} MaskSettings */
/** @typedef {{x: number, y: number, pressure: number}} Touch in pixels of the picture; pressure of a pen, else 1 */
/** @typedef {{mask: Mask, alike: () => Pixels, settings: MaskSettings, setOutline: (outline: readonly Point[] | null) => void, lastTouch: Touch | null}} MaskBench */
/** @typedef {{move: (touch: Touch) => void, lift: () => void, jumps?: boolean}} Gesture jumps: only where the hand is now counts */

/** A pen that barely touches still draws a fifth of the brush. */
const LIGHTEST = 0.2

/** Begins what the chosen tool does. @param {MaskBench} bench @param {Touch} touch @param {{erases: boolean, line: boolean}} how line: from where the last stroke ended @returns {Gesture} */
export const beginGesture = (bench, touch, { erases, line }) => {
  bench.mask.begin()
  const tool = bench.settings.tool
  if (tool === 'fill') return fill(bench, touch, erases)
  if (tool === 'lasso') return lasso(bench, touch, erases)
  if (tool === 'rectangle') return rectangle(bench, touch, erases)
  if (tool === 'gradient') return ramp(bench, touch, erases)
  return stroke(bench, touch, { erases, from: line ? bench.lastTouch : null })
}

/** @param {MaskBench} bench @param {Touch} touch @param {{erases: boolean, from: Touch | null}} how @returns {Gesture} */
const stroke = (bench, touch, { erases, from }) => {
  const { mask, settings } = bench
  const hardness = settings.hardness / 100
  const dab = (/** @type {Touch} */ { x, y, pressure }) =>
    ({ x, y, radius: (settings.size / 2) * (LIGHTEST + (1 - LIGHTEST) * pressure) })
  let last = dab(from ?? touch)
  mask.lay(stamp(mask.coverage, last, hardness), erases)
  const move = (/** @type {Touch} */ next) => {
    mask.lay(strokeLine(mask.coverage, last, dab(next), hardness), erases)
    last = dab(next)
    bench.lastTouch = next
  }
  if (from) move(touch)
  bench.lastTouch = touch
  return { move, lift: () => mask.commit(erases ? 'Erase' : 'Paint') }
}

/** @param {MaskBench} bench @param {Touch} touch @param {boolean} erases @returns {Gesture} */
const fill = ({ mask, alike, settings }, { x, y }, erases) => {
  mask.cover(floodFill(alike(), [x, y], settings.tolerance), erases)
  return { move: () => {}, lift: () => mask.commit('Fill') }
}

/** @param {MaskBench} bench @param {Touch} touch @param {boolean} erases @returns {Gesture} */
const lasso = ({ mask, setOutline }, { x, y }, erases) => {
  /** @type {Point[]} */
  const outline = [[x, y]]
  return {
    move: (next) => {
      outline.push([next.x, next.y])
      setOutline(outline)
    },
    lift: () => {
      setOutline(null)
      if (outline.length > 2) mask.cover(fillOutline(outline, mask.plane.width, mask.plane.height), erases)
      mask.commit('Lasso')
    },
  }
}

/** @param {MaskBench} bench @param {Touch} start @param {boolean} erases @returns {Gesture} */
const rectangle = ({ mask, setOutline }, start, erases) => {
  /** @type {Point[]} */
  let corners = []
  return {
    jumps: true,
    move: ({ x, y }) => {
      corners = cornersOf([start.x, start.y], [x, y])
      setOutline(corners)
    },
    lift: () => {
      setOutline(null)
      if (corners.length) mask.cover(fillOutline(corners, mask.plane.width, mask.plane.height), erases)
      mask.commit('Rectangle')
    },
  }
}

/** @param {MaskBench} bench @param {Touch} start @param {boolean} erases @returns {Gesture} */
const ramp = ({ mask, setOutline }, start, erases) => ({
  jumps: true,
  move: ({ x, y }) => {
    mask.cover(gradient([start.x, start.y], [x, y], mask.plane.width, mask.plane.height), erases)
    setOutline([[start.x, start.y], [x, y]])
  },
  lift: () => {
    setOutline(null)
    mask.commit('Gradient')
  },
})
