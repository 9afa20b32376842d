// Small things that this browser remembers: what was used lately and which panels are open.

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
 */

/** @returns {Settings} */
const read = () => {
  /** @type {Settings['mask']} */
  const mask = { tool: 'brush', size: 60, hardness: 80, tolerance: 24, feather: 8, look: 'red' }
  /** @type {Settings} */
  const defaults = {
    recent: [], resultsOpen: true, minimapOpen: false, formOpen: false, greeted: false, notify: false, sound: false, look: 'system', contrast: 'system', motion: 'system',
    scale: 100, language: 'system', keys: {}, keysByPlace: true, linkStyle: 'curved', mask,
  }
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    return { ...defaults, ...stored, mask: { ...mask, ...stored.mask } }
  } catch {
    return defaults // Written by hand or by another program: start afresh.
  }
}

export const settings = read()

/** @param {Partial<Settings>} change */
export const changeSettings = (change) => {
  Object.assign(settings, change)
  localStorage.setItem(KEY, JSON.stringify(settings))
}

/** @param {string} type a node type that was just added */
export const rememberUse = (type) =>
  changeSettings({ recent: [type, ...settings.recent.filter((other) => other !== type)].slice(0, RECENT) })
