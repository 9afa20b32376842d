// The bytes of a picture as its file has them: a canvas would forget the colour of transparent pixels.

/** @typedef {{width: number, height: number, data: Uint8ClampedArray<ArrayBuffer>}} RawPicture */

/** @param {Blob} blob @returns {Promise<RawPicture>} */
export const readPixels = async (blob) => {
  const bitmap = await createImageBitmap(blob, { premultiplyAlpha: 'none', colorSpaceConversion: 'none' })
  try {
    const pixels = throughCanvas(bitmap)
    return isOpaque(pixels) ? pixels : throughTexture(bitmap)
  } finally {
    bitmap.close()
  }
}

/** Exact where nothing is transparent. @param {ImageBitmap} bitmap @returns {RawPicture} */
const throughCanvas = (bitmap) => {
  const { width, height } = bitmap
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('this browser has no memory for the picture')
  context.drawImage(bitmap, 0, 0)
  return { width, height, data: context.getImageData(0, 0, width, height).data }
}

/** @param {RawPicture} picture */
const isOpaque = ({ data }) => {
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return false
  return true
}

/** A texture takes bytes unchanged and gives them back so. @param {ImageBitmap} bitmap @returns {RawPicture} */
const throughTexture = (bitmap) => {
  const { width, height } = bitmap
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2')
  if (!gl || width > gl.getParameter(gl.MAX_TEXTURE_SIZE) || height > gl.getParameter(gl.MAX_TEXTURE_SIZE)) {
    throw new Error(`this browser cannot read transparent pixels of ${width} × ${height} pictures unchanged: switch on WebGL, or use a smaller picture`)
  }
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture())
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false)
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE)
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap)
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer())
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, gl.getParameter(gl.TEXTURE_BINDING_2D), 0)
  const data = new Uint8ClampedArray(4 * width * height)
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(data.buffer))
  gl.getExtension('WEBGL_lose_context')?.loseContext()
  return { width, height, data }
}
