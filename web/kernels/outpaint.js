// The frame of outpainting: how far a picture grows on each side. Whole frames are multiples of 8, as latents are.

/** @typedef {{left: number, top: number, right: number, bottom: number}} Borders in pixels of the picture */
/** @typedef {keyof Borders} Side */
/** @typedef {{width: number, height: number}} Size */

const STEP = 8
const MOST = 16384
/** @type {Record<Side, {across: Side, length: keyof Size, sign: 1 | -1}>} */
const SIDES = {
  left: { across: 'right', length: 'width', sign: -1 }, right: { across: 'left', length: 'width', sign: 1 },
  top: { across: 'bottom', length: 'height', sign: -1 }, bottom: { across: 'top', length: 'height', sign: 1 },
}

/** @type {Borders} */
export const NO_BORDERS = { left: 0, top: 0, right: 0, bottom: 0 }

/** @param {Size} picture @param {Borders} borders @returns {Size} */
export const framedSize = ({ width, height }, { left, top, right, bottom }) => ({ width: left + width + right, height: top + height + bottom })

/** As wide as asked for, but no less than nothing, and so that the whole is a multiple of 8. @param {Size} picture @param {Borders} borders @param {Side} side @param {number} wanted @returns {Borders} */
const withSide = (picture, borders, side, wanted) => {
  const { across, length } = SIDES[side]
  const others = picture[length] + borders[across]
  const whole = Math.max(others, others + Math.min(MOST, Number.isFinite(wanted) ? wanted : 0))
  const snapped = Math.round(whole / STEP) * STEP
  return { ...borders, [side]: Math.max(0, snapped < others ? snapped + STEP - others : snapped - others) }
}

/**
 * Edges under a hand, or all of the frame where it holds none.
 * @param {Size} picture @param {Borders} start as the drag began @param {readonly Side[]} held @param {readonly [number, number]} moved
 * @param {{both?: boolean}} [how] both: the edges across move alike @returns {Borders}
 */
export const draggedFrame = (picture, start, held, [dx, dy], { both = false } = {}) => {
  if (!held.length) return shifted(start, dx, dy)
  let borders = start
  for (const side of held) {
    const { across, length, sign } = SIDES[side]
    const wanted = start[side] + sign * (length === 'width' ? dx : dy)
    borders = withSide(picture, borders, side, wanted)
    if (both) borders = withSide(picture, borders, across, wanted)
  }
  return borders
}

/** The frame keeps its size, and the picture stays in it. @param {Borders} borders @param {number} dx @param {number} dy @returns {Borders} */
const shifted = ({ left, top, right, bottom }, dx, dy) => {
  const within = (/** @type {number} */ by, /** @type {number} */ before, /** @type {number} */ after) => Math.round(Math.min(Math.max(by, -after), before))
  const [x, y] = [within(dx, left, right), within(dy, top, bottom)]
  return { left: left - x, top: top - y, right: right + x, bottom: bottom + y }
}

/** One border as it was typed. @param {Borders} borders @param {Side} side @param {number} value @returns {Borders} */
export const typedBorder = (borders, side, value) => ({ ...borders, [side]: Math.min(MOST, Math.max(0, Math.round(Number.isFinite(value) ? value : 0))) })

/** The smallest frame of a shape around the picture, which lies in its middle. @param {Size} picture @param {number} ratio width by height @returns {Borders} */
export const shapedFrame = (picture, ratio) => {
  const rounded = (/** @type {number} */ length) => Math.ceil(length / STEP) * STEP
  const isWider = picture.width / picture.height < ratio
  const more = (/** @type {number} */ length, /** @type {number} */ wanted) => Math.max(0, rounded(wanted) - length)
  const across = isWider ? more(picture.width, rounded(picture.height) * ratio) : more(picture.width, picture.width)
  const down = isWider ? more(picture.height, picture.height) : more(picture.height, rounded(picture.width) / ratio)
  const [left, top] = [Math.floor(across / 2), Math.floor(down / 2)]
  return { left, top, right: across - left, bottom: down - top }
}
