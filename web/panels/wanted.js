// Sheets that wait for the server: whoever has gone on to something else by then does not want them over it.

const MODIFIERS = new Set(['Alt', 'AltGraph', 'Control', 'Meta', 'Shift'])

/**
 * To be called when a sheet is asked for. A press, or a key, even Escape, calls it off; keys that are still held do not.
 * @param {Pick<EventTarget, 'addEventListener'>} [target]
 * @returns {() => boolean} whether it is still wanted; to be asked once
 */
export const stillWanted = (target = window) => {
  const until = new AbortController()
  const options = { capture: true, signal: until.signal }
  let wanted = true
  const leave = () => {
    wanted = false
    until.abort()
  }
  target.addEventListener('pointerdown', leave, options)
  target.addEventListener('keydown', (event) => {
    const { key, repeat } = /** @type {KeyboardEvent} */ (event)
    if (!repeat && !MODIFIERS.has(key)) leave()
  }, options)
  return () => {
    until.abort()
    return wanted
  }
}
