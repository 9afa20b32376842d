// How everything looks: light or dark, contrast, motion and size, as the system says or as one chose here.

import { lightTheme, strongerContrast, theme, themeVariables } from '../canvas/theme.js'
import { changeSettings, settings } from './settings.js'

/** @typedef {'system' | 'light' | 'dark'} Look */

const daylight = matchMedia('(prefers-color-scheme: light)')
const contrast = matchMedia('(prefers-contrast: more)')
const stillness = matchMedia('(prefers-reduced-motion: reduce)')

const isLight = () => (settings.look === 'system' ? daylight.matches : settings.look === 'light')
const isStrong = () => settings.contrast === 'more' || contrast.matches

/** Whether nothing is to move by itself. */
const isStill = () => settings.motion === 'less' || stillness.matches

/** The tokens of now. */
export const currentTheme = () => {
  const tokens = isLight() ? lightTheme : theme
  return isStrong() ? strongerContrast(tokens) : tokens
}

/** Gives the page its colours and measures. */
export const paintPage = () => {
  const root = document.documentElement
  for (const [name, value] of Object.entries(themeVariables(currentTheme()))) root.style.setProperty(name, value)
  root.style.setProperty('--ui-scale', String(settings.scale / 100))
  root.dataset.theme = isLight() ? 'light' : 'dark'
  root.dataset.contrast = isStrong() ? 'more' : 'usual'
  root.dataset.motion = isStill() ? 'less' : 'usual'
}

/** Keeps page and canvas in one look. @param {import('./app.js').App} app */
export const watchLook = (app) => {
  for (const wish of [daylight, contrast, stillness]) wish.addEventListener('change', () => repaint(app))
  app.editor.setTheme(currentTheme())
}

/** @param {import('./app.js').App} app */
export const repaint = (app) => {
  paintPage()
  app.editor.setTheme(currentTheme())
  app.refresh()
}

/** The other one than what is seen; back to the system's where that is it. @param {import('./app.js').App} app */
export const switchLook = (app) => {
  const wanted = isLight() ? 'dark' : 'light'
  changeSettings({ look: (wanted === 'light') === daylight.matches ? 'system' : wanted })
  repaint(app)
}
