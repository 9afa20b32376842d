// Keys: `Mod+Shift+Z` in a command's row against a keyboard event, and how to write it for people.

/** @typedef {{ctrlKey: boolean, metaKey: boolean, shiftKey: boolean, altKey: boolean, key: string, code: string}} KeyLike */

const isMac = () => typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)

/** @param {string} code @param {string} name letters and digits by physical key, so that every layout has them */
const isPhysical = (code, name) => /^[A-Z]$/.test(name) ? code === `Key${name}` : /^\d$/.test(name) && code === `Digit${name}`

/**
 * Whether an event is a shortcut; `Mod` is Ctrl, or Cmd on a Mac. Signs such as `?` say nothing about Shift.
 * @param {KeyLike} event @param {string} shortcut
 */
export const matches = (event, shortcut, mac = isMac()) => {
  const parts = shortcut.split('+')
  const name = parts.pop() || '+'
  const wants = (/** @type {string} */ modifier) => parts.includes(modifier)
  if ((mac ? event.metaKey : event.ctrlKey) !== wants('Mod')) return false
  if (event.altKey !== wants('Alt')) return false
  const isSign = name.length === 1 && !/[A-Z0-9]/.test(name)
  if (!isSign && event.shiftKey !== wants('Shift')) return false
  return event.key === name || (name === 'Space' && event.key === ' ') || isPhysical(event.code, name)
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
