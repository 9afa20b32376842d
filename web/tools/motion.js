// Short movements of what is drawn; none for people who asked for less motion.

const MS = 240

/** Fast at first, gently at the end. @param {number} part 0 to 1 */
const eased = (part) => 1 - (1 - part) ** 3

/** Calls with 0 to 1 over a quarter of a second. @param {(share: number) => void} step @returns {() => void} stops it where it is */
export const animate = (step) => {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
    step(1)
    return () => {}
  }
  const begun = performance.now()
  let request = 0
  const tick = () => {
    const part = Math.min(1, (performance.now() - begun) / MS)
    if (part < 1) request = requestAnimationFrame(tick)
    step(eased(part))
  }
  step(0)
  request = requestAnimationFrame(tick)
  return () => cancelAnimationFrame(request)
}
