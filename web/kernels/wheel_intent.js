// Whether a wheel event means zooming or panning: a mouse wheel zooms, two fingers on a trackpad pan, a pinch zooms.

/** @typedef {{deltaX: number, deltaY: number, deltaMode: number, ctrlKey: boolean, metaKey?: boolean, shiftKey: boolean, time: number}} WheelFacts */
/** @typedef {{kind: 'pan', dx: number, dy: number} | {kind: 'zoom', factor: number}} WheelIntent */

/** A trackpad sends events close together; what the first one meant, the others mean too. */
const SAME_GESTURE_MS = 180
const LINE = 16

/** Remembers the gesture under way. */
export const createWheelReader = () => {
  let panning = false
  let last = -Infinity

  /** @param {WheelFacts} wheel @returns {WheelIntent} */
  return (wheel) => {
    const unit = wheel.deltaMode === 0 ? 1 : LINE
    const dx = wheel.deltaX * unit
    const dy = wheel.deltaY * unit
    if (wheel.ctrlKey || wheel.metaKey) return { kind: 'zoom', factor: Math.exp(-dy * (Math.abs(dy) < 50 ? 0.01 : 0.002)) }
    if (wheel.shiftKey) return { kind: 'pan', dx: -(dx || dy), dy: 0 }
    if (wheel.time - last > SAME_GESTURE_MS) panning = wheel.deltaMode === 0 && looksLikeTrackpad(dx, dy)
    else if (dx !== 0 && wheel.deltaMode === 0) panning = true
    last = wheel.time
    return panning ? { kind: 'pan', dx: -dx, dy: -dy } : { kind: 'zoom', factor: Math.exp(-dy * 0.0015) }
  }
}

/** Fingers move sideways too, and start slowly; a wheel's notch is large and straight. @param {number} dx @param {number} dy */
const looksLikeTrackpad = (dx, dy) => dx !== 0 || (Math.abs(dy) < 40 && dy !== 0)
