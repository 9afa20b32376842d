// Keys: `Mod+Shift+Z` in a command's row against a keyboard event, and how to write it for people.

/** @typedef {{ctrlKey: boolean, metaKey: boolean, shiftKey: boolean, altKey: boolean, key: string, code: string}} KeyLike */
/** @typedef {{mac?: boolean, byPlace?: boolean}} Keyboard byPlace: letters by where they lie, not by what is printed there */

const isMac = () => typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)

const MODIFIERS = new Set(['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process', 'Unidentified'])

/** The letter or digit of a key by its place, so that every layout has them. @param {string} code */
const placed = (code) => /^(?:Key([A-Z])|Digit(\d))$/.exec(code)?.slice(1).find(Boolean) ?? null

/** What a key is called in shortcuts; a layout without Latin letters has them by place in any case. @param {KeyLike} event @param {boolean} byPlace */
const nameOf = ({ key, code }, byPlace) => {
  if (!byPlace && /^[a-z]$/i.test(key)) return key.toUpperCase()
  return placed(code) ?? (key === ' ' ? 'Space' : key)
}

/** Signs such as `?` say nothing about Shift: each layout has them elsewhere. @param {string} name */
const isSign = (name) => name.length === 1 && !/[A-Z0-9]/.test(name)

/**
 * Whether an event is a shortcut; `Mod` is Ctrl, or Cmd on a Mac.
 * @param {KeyLike} event @param {string} shortcut @param {Keyboard} [keyboard]
 */
export const matches = (event, shortcut, { mac = isMac(), byPlace = true } = {}) => {
  const parts = shortcut.split('+')
  const name = parts.pop() || '+'
  const wants = (/** @type {string} */ modifier) => parts.includes(modifier)
  if ((mac ? event.metaKey : event.ctrlKey) !== wants('Mod')) return false
  if (event.altKey !== wants('Alt')) return false
  if (!isSign(name) && event.shiftKey !== wants('Shift')) return false
  return isSign(name) ? event.key === name : nameOf(event, byPlace) === name
}

/** The shortcut that an event is; null while only modifiers are held. @param {KeyLike} event @param {Keyboard} [keyboard] */
export const shortcutOf = (event, { mac = isMac(), byPlace = true } = {}) => {
  if (MODIFIERS.has(event.key)) return null
  const writesSign = isSign(event.key) && event.key !== ' ' && (placed(event.code) === null || (event.shiftKey && /^Digit/.test(event.code)))
  const name = writesSign ? event.key : nameOf(event, byPlace)
  const held = [(mac ? event.metaKey : event.ctrlKey) && 'Mod', event.altKey && 'Alt', event.shiftKey && !isSign(name) && 'Shift']
  return [...held.filter(Boolean), name].join('+')
}

const MAC_SIGNS = /** @type {Record<string, string>} */ ({ Mod: '⌘', Shift: '⇧', Alt: '⌥', Enter: '⏎', Delete: '⌫' })

/** A shortcut as a keyboard names it. @param {string} shortcut */
export const describe = (shortcut, mac = isMac()) => {
  const parts = shortcut === '+' ? ['+'] : shortcut.split('+')
  return mac ? parts.map((part) => MAC_SIGNS[part] ?? part).join('') : parts.join('+').replace('Mod', 'Ctrl')
}

/** Whether keys belong to a field of text now. @param {EventTarget | null} target */
export const isTyping = (target) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('input:not([type=range], [type=checkbox]), textarea, select'))
