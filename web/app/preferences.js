// What can be set, where it is kept, and what it changes at once.

import { openPreferences } from '../panels/preferences.js'
import { toast } from '../panels/toasts.js'
import { readSettings, wishNames } from './carried.js'
import { applySettings } from './kept_settings.js'
import { repaint } from './look.js'
import { switchNotifications, switchSound } from './notify.js'
import { complain } from './opening.js'
import { changeSettings, settings } from './settings.js'
import { spokenLanguages } from './speaking.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('./commands.js').Command} Command */
/** @typedef {import('./settings.js').Settings} Settings */

/** @param {App} app @param {readonly Command[]} commands @param {() => void} showKeys */
export const showPreferences = async (app, commands, showKeys) => {
  const languages = await spokenLanguages().catch(() => [])
  const look = (/** @type {Partial<Settings>} */ change) => (changeSettings(change), repaint(app))
  const sheet = openPreferences([
    { heading: 'Language', rows: [{
      kind: 'choice', label: 'Interface language', help: 'Names of models, files and what you wrote stay as they are.', value: settings.language,
      choices: [{ value: 'system', label: 'As the browser' }, ...languages.map(({ code, name }) => ({ value: code, label: name, own: true }))],
      change: (language) => (changeSettings({ language }), applySettings(app, commands, ['language'])),
    }] },
    { heading: 'Look', rows: [
      { kind: 'choice', label: 'Colours', value: settings.look, change: (value) => look({ look: /** @type {Settings['look']} */ (value) }),
        choices: [{ value: 'system', label: 'As the system' }, { value: 'dark', label: 'Dark' }, { value: 'light', label: 'Light' }] },
      { kind: 'range', label: 'Size of the interface', help: 'The canvas zooms by itself.', value: settings.scale, min: 80, max: 200, step: 10, unit: ' %', change: (scale) => look({ scale }) },
      { kind: 'switch', label: 'More contrast', help: 'Wires bear the letters of their types, too.', value: settings.contrast === 'more', change: (on) => look({ contrast: on ? 'more' : 'system' }) },
      { kind: 'switch', label: 'Less motion', value: settings.motion === 'less', change: (on) => look({ motion: on ? 'less' : 'system' }) },
    ] },
    { heading: 'When a run ends', rows: [
      { kind: 'switch', label: 'Tell it on the desktop', help: 'While you look elsewhere.', value: settings.notify, change: async () => (await switchNotifications(), settings.notify) },
      { kind: 'switch', label: 'Play a sound', value: settings.sound, change: () => (switchSound(), settings.sound) },
    ] },
    { heading: 'Keyboard', rows: [
      { kind: 'switch', label: 'Letters by their place', help: 'A key works where it lies on an English keyboard; else by what is printed on it.', value: settings.keysByPlace, change: (keysByPlace) => changeSettings({ keysByPlace }) },
      { kind: 'actions', label: 'Shortcuts', actions: [{ label: 'Change the keys', run: () => (sheet.close(), showKeys()) }] },
    ] },
    { heading: 'These settings', rows: [
      { kind: 'actions', label: 'Take them to another browser', help: 'Browsers of one server share keys, colours and how wires are drawn by themselves.', actions: [
        { label: 'Copy', run: () => copySettings() }, { label: 'Paste', run: () => pasteSettings(app, commands).then((done) => done && sheet.close()) },
      ] },
    ] },
  ])
}

const copySettings = async () => {
  const carried = Object.fromEntries(wishNames(settings).map((name) => [name, settings[name]]))
  await navigator.clipboard.writeText(JSON.stringify({ 'tessera.settings': carried }, null, 2)).then(() => toast('The settings are in the clipboard'),
    (error) => complain('Nothing was copied', error))
}

/** @param {App} app @param {readonly Command[]} commands @returns {Promise<boolean>} whether there were any */
const pasteSettings = async (app, commands) => {
  try {
    const before = Object.fromEntries(wishNames(settings).map((name) => [name, settings[name]]))
    const take = async (/** @type {Partial<Settings>} */ change) => {
      changeSettings(change)
      await applySettings(app, commands, Object.keys(change))
    }
    await take(parseSettings(await navigator.clipboard.readText()))
    toast('The settings of the clipboard hold now', { actions: [{ label: 'Undo', run: () => void take(before) }] })
    return true
  } catch (error) {
    complain('The clipboard holds no settings', error)
    return false
  }
}

/** Those that are known, and of the kind that they are. @param {string} text @returns {Partial<Settings>} */
const parseSettings = (text) => {
  const found = Object(JSON.parse(text))['tessera.settings']
  if (typeof found !== 'object' || found === null) throw new Error('it is no copy of settings')
  return readSettings(found, settings, wishNames(settings))
}
