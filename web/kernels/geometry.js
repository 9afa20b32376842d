// Points, rectangles and the camera between world and screen.

/** @typedef {readonly [number, number]} Point */
/** @typedef {{x: number, y: number, width: number, height: number}} Rect */
/** @typedef {{x: number, y: number, zoom: number}} Camera x, y: the world point at the screen's left top */

export const MIN_ZOOM = 0.05
export const MAX_ZOOM = 4

/** @param {number} value @param {number} low @param {number} high */
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high)

/** @param {Camera} camera @param {Point} screen @returns {[number, number]} */
export const toWorld = (camera, [x, y]) => [camera.x + x / camera.zoom, camera.y + y / camera.zoom]

/** @param {Camera} camera @param {Point} world @returns {[number, number]} */
export const toScreen = (camera, [x, y]) => [(x - camera.x) * camera.zoom, (y - camera.y) * camera.zoom]

/** The camera after moving the picture by screen pixels. @param {Camera} camera @param {number} dx @param {number} dy */
export const panned = (camera, dx, dy) => ({ ...camera, x: camera.x - dx / camera.zoom, y: camera.y - dy / camera.zoom })

/** The camera at another zoom with the world point under `screen` unmoved. @param {Camera} camera @param {Point} screen @param {number} zoom */
export const zoomedAt = (camera, screen, zoom) => {
  const next = clamp(zoom, MIN_ZOOM, MAX_ZOOM)
  const [x, y] = toWorld(camera, screen)
  return { x: x - screen[0] / next, y: y - screen[1] / next, zoom: next }
}

/** The camera that shows a point of the world at one of the screen. @param {Camera} camera @param {Point} world @param {Point} screen */
export const cameraWith = ({ zoom }, [x, y], [screenX, screenY]) => ({ x: x - screenX / zoom, y: y - screenY / zoom, zoom })

/** On the way from one camera to another: what is in the middle of the screen moves evenly, and the zoom by equal factors. @param {Camera} a @param {Camera} b @param {number} share @param {Point} middle of the screen @returns {Camera} */
export const cameraBetween = (a, b, share, middle) => {
  if (share >= 1) return b
  const [ax, ay] = toWorld(a, middle)
  const [bx, by] = toWorld(b, middle)
  return cameraWith({ ...a, zoom: a.zoom * (b.zoom / a.zoom) ** share }, [ax + (bx - ax) * share, ay + (by - ay) * share], middle)
}

/** The world rectangle that a screen of this size shows. @param {Camera} camera @param {number} width @param {number} height @returns {Rect} */
export const viewOf = (camera, width, height) =>
  ({ x: camera.x, y: camera.y, width: width / camera.zoom, height: height / camera.zoom })

/**
 * The camera that shows a rectangle whole, in the middle, never larger than `maxZoom`.
 * @param {Rect} rect @param {number} width @param {number} height @param {number} [margin] screen pixels @param {number} [maxZoom]
 * @returns {Camera}
 */
export const framing = (rect, width, height, margin = 48, maxZoom = 1) => {
  const fit = Math.min((width - 2 * margin) / Math.max(rect.width, 1), (height - 2 * margin) / Math.max(rect.height, 1))
  const zoom = clamp(Math.min(fit, maxZoom), MIN_ZOOM, MAX_ZOOM)
  return {
    x: rect.x + rect.width / 2 - width / 2 / zoom,
    y: rect.y + rect.height / 2 - height / 2 / zoom,
    zoom,
  }
}

/** @param {Rect} rect @param {number} x @param {number} y */
export const contains = (rect, x, y) =>
  x >= rect.x && y >= rect.y && x <= rect.x + rect.width && y <= rect.y + rect.height

/** @param {Rect} a @param {Rect} b */
export const intersects = (a, b) =>
  a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height

/** @param {Rect} outer @param {Rect} inner */
export const encloses = (outer, inner) =>
  inner.x >= outer.x && inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height

/** @param {Rect} rect @param {number} margin @returns {Rect} */
export const grown = (rect, margin) =>
  ({ x: rect.x - margin, y: rect.y - margin, width: rect.width + 2 * margin, height: rect.height + 2 * margin })

/** @param {Point} a @param {Point} b @returns {Rect} */
export const rectBetween = (a, b) =>
  ({ x: Math.min(a[0], b[0]), y: Math.min(a[1], b[1]), width: Math.abs(a[0] - b[0]), height: Math.abs(a[1] - b[1]) })

/** The smallest rectangle around all, or null for none. @param {readonly Rect[]} rects @returns {Rect | null} */
export const union = (rects) => {
  const [first, ...others] = rects
  if (!first) return null
  let { x, y } = first
  let right = x + first.width
  let bottom = y + first.height
  for (const rect of others) {
    x = Math.min(x, rect.x)
    y = Math.min(y, rect.y)
    right = Math.max(right, rect.x + rect.width)
    bottom = Math.max(bottom, rect.y + rect.height)
  }
  return { x, y, width: right - x, height: bottom - y }
}

/** The largest rectangle of this shape inside another, in its middle. @param {Rect} area @param {number} width @param {number} height @returns {Rect} */
export const fitted = (area, width, height) => {
  const scale = Math.min(area.width / width, area.height / height)
  const w = width * scale
  const h = height * scale
  return { x: area.x + (area.width - w) / 2, y: area.y + (area.height - h) / 2, width: w, height: h }
}
