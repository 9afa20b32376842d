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
  const startX = modulo(-camera.x * camera.zoom, step)
  const startY = modulo(-camera.y * camera.zoom, step)
  ctx.fillStyle = theme.surface.grid
  ctx.beginPath()
  for (let y = startY; y < height; y += step) {
    for (let x = startX; x < width; x += step) ctx.rect(x - size / 2, y - size / 2, size, size)
  }
  ctx.fill()
}

/** @param {number} value @param {number} by */
const modulo = (value, by) => ((value % by) + by) % by
