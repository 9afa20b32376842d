// The whole graph made small: how a map's points and the world's belong together.

/** @typedef {import('./geometry.js').Rect} Rect */
/** @typedef {{scale: number, x: number, y: number}} MapFit world point (x, y) is the map's left top */

/** Nothing is drawn larger on a map than this. */
const LARGEST = 0.14

/** @param {Rect} world @param {number} width @param {number} height @param {number} margin map pixels @returns {MapFit} */
export const fitMap = (world, width, height, margin) => {
  const scale = Math.min(LARGEST, (width - 2 * margin) / Math.max(world.width, 1), (height - 2 * margin) / Math.max(world.height, 1))
  return { scale, x: world.x + world.width / 2 - width / 2 / scale, y: world.y + world.height / 2 - height / 2 / scale }
}

/** @param {MapFit} fit @param {Rect} rect @returns {Rect} */
export const onMap = ({ scale, x, y }, rect) =>
  ({ x: (rect.x - x) * scale, y: (rect.y - y) * scale, width: rect.width * scale, height: rect.height * scale })

/** @param {MapFit} fit @param {readonly [number, number]} point @returns {[number, number]} */
export const fromMap = ({ scale, x, y }, [mapX, mapY]) => [x + mapX / scale, y + mapY / scale]
