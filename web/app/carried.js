// Which settings move with people to other browsers, and what of a text or of the server's answer is one.

/** @typedef {import('./settings.js').Settings} Settings */
/** @typedef {keyof Settings} Name */

/** About this screen, these ears, the browser's own language, and what is open here now: they stay in the browser. @type {ReadonlySet<Name>} */
const LOCAL = new Set(/** @type {Name[]} */ (['language', 'scale', 'contrast', 'motion', 'sound', 'notify', 'resultsOpen', 'minimapOpen', 'formOpen', 'greeted']))
/** What one does lately moves with the server alone; it is no wish. @type {ReadonlySet<Name>} */
const LATELY = new Set(/** @type {Name[]} */ (['recent', 'mask', 'sketch']))

/** @type {Partial<Record<Name, readonly unknown[]>>} */
const CHOICES = { look: ['system', 'light', 'dark'], contrast: ['system', 'more'], motion: ['system', 'less'], linkStyle: ['curved', 'stepped', 'straight', 'hidden'] }

/** @param {Settings} settings */
const namesOf = (settings) => /** @type {Name[]} */ (Object.keys(settings))

/** Those that the server keeps. @param {Settings} settings */
export const keptNames = (settings) => namesOf(settings).filter((name) => !LOCAL.has(name))

/** Wishes, which one takes along by hand. @param {Settings} settings */
export const wishNames = (settings) => namesOf(settings).filter((name) => !LATELY.has(name) && !['resultsOpen', 'minimapOpen', 'formOpen', 'greeted'].includes(name))

/** @param {unknown} value @returns {value is string[]} */
const isTexts = (value) => Array.isArray(value) && value.every((each) => typeof each === 'string')

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isRecord = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Keys by command, as far as they are any. @param {unknown} value @returns {Record<string, string[]> | null} */
export const readKeys = (value) => (isRecord(value) ? Object.fromEntries(Object.entries(value).flatMap(([id, keys]) => (isTexts(keys) ? [[id, keys]] : []))) : null)

/** A value of the kind that the setting has now; undefined: it is none. @param {Name} name @param {unknown} value @param {unknown} now */
const fitting = (name, value, now) => {
  if (CHOICES[name]) return CHOICES[name].includes(value) ? value : undefined
  if (name === 'keys') return readKeys(value) ?? undefined
  if (name === 'scale') return typeof value === 'number' && value >= 80 && value <= 200 ? value : undefined
  if (Array.isArray(now)) return isTexts(value) ? value : undefined
  if (isRecord(now)) return isRecord(value) ? { ...now, ...Object.fromEntries(Object.entries(value).filter(([field, each]) => typeof each === typeof now[field])) } : undefined
  return typeof value === typeof now ? value : undefined
}

/** Of what was found, the settings of these names that can hold here. @param {unknown} found @param {Settings} settings @param {readonly Name[]} names @returns {Partial<Settings>} */
export const readSettings = (found, settings, names) => {
  const known = isRecord(found) ? found : {}
  return Object.fromEntries(names.flatMap((name) => {
    const value = name in known ? fitting(name, known[name], settings[name]) : undefined
    return value === undefined ? [] : [[name, value]]
  }))
}

/**
 * What a browser takes from the server, and what it sends: its own changes that the server has not got, and what differs from the
 * beginning where the server keeps nothing.
 * @param {{settings: Settings, defaults: Settings, kept: unknown, unsent: ReadonlySet<string>}} state @returns {{take: Partial<Settings>, send: Name[]}}
 */
export const reconciled = ({ settings, defaults, kept, unsent }) => {
  const names = keptNames(settings)
  const same = (/** @type {unknown} */ a, /** @type {unknown} */ b) => JSON.stringify(a) === JSON.stringify(b)
  const free = names.filter((name) => !unsent.has(name))
  const found = /** @type {Settings} */ (readSettings(kept, settings, free))
  const take = Object.fromEntries(free.filter((name) => name in found && !same(found[name], settings[name])).map((name) => [name, found[name]]))
  const known = isRecord(kept) ? kept : {}
  return { take, send: names.filter((name) => unsent.has(name) || (!(name in known) && !same(settings[name], defaults[name]))) }
}
