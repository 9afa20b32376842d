// The ground: a quiet grid of dots that gives the eye a hold when panning.

/** @typedef {import('./frame.js').Frame} Frame */
/** @typedef {import('./theme.js').Theme} Theme */

const SPACING = 32

/** Drawn in screen pixels as one pattern-filled path. @param {CanvasRenderingContext2D} ctx @param {Theme} theme @param {Frame} frame */
export const drawGrid = (ctx, theme, { camera, width, height }) => {
  ctx.fillStyle = theme.surface.canvas
  ctx.fillRect(0, 0, width, height)
  let step = SPACING * camera.zoom
  while (step < 22) step *= 4
  const size = camera.zoom > 0.7 ? 1.5 : 1.25
  ctx.save()
  ctx.translate(modulo(-camera.x * camera.zoom, step), modulo(-camera.y * camera.zoom, step))
  ctx.fillStyle = theme.surface.grid
  ctx.fill(dots(step, size, width, height))
  ctx.restore()
}

/** The last one made: panning moves a thousand dots that are all the same. */
let made = { key: '', path: new Path2D() }

/** @param {number} step @param {number} size @param {number} width @param {number} height */
const dots = (step, size, width, height) => {
  const key = `${step} ${size} ${width} ${height}`
  if (made.key === key) return made.path
  const path = new Path2D()
  for (let y = 0; y < height; y += step) {
    for (let x = 0; x < width; x += step) path.rect(x - size / 2, y - size / 2, size, size)
  }
  made = { key, path }
  return path
}

/** @param {number} value @param {number} by */
const modulo = (value, by) => ((value % by) + by) % by
