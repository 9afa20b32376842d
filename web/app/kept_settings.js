// The settings on the server: another browser finds them. What is changed here holds here at once, and is sent when the server answers.

import { ApiError, changeKeptSettings, fetchKeptSettings } from '../run/api.js'
import { keptNames, reconciled } from './carried.js'
import { applyKeys } from './keymap.js'
import { repaint } from './look.js'
import { complain } from './opening.js'
import { changeSettings, defaultSettings, readAgain, settings, subscribeSettings } from './settings.js'
import { speak } from './speaking.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('./commands.js').Command} Command */
/** @typedef {import('./settings.js').Settings} Settings */

const UNSENT = 'tessera.settings.unsent'
const QUIET_MS = 800

/** What this browser has changed and the server has not got, over reloads too. @returns {Set<string>} */
const readUnsent = () => {
  try {
    return new Set(JSON.parse(localStorage.getItem(UNSENT) ?? '[]'))
  } catch {
    return new Set()
  }
}

/** Makes changed settings hold. @param {App} app @param {readonly Command[]} commands @param {readonly string[]} names */
export const applySettings = async (app, commands, names) => {
  if (names.includes('keys')) applyKeys(commands, settings.keys)
  if (names.includes('linkStyle')) app.editor.setLinkStyle(settings.linkStyle)
  repaint(app)
  if (!names.includes('language')) return
  await speak()
  await app.reloadCatalog().catch((error) => complain('The node types were not read again', error))
}

/** @param {App} app @param {readonly Command[]} commands */
export const keepSettings = (app, commands) => {
  const sync = new Sync((names) => void applySettings(app, commands, names))
  let isOpen = false
  app.session.subscribe(() => {
    const isOpenNow = app.session.connection === 'open'
    if (isOpenNow && !isOpen) void sync.meet()
    isOpen = isOpenNow
  })
  document.addEventListener('visibilitychange', () => !document.hidden && isOpen && void sync.meet()) // Another browser may have changed them meanwhile.
  addEventListener('storage', ({ key, newValue }) => {
    const changed = readAgain(key, newValue)
    if (changed.length) void applySettings(app, commands, changed)
  })
}

class Sync {
  #apply
  #timer = 0
  #isTaking = false
  /** What the server refused was told once. */
  #told = ''

  /** @param {(names: string[]) => void} apply */
  constructor(apply) {
    this.#apply = apply
    subscribeSettings((names) => this.#changed(names))
  }

  /** Takes what the server keeps, then sends what it has not got. */
  async meet() {
    clearTimeout(this.#timer)
    try {
      const { take, send } = reconciled({ settings, defaults: defaultSettings(), kept: await fetchKeptSettings(), unsent: readUnsent() })
      this.#take(take)
      await this.#send(send)
    } catch (error) {
      this.#tell(error)
    }
  }

  /** @param {Partial<Settings>} take */
  #take(take) {
    const names = Object.keys(take)
    if (!names.length) return
    this.#isTaking = true
    changeSettings(take)
    this.#isTaking = false
    this.#apply(names)
  }

  /** @param {readonly (keyof Settings)[]} names */
  async #send(names) {
    if (!names.length) return
    const sent = Object.fromEntries(names.map((name) => [name, settings[name]]))
    const before = JSON.stringify(sent)
    await changeKeptSettings(sent)
    if (JSON.stringify(Object.fromEntries(names.map((name) => [name, settings[name]]))) === before) localStorage.removeItem(UNSENT)
    this.#told = ''
  }

  /** @param {readonly string[]} names */
  #changed(names) {
    const kept = new Set(/** @type {string[]} */ (keptNames(settings)))
    const own = names.filter((name) => kept.has(name))
    if (this.#isTaking || !own.length) return
    localStorage.setItem(UNSENT, JSON.stringify([...new Set([...readUnsent(), ...own])]))
    clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => void this.#push(), QUIET_MS)
  }

  async #push() {
    const unsent = readUnsent()
    await this.#send(keptNames(settings).filter((name) => unsent.has(name))).catch((error) => this.#tell(error))
  }

  /** Offline they wait, and nobody needs to know; a refusal is told once. @param {unknown} error */
  #tell(error) {
    if (!(error instanceof ApiError) || error.message === this.#told) return
    this.#told = error.message
    complain('The settings hold in this browser alone', error)
  }
}
