// A soft shadow as a stretched sprite: blurring every node every frame would cost more than all else together.

/** @typedef {import('../kernels/geometry.js').Rect} Rect */

const BLUR = 16
const RADIUS = 10
const DROP = 5
const EDGE = BLUR * 2 + RADIUS
const SIDE = EDGE * 2 + 2

/** @param {string} colour @returns {HTMLCanvasElement} */
export const createShadowSprite = (colour) => {
  const sprite = document.createElement('canvas')
  sprite.width = SIDE
  sprite.height = SIDE
  const ctx = /** @type {CanvasRenderingContext2D} */ (sprite.getContext('2d'))
  ctx.shadowColor = colour
  ctx.shadowBlur = BLUR
  ctx.shadowOffsetX = SIDE * 2 // The shape itself stays outside the sprite, only its shadow falls in.
  ctx.beginPath()
  ctx.roundRect(BLUR - SIDE * 2, BLUR, SIDE - 2 * BLUR, SIDE - 2 * BLUR, RADIUS)
  ctx.fill()
  return sprite
}

/** @param {CanvasRenderingContext2D} ctx @param {HTMLCanvasElement} sprite @param {Rect} rect */
export const drawShadow = (ctx, sprite, rect) => {
  const columns = slices(rect.x - BLUR, rect.width + 2 * BLUR)
  const rows = slices(rect.y - BLUR + DROP, rect.height + 2 * BLUR)
  for (const row of rows) {
    for (const column of columns) {
      ctx.drawImage(sprite, column.source, row.source, column.sourceSize, row.sourceSize, column.at, row.at, column.size, row.size)
    }
  }
}

/** The three parts of one axis: the ends as they are, the middle stretched. @param {number} start @param {number} length */
const slices = (start, length) => {
  const edge = Math.min(EDGE, length / 2)
  return [
    { source: 0, sourceSize: edge, at: start, size: edge },
    { source: EDGE, sourceSize: 2, at: start + edge, size: length - 2 * edge },
    { source: SIDE - edge, sourceSize: edge, at: start + length - edge, size: edge },
  ]
}
