// The keys as a file: those that people changed, by command.

import { readKeys } from './carried.js'
import { applyKeys, isFixed, isTakable, keepKeys, withKeys } from './keymap.js'

/** @typedef {import('./commands.js').Command} Command */
/** @typedef {Record<string, string[]>} Keys */

const MARK = 'tessera.keys'
export const MOST_BYTES = 256 * 1024
const LONGEST_KEY = 40

/** @param {Keys} keys */
export const writeKeyFile = (keys) => JSON.stringify({ [MARK]: keys }, null, 2)

/** @param {string} text @returns {Keys} throws where it holds none */
export const readKeyFile = (text) => {
  if (text.length > MOST_BYTES) throw new Error(`it is larger than ${MOST_BYTES / 1024} kB`)
  let found
  try {
    found = JSON.parse(text)
  } catch {
    throw new Error('it is no JSON')
  }
  const keys = readKeys(Object(found)[MARK])
  if (!keys) throw new Error(`it has no "${MARK}" with keys by command`)
  return keys
}

/**
 * What a file's keys make of the table: each key belongs to one command, and what is not known here is left out.
 * @param {readonly Command[]} commands @param {Keys} found @returns {{keys: Keys, left: string[]}} left: commands that are not here, keys that nobody can have
 */
export const adopted = (commands, found) => {
  const known = new Map(commands.map((command) => [command.id, command]))
  const before = Object.fromEntries(commands.map(({ id, keys }) => [id, keys]))
  /** @type {Keys} */
  let keys = {}
  /** @type {string[]} */
  const left = []
  for (const [id, wanted] of Object.entries(found)) {
    const command = known.get(id)
    const good = wanted.filter((key) => key.length > 0 && key.length <= LONGEST_KEY && isTakable(key))
    left.push(...(command && !isFixed(command) ? wanted.filter((key) => !good.includes(key)) : [id]))
    if (!command || isFixed(command)) continue
    applyKeys(commands, keys)
    keys = withKeys(commands, id, good)
  }
  for (const command of commands) command.keys = before[command.id] ?? []
  return { keys, left }
}

/** @param {readonly Command[]} commands @param {Keys} now @param {File} file @returns {Promise<{said: string, undo: () => void}>} */
export const takeKeyFile = async (commands, now, file) => {
  if (file.size > MOST_BYTES) throw new Error(`it is larger than ${MOST_BYTES / 1024} kB`)
  const { keys, left } = adopted(commands, readKeyFile(await file.text()))
  keepKeys(commands, keys)
  const names = left.slice(0, 5).join(', ')
  return { said: left.length ? `The keys of ${file.name} hold now, without ${names}${left.length > 5 ? ' …' : ''}` : `The keys of ${file.name} hold now`, undo: () => keepKeys(commands, now) }
}
