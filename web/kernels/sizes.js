// Widths and heights: what a shape becomes at another width, and sizes that a kind of model was trained for.

/** @typedef {{width: number, height: number}} Size */
/** @typedef {{label: string, ratio: [number, number]}} Shape */

/** @type {readonly Shape[]} */
export const SHAPES = [
  { label: 'Square', ratio: [1, 1] }, { label: 'Landscape 5:4', ratio: [5, 4] }, { label: 'Landscape 3:2', ratio: [3, 2] }, { label: 'Wide 16:9', ratio: [16, 9] },
  { label: 'Portrait 4:5', ratio: [4, 5] }, { label: 'Portrait 2:3', ratio: [2, 3] }, { label: 'Tall 9:16', ratio: [9, 16] },
]

/** Sides as a text says them: `512x768`, `512 × 768 px`, `512 by 768`; a side below this is a factor. */
const LEAST_SIDE = 16

/** @param {string} text @returns {Size | null} */
export const readSize = (text) => {
  const [, width, height] = /^\s*(\d{2,5})\s*(?:px)?\s*(?:[x×, ]|by)\s*(\d{2,5})\s*(?:px)?\s*$/i.exec(text) ?? []
  return Number(width) >= LEAST_SIDE && Number(height) >= LEAST_SIDE ? { width: Number(width), height: Number(height) } : null
}

/** Edge lengths of the pictures that models learned from. @type {Record<string, number>} */
const TRAINED = { sd1: 512, sd2: 768, x4: 512 }

/** Edges that presets may have, and the one to begin with: the model's own, unless the picture is of quite another size. @param {string | undefined} family @param {Size} now @returns {{edges: number[], edge: number}} */
export const edgesOf = (family, now) => {
  const own = TRAINED[family ?? '']
  const present = stepped(Math.sqrt(now.width * now.height))
  const edges = [...new Set([present, ...[512, 768, 1024].filter((edge) => Math.abs(Math.log2(edge / present)) > 0.2)])].sort((a, b) => a - b)
  const edge = own && Math.abs(Math.log2(present / own)) < 0.7 ? own : present
  return { edges: edges.includes(edge) ? edges : [...edges, edge].sort((a, b) => a - b), edge }
}

/** To a multiple that the latent needs. @param {number} value @param {number} [multiple] */
export const stepped = (value, multiple = 8) => Math.max(multiple, Math.round(value / multiple) * multiple)

/** A shape with as many pixels as a square of this edge, in multiples. @param {Shape['ratio']} ratio @param {number} edge @param {number} [multiple] @returns {Size} */
export const sizeFor = ([across, down], edge, multiple = 8) => {
  if (across === down) return { width: stepped(edge, multiple), height: stepped(edge, multiple) }
  const scale = edge / Math.sqrt(across * down)
  return { width: stepped(across * scale, multiple), height: stepped(down * scale, multiple) }
}

/** The other side where the shape stays. @param {Size} shape @param {'width' | 'height'} changed @param {number} value @param {number} [multiple] @returns {Size} */
export const keepShape = (shape, changed, value, multiple = 8) => {
  const other = changed === 'width' ? (value * shape.height) / shape.width : (value * shape.width) / shape.height
  return changed === 'width' ? { width: value, height: stepped(other, multiple) } : { width: stepped(other, multiple), height: value }
}

/** `3 : 2`, `1.32 : 1` where no small numbers say it. @param {Size} size */
export const ratioText = ({ width, height }) => {
  if (!(width > 0 && height > 0)) return ''
  const divisor = gcd(width, height)
  const [across, down] = [width / divisor, height / divisor]
  if (across <= 32 && down <= 32) return `${across} : ${down}`
  return width > height ? `${(width / height).toFixed(2)} : 1` : `1 : ${(height / width).toFixed(2)}`
}

/** @param {number} a @param {number} b @returns {number} */
const gcd = (a, b) => (b ? gcd(b, a % b) : a)
