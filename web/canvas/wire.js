// The line of a wire on a canvas.

/** @typedef {import('../kernels/link_path.js').Curve} Curve */

/** @param {CanvasRenderingContext2D | Path2D} path @param {Curve} curve */
export const traceCurve = (path, { x1, y1, c1x, c1y, c2x, c2y, x2, y2 }) => {
  path.moveTo(x1, y1)
  path.bezierCurveTo(c1x, c1y, c2x, c2y, x2, y2)
}

/** Never thinner than a hair on screen. @param {{zoom: number}} paint @param {number} width */
export const wireWidth = ({ zoom }, width) => Math.max(width, 1.1 / zoom)
