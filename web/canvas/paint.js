// What drawing code is handed, and the few shapes that it shares.

import { isRightToLeft } from '../kernels/direction.js'
import { inLanguage } from './text.js'
import { categoryColour, theme } from './theme.js'

/** @typedef {import('../kernels/geometry.js').Rect} Rect */
/** @typedef {import('../kernels/culling.js').Detail} Detail */

/**
 * @typedef {object} Paint
 * @property {CanvasRenderingContext2D} ctx in world units
 * @property {import('./theme.js').Theme} theme
 * @property {import('./text.js').TextMeasurer} text
 * @property {number} zoom
 * @property {number} pixelRatio
 * @property {Detail} detail
 */

/** @param {CanvasRenderingContext2D} ctx @param {Rect} rect @param {number | number[]} radius */
export const roundRect = (ctx, rect, radius) => {
  ctx.beginPath()
  ctx.roundRect(rect.x, rect.y, rect.width, rect.height, radius)
}

/** @param {CanvasRenderingContext2D} ctx @param {Rect} rect @param {number | number[]} radius @param {string} colour */
export const fillRound = (ctx, rect, radius, colour) => {
  roundRect(ctx, rect, radius)
  ctx.fillStyle = colour
  ctx.fill()
}

/** @param {CanvasRenderingContext2D} ctx @param {Rect} rect @param {number | number[]} radius @param {string} colour @param {number} [width] */
export const strokeRound = (ctx, rect, radius, colour, width = 1) => {
  roundRect(ctx, rect, radius)
  ctx.strokeStyle = colour
  ctx.lineWidth = width
  ctx.stroke()
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} radius */
export const circle = (ctx, x, y, radius) => {
  ctx.beginPath()
  ctx.arc(x, y, radius, 0, Math.PI * 2)
}

/**
 * Text with its middle at y.
 * @param {Paint} paint @param {string} text @param {number} x @param {number} y
 * @param {{font: string, colour: string, maxWidth?: number, align?: CanvasTextAlign}} look
 */
export const drawText = ({ ctx, text: measurer }, text, x, y, { font, colour, maxWidth = Infinity, align = 'left' }) => {
  const shown = maxWidth === Infinity ? inLanguage(font, text) : measurer.shorten(font, text, maxWidth)
  if (!shown) return
  ctx.font = font
  ctx.fillStyle = colour
  ctx.textAlign = align
  ctx.textBaseline = 'alphabetic'
  const isRtl = isRightToLeft(shown)
  if (isRtl) ctx.direction = 'rtl'
  ctx.fillText(shown, x, y + CAP_HALF * fontSize(font))
  if (isRtl) ctx.direction = 'ltr'
}

/** Half the height of capitals, by which a baseline lies below the optical middle. */
const CAP_HALF = 0.36

/** @type {Map<string, number>} */
const sizes = new Map()

/** @param {string} font */
const fontSize = (font) => {
  const known = sizes.get(font)
  if (known !== undefined) return known
  const size = Number(/([\d.]+)px/.exec(font)?.[1] ?? 12)
  sizes.set(font, size)
  return size
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} size @param {string} colour */
export const chevronDown = (ctx, x, y, size, colour) => {
  ctx.beginPath()
  ctx.moveTo(x - size, y - size / 2)
  ctx.lineTo(x, y + size / 2)
  ctx.lineTo(x + size, y - size / 2)
  ctx.strokeStyle = colour
  ctx.lineWidth = 1.5
  ctx.lineCap = 'round'
  ctx.lineJoin = 'round'
  ctx.stroke()
}

/** By share, base and tint: joining them to one key would cost more than looking up thrice. @type {Map<number, Map<string, Map<string, string>>>} */
const mixtures = new Map()

/** Two colours as one opaque one, so that a tinted shape costs one fill. @param {string} base @param {string} tint @param {number} share of the tint */
export const mixed = (base, tint, share) => {
  const bases = mixtures.get(share) ?? new Map()
  mixtures.set(share, bases)
  const tints = bases.get(base) ?? new Map()
  bases.set(base, tints)
  let made = tints.get(tint)
  if (!made) tints.set(tint, made = mixture(base, tint, share))
  return made
}

/** A shape in a plain colour is drawn six times as fast as one in a colour that the browser mixes. @param {string} base @param {string} tint @param {number} share */
const mixture = (base, tint, share) => {
  const [under, over] = [HEX.exec(base), HEX.exec(tint)]
  if (!under || !over) return `color-mix(in srgb, ${tint} ${share * 100}%, ${base})`
  const channel = (/** @type {number} */ index) => Math.round(parseInt(over[index] ?? '', 16) * share + parseInt(under[index] ?? '', 16) * (1 - share))
  return `rgb(${channel(1)} ${channel(2)} ${channel(3)})`
}

const HEX = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i

/** A node's own colour, else its category's. @param {{node: {colour?: string}, type: {category: string} | undefined}} placed */
export const nodeTint = ({ node, type }) => node.colour ?? (type ? categoryColour(type.category) : theme.state.failed)
