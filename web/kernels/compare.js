// Two pictures against each other: how far apart their pixels are, and what lies under one point of both.

/** @typedef {{width: number, height: number, data: Uint8ClampedArray}} Pixels RGBA, row by row */
/** @typedef {{data: Uint8ClampedArray<ArrayBuffer>, most: number, mean: number, share: number}} Difference most and mean: 0 to 255; share: of the pixels that differ at all, 0 to 1 */

/**
 * The absolute difference of each colour, enlarged `gain` times to be seen; `most` and `mean` are without the gain.
 * @param {Pixels} a @param {Pixels} b of the same size @param {number} gain @returns {Difference}
 */
export const difference = (a, b, gain) => {
  if (a.width !== b.width || a.height !== b.height) throw new Error(`${a.width} × ${a.height} against ${b.width} × ${b.height}: sizes must be equal`)
  const data = new Uint8ClampedArray(a.data.length)
  let [most, sum, differing] = [0, 0, 0]
  for (let at = 0; at < data.length; at += 4) {
    const opacity = Math.abs(Number(a.data[at + 3]) - Number(b.data[at + 3])) // It counts in every colour.
    let largest = 0
    for (let channel = at; channel < at + 3; channel += 1) {
      const apart = Math.max(opacity, Math.abs(Number(a.data[channel]) - Number(b.data[channel])))
      data[channel] = apart * gain
      sum += apart
      if (apart > largest) largest = apart
    }
    data[at + 3] = 255
    if (largest > most) most = largest
    if (largest > 0) differing += 1
  }
  const count = Math.max(1, a.width * a.height)
  return { data, most, mean: sum / (3 * count), share: differing / count }
}

/** The difference in words. @param {Pick<Difference, 'most' | 'mean' | 'share'>} difference */
export const differenceText = ({ most, mean, share }) =>
  (most === 0 ? 'The same in every pixel'
    : `${share < 0.001 ? 'under 0.1' : (share * 100).toFixed(1)} % of the pixels differ, by ${mean.toFixed(2)} on average and ${most} at most`)

/** @typedef {{x: number, y: number, red: number, green: number, blue: number, alpha: number}} Probe */

/** The pixel that holds a point of the picture; null beside it. @param {Pixels} picture @param {number} x @param {number} y @returns {Probe | null} */
export const probe = ({ width, height, data }, x, y) => {
  const [column, row] = [Math.floor(x), Math.floor(y)]
  if (column < 0 || row < 0 || column >= width || row >= height) return null
  const [red = 0, green = 0, blue = 0, alpha = 0] = data.subarray(4 * (row * width + column), 4 * (row * width + column) + 4)
  return { x: column, y: row, red, green, blue, alpha }
}

/** `#dc1f1c` @param {Probe} probe */
export const hexText = ({ red, green, blue }) => `#${[red, green, blue].map((value) => value.toString(16).padStart(2, '0')).join('')}`
