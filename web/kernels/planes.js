// One byte for each pixel: a mask or a coverage, 255 where it selects. Row by row, from the left top.

/** @typedef {import('./geometry.js').Rect} Rect */
/** @typedef {{width: number, height: number, data: Uint8Array<ArrayBuffer>}} Plane */

/** @param {number} width @param {number} height @returns {Plane} */
export const emptyPlane = (width, height) => ({ width, height, data: new Uint8Array(width * height) })

/** The whole pixels of a plane that a rectangle touches, or null for none. @param {{width: number, height: number}} plane @param {Rect} rect @returns {Rect | null} */
export const clipped = ({ width, height }, rect) => {
  const left = Math.max(0, Math.floor(rect.x))
  const top = Math.max(0, Math.floor(rect.y))
  const right = Math.min(width, Math.ceil(rect.x + rect.width))
  const bottom = Math.min(height, Math.ceil(rect.y + rect.height))
  return right > left && bottom > top ? { x: left, y: top, width: right - left, height: bottom - top } : null
}

/** The smallest rectangle that holds every difference of two planes of one size. @param {Plane} a @param {Plane} b @returns {Rect | null} */
export const differing = (a, b) => {
  const { width, height } = a
  let [left, top, right, bottom] = [width, height, -1, -1]
  for (let y = 0; y < height; y += 1) {
    const row = y * width
    let first = 0
    while (first < width && a.data[row + first] === b.data[row + first]) first += 1
    if (first === width) continue
    let last = width - 1
    while (a.data[row + last] === b.data[row + last]) last -= 1
    left = Math.min(left, first)
    right = Math.max(right, last)
    top = Math.min(top, y)
    bottom = y
  }
  return right < 0 ? null : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 }
}

/** The bytes of a rectangle inside the plane. @param {Plane} plane @param {Rect} rect @returns {Uint8Array<ArrayBuffer>} */
export const cutOut = ({ width, data }, rect) => {
  const bytes = new Uint8Array(rect.width * rect.height)
  for (let row = 0; row < rect.height; row += 1) {
    const start = (rect.y + row) * width + rect.x
    bytes.set(data.subarray(start, start + rect.width), row * rect.width)
  }
  return bytes
}

/** Writes the bytes of a rectangle. @param {Plane} plane @param {Rect} rect @param {Uint8Array<ArrayBuffer>} bytes */
export const putBack = ({ width, data }, rect, bytes) => {
  for (let row = 0; row < rect.height; row += 1) {
    data.set(bytes.subarray(row * rect.width, (row + 1) * rect.width), (rect.y + row) * width + rect.x)
  }
}

/**
 * Lays a coverage over a mask, or takes it away: `mask + (255 - mask) * c` and `mask * (1 - c)`.
 * @param {Plane} into @param {{base: Plane, coverage: Plane, erases: boolean}} layers @param {Rect} rect inside the planes
 */
export const blend = (into, { base, coverage, erases }, rect) => {
  const { width } = into
  for (let y = rect.y; y < rect.y + rect.height; y += 1) {
    for (let at = y * width + rect.x; at < y * width + rect.x + rect.width; at += 1) {
      const old = /** @type {number} */ (base.data[at])
      const share = /** @type {number} */ (coverage.data[at]) / 255
      into.data[at] = Math.round(erases ? old * (1 - share) : old + (255 - old) * share)
    }
  }
}

/** @param {Plane} plane */
export const invert = ({ data }) => {
  for (let at = 0; at < data.length; at += 1) data[at] = 255 - /** @type {number} */ (data[at])
}
