// Small things that this browser remembers: what was used lately and which panels are open.

const KEY = 'tessera.settings'
const RECENT = 12

/** @typedef {{recent: string[], resultsOpen: boolean, minimapOpen: boolean, formOpen: boolean, notify: boolean, look: import('./look.js').Look, linkStyle: import('../kernels/routes.js').LinkStyle, mask: import('../masks/mask_tools.js').MaskSettings}} Settings */

/** @returns {Settings} */
const read = () => {
  /** @type {Settings['mask']} */
  const mask = { tool: 'brush', size: 60, hardness: 80, tolerance: 24, feather: 8, look: 'red' }
  /** @type {Settings} */
  const defaults = { recent: [], resultsOpen: true, minimapOpen: false, formOpen: false, notify: false, look: 'system', linkStyle: 'curved', mask }
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
