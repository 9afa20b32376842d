// How a picture lies in a view: which of its points is at the left top, and how large its pixels are drawn.

import { clamp } from './geometry.js'

/** @typedef {import('./geometry.js').Camera} Camera */
/** @typedef {import('./geometry.js').Point} Point */
/** @typedef {{width: number, height: number}} Size */

export const SMALLEST = 1 / 32
export const LARGEST = 64
/** From this zoom on single pixels are drawn with sharp edges. */
export const CRISP_FROM = 2

/** The whole picture in the middle, enlarged by no more than `most`. @param {Size} picture @param {Size} view @param {{margin?: number, most?: number}} [options] @returns {Camera} */
export const fitView = (picture, view, { margin = 24, most = LARGEST } = {}) => {
  const room = (/** @type {number} */ length) => Math.max(16, length - 2 * margin)
  return centredView(picture, view, Math.min(room(view.width) / picture.width, room(view.height) / picture.height, most))
}

/** @param {Size} picture @param {Size} view @param {number} zoom @returns {Camera} */
export const centredView = (picture, view, zoom) => {
  const own = clamp(zoom, SMALLEST, LARGEST)
  return { x: (picture.width - view.width / own) / 2, y: (picture.height - view.height / own) / 2, zoom: own }
}

/** At another zoom, with the point under `screen` unmoved. @param {Camera} camera @param {Point} screen @param {number} zoom @returns {Camera} */
export const zoomedView = (camera, [x, y], zoom) => {
  const own = clamp(zoom, SMALLEST, LARGEST)
  return { x: camera.x + x / camera.zoom - x / own, y: camera.y + y / camera.zoom - y / own, zoom: own }
}

/** As two fingers ask for it, from where they came down to where they are. @param {Camera} camera as they came down @param {readonly [Point, Point]} from @param {readonly [Point, Point]} to @returns {Camera} */
export const pinchedView = (camera, from, to) => {
  const spread = (/** @type {readonly [Point, Point]} */ [a, b]) => Math.max(1, Math.hypot(a[0] - b[0], a[1] - b[1]))
  const middle = (/** @type {readonly [Point, Point]} */ [a, b]) => /** @type {Point} */ ([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2])
  const [held, at] = [middle(from), middle(to)]
  const { x, y, zoom } = zoomedView(camera, held, camera.zoom * (spread(to) / spread(from)))
  return { x: x + (held[0] - at[0]) / zoom, y: y + (held[1] - at[1]) / zoom, zoom }
}
