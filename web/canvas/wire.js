// The line of a wire on a canvas.

/** @typedef {import('../kernels/link_path.js').Curve} Curve */

/** @param {CanvasRenderingContext2D | Path2D} path @param {Curve} curve */
export const traceCurve = (path, { x1, y1, c1x, c1y, c2x, c2y, x2, y2 }) => {
  path.moveTo(x1, y1)
  path.bezierCurveTo(c1x, c1y, c2x, c2y, x2, y2)
}

/** Whether a wire is to be seen: where wires are hidden, only those of selected nodes. What is not seen is not under the hand either. @param {import('../kernels/routes.js').LinkStyle} style @param {ReadonlySet<string>} selectedNodes @param {{source: {id: string}, target: {id: string}}} placed */
export const isShown = (style, selectedNodes, { source, target }) => style !== 'hidden' || selectedNodes.has(source.id) || selectedNodes.has(target.id)

/** Never thinner than a hair on screen. @param {{zoom: number}} paint @param {number} width */
export const wireWidth = ({ zoom }, width) => Math.max(width, 1.1 / zoom)
