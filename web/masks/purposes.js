// What one paints for: a mask, which goes into the picture's transparency, or a sketch, white on black, that guides a model.

/** @typedef {import('../kernels/planes.js').Plane} Plane */
/** @typedef {import('./mask_view.js').Look} Look */
/** @typedef {import('./pixels.js').RawPicture} RawPicture */
/**
 * @typedef {object} Purpose
 * @property {string} editor what the sheet is called
 * @property {string} save
 * @property {string} unsaved
 * @property {string} discard
 * @property {string} everything the undo entry of filling all
 * @property {string} value what the number at the pointer is of
 * @property {readonly (readonly [Look, string])[]} looks the first one is the usual
 * @property {(pixels: RawPicture, plane: Plane) => RawPicture} pack what is stored
 * @property {(pixels: RawPicture, plane: Plane) => RawPicture} alike of which Fill takes what looks alike
 */

/** @param {RawPicture} pixels @param {Plane} plane @returns {RawPicture} */
const holed = ({ width, height, data }, plane) => {
  const masked = data.slice()
  for (let at = 0; at < width * height; at += 1) masked[4 * at + 3] = 255 - Number(plane.data[at])
  return { width, height, data: masked }
}

/** @param {RawPicture} pixels @param {Plane} plane @returns {RawPicture} */
const drawn = ({ width, height }, plane) => {
  const data = new Uint8ClampedArray(4 * width * height)
  for (let at = 0; at < width * height; at += 1) data.fill(Number(plane.data[at]), 4 * at, 4 * at + 3).fill(255, 4 * at + 3, 4 * at + 4)
  return { width, height, data }
}

/** @type {Purpose} */
export const MASK = {
  editor: 'Mask editor', save: 'Save mask', unsaved: 'The mask is not saved.', discard: 'Discard the mask', everything: 'Mask everything', value: 'mask', pack: holed, alike: (pixels) => pixels,
  looks: [['red', 'Red overlay'], ['green', 'Green overlay'], ['blue', 'Blue overlay'], ['alpha', 'Holes'], ['mask', 'Mask only']],
}

/** @type {Purpose} */
export const SKETCH = {
  editor: 'Sketch', save: 'Save sketch', unsaved: 'The sketch is not saved.', discard: 'Discard the sketch', everything: 'Fill everything', value: 'white', pack: drawn, alike: drawn,
  looks: [['chalk', 'Over the picture'], ['mask', 'Sketch only']],
}
