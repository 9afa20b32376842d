// Small things that are remembered: what one wishes, what was used lately, which panels are open. The server keeps some: kept_settings.js.

const KEY = 'tessera.settings'
const RECENT = 12

/**
 * @typedef {object} Settings
 * @property {string[]} recent node types, the newest first
 * @property {boolean} resultsOpen
 * @property {boolean} minimapOpen
 * @property {boolean} formOpen
 * @property {boolean} greeted has been shown the first steps
 * @property {boolean} notify the desktop tells when a run ends
 * @property {boolean} sound a tone tells it
 * @property {import('./look.js').Look} look
 * @property {'system' | 'more'} contrast
 * @property {'system' | 'less'} motion
 * @property {number} scale of everything but the canvas, in percent
 * @property {string} language a code, or `system`
 * @property {Record<string, string[]>} keys those that people chose, by command
 * @property {boolean} keysByPlace letters by where they lie on the keyboard, not by what is printed there
 * @property {import('../kernels/routes.js').LinkStyle} linkStyle
 * @property {import('../masks/mask_tools.js').MaskSettings} mask
 * @property {import('../masks/mask_tools.js').MaskSettings} sketch
 */

/** As they are before anybody has changed one. @returns {Settings} */
export const defaultSettings = () => {
  /** @type {Settings['mask']} */
  const mask = { tool: 'brush', size: 60, hardness: 80, tolerance: 24, feather: 8, look: 'red' }
  /** @type {Settings['sketch']} */
  const sketch = { tool: 'brush', size: 8, hardness: 90, tolerance: 24, feather: 2, look: 'chalk' }
  return {
    recent: [], resultsOpen: true, minimapOpen: false, formOpen: false, greeted: false, notify: false, sound: false, look: 'system', contrast: 'system', motion: 'system',
    scale: 100, language: 'system', keys: {}, keysByPlace: true, linkStyle: 'curved', mask, sketch,
  }
}

/** @param {string | null} text @returns {Settings} */
const read = (text) => {
  const defaults = defaultSettings()
  try {
    const stored = JSON.parse(text ?? '{}')
    return { ...defaults, ...stored, mask: { ...defaults.mask, ...stored.mask }, sketch: { ...defaults.sketch, ...stored.sketch } }
  } catch {
    return defaults // Written by hand or by another program: start afresh.
  }
}

/** A browser may forbid it. */
const stored = () => {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

export const settings = read(stored())

/** @type {Set<(names: string[]) => void>} */
const listeners = new Set()

/** @param {(names: string[]) => void} listener hears what was changed here */
export const subscribeSettings = (listener) => void listeners.add(listener)

/** Another page of this browser has changed some. @param {string | null} key @param {string | null} text @returns {string[]} which */
export const readAgain = (key, text) => {
  if (key !== KEY) return []
  const now = read(text)
  const names = /** @type {(keyof Settings)[]} */ (Object.keys(now)).filter((name) => JSON.stringify(now[name]) !== JSON.stringify(settings[name]))
  Object.assign(settings, now)
  return names
}

/** @param {Partial<Settings>} change */
export const changeSettings = (change) => {
  Object.assign(settings, change)
  localStorage.setItem(KEY, JSON.stringify(settings))
  for (const listener of listeners) listener(Object.keys(change))
}

/** @param {string} type a node type that was just added */
export const rememberUse = (type) =>
  changeSettings({ recent: [type, ...settings.recent.filter((other) => other !== type)].slice(0, RECENT) })
