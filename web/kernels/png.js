// A PNG file of given bytes. A canvas cannot write one: it forgets the colour of every transparent pixel.
// https://www.w3.org/TR/png-3/

/** @typedef {import('./fills.js').Pixels} Pixels */

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10]
const UP = 2 // the filter that says how a row differs from the one above

const CRCS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1
  return value
})

/** @param {Uint8Array} bytes */
const crc = (bytes) => {
  let value = 0xffffffff
  for (const byte of bytes) value = /** @type {number} */ (CRCS[(value ^ byte) & 255]) ^ (value >>> 8)
  return (value ^ 0xffffffff) >>> 0
}

/** @param {string} name @param {Uint8Array} content */
const chunk = (name, content) => {
  const bytes = new Uint8Array(content.length + 12)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, content.length)
  bytes.set([...name].map((letter) => letter.charCodeAt(0)), 4)
  bytes.set(content, 8)
  view.setUint32(content.length + 8, crc(bytes.subarray(4, content.length + 8)))
  return bytes
}

/** @param {Pixels} pixels */
const filteredRows = ({ width, height, data }) => {
  const length = 4 * width
  const rows = new Uint8Array(height * (length + 1))
  for (let row = 0; row < height; row += 1) {
    const to = row * (length + 1)
    rows[to] = UP
    for (let at = 0; at < length; at += 1) {
      const above = row ? Number(data[(row - 1) * length + at]) : 0
      rows[to + 1 + at] = Number(data[row * length + at]) - above
    }
  }
  return rows
}

/** @param {Pixels} pixels red, green, blue and alpha as they are, not multiplied @returns {Promise<Blob>} */
export const encodePng = async (pixels) => {
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, pixels.width)
  view.setUint32(4, pixels.height)
  header.set([8, 6], 8) // eight bits of red, green, blue, alpha
  const packed = new Blob([filteredRows(pixels)]).stream().pipeThrough(new CompressionStream('deflate'))
  const content = new Uint8Array(await new Response(packed).arrayBuffer())
  return new Blob([Uint8Array.from(SIGNATURE), chunk('IHDR', header), chunk('IDAT', content), chunk('IEND', new Uint8Array())],
    { type: 'image/png' })
}
