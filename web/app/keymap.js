// The keys of the commands as people have set them, over those that the table gives.

import { changeSettings, settings } from './settings.js'

/** @typedef {import('./commands.js').Command} Command */
/** @typedef {Readonly<Record<string, readonly string[]>>} Keys by command */

/** What no page may take from the browser. */
const BROWSER = new Set(['Mod+T', 'Mod+W', 'Mod+N', 'Mod+Shift+T', 'Mod+Shift+W', 'Mod+Shift+N', 'Mod+Q'])
/** Leaving must always work in the same way. */
const FIXED = new Set(['escape'])

/** @param {Command} command */
export const isFixed = ({ id }) => FIXED.has(id)

/** @param {readonly Command[]} commands @param {Keys} chosen */
export const applyKeys = (commands, chosen) => {
  for (const command of commands) command.keys = [...(isFixed(command) ? command.defaults : chosen[command.id] ?? command.defaults)]
}

/** Who has a key now: a command, or the browser. @param {readonly Command[]} commands @param {string} key @returns {Command | 'browser' | null} */
export const holderOf = (commands, key) => commands.find(({ keys }) => keys.includes(key)) ?? (BROWSER.has(key) ? 'browser' : null)

/** Whether the browser leaves it to a page, and no command that keeps its own has it. @param {string} key */
export const isTakable = (key) => !BROWSER.has(key) && key !== 'Escape'

/** @param {readonly string[]} a @param {readonly string[]} b */
const same = (a, b) => a.length === b.length && a.every((key, index) => key === b[index])

/**
 * The chosen keys after a command got these; whoever had one of them loses it.
 * @param {readonly Command[]} commands @param {string} id @param {readonly string[]} keys @returns {Record<string, string[]>}
 */
export const withKeys = (commands, id, keys) => {
  const after = commands.map((command) => ({ command, keys: command.id === id ? [...keys] : command.keys.filter((key) => !keys.includes(key)) }))
  return Object.fromEntries(after.filter(({ command, keys: own }) => !same(own, command.defaults)).map(({ command, keys: own }) => [command.id, own]))
}

/** @param {readonly Command[]} commands @param {Record<string, string[]>} chosen */
export const keepKeys = (commands, chosen) => {
  changeSettings({ keys: chosen })
  applyKeys(commands, settings.keys)
}
