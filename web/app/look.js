// Light or dark: as the system says, or as one chose here.

import { lightTheme, theme, themeVariables } from '../canvas/theme.js'
import { changeSettings, settings } from './settings.js'

/** @typedef {'system' | 'light' | 'dark'} Look */

const daylight = matchMedia('(prefers-color-scheme: light)')

const isLight = () => (settings.look === 'system' ? daylight.matches : settings.look === 'light')

/** The tokens of now. */
export const currentTheme = () => (isLight() ? lightTheme : theme)

/** Gives the page its colours. */
export const paintPage = () => {
  const root = document.documentElement
  for (const [name, value] of Object.entries(themeVariables(currentTheme()))) root.style.setProperty(name, value)
  root.dataset.theme = isLight() ? 'light' : 'dark'
}

/** Keeps page and canvas in one look. @param {import('./app.js').App} app */
export const watchLook = (app) => {
  daylight.addEventListener('change', () => repaint(app))
  app.editor.setTheme(currentTheme())
}

/** @param {import('./app.js').App} app */
const repaint = (app) => {
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
