// Which language the interface speaks: the one chosen in the settings, else the first of the browser's that the server has.

import { setLanguage } from '../languages/language.js'
import { translatePage } from '../languages/page.js'
import { fetchLanguage, fetchLanguages } from '../run/api.js'
import { complain } from './opening.js'
import { settings } from './settings.js'

/** @typedef {{code: string, name: string}} Spoken */

/** The code says this itself. @type {Spoken} */
const ENGLISH = { code: 'en', name: 'English' }

/**
 * The first wanted language that there is, by its whole code or its first part.
 * @param {readonly string[]} wanted as browsers name them @param {readonly string[]} known
 */
const firstKnown = (wanted, known) => {
  for (const tag of wanted) {
    const found = known.find((code) => code === tag) ?? known.find((code) => code === tag.split('-')[0]) ?? known.find((code) => code.split('-')[0] === tag.split('-')[0])
    if (found) return found
  }
  return ENGLISH.code
}

/** @returns {Promise<Spoken[]>} */
export const spokenLanguages = async () => [ENGLISH, ...(await fetchLanguages()).filter(({ code }) => code !== ENGLISH.code)]

/** @returns {Promise<string>} */
const wantedCode = async () => {
  if (settings.language !== 'system') return settings.language
  if (navigator.language.split('-')[0] === ENGLISH.code) return ENGLISH.code // The common case asks the server nothing.
  return firstKnown(navigator.languages, (await spokenLanguages()).map(({ code }) => code))
}

/** Says everything in the language that is wanted now. */
export const speak = async () => {
  try {
    const code = await wantedCode()
    setLanguage(code === ENGLISH.code ? null : await fetchLanguage(code))
  } catch (error) {
    setLanguage(null)
    complain('The language did not load', error)
  }
}

/** Before anything is drawn. */
export const startSpeaking = async () => {
  translatePage()
  await speak()
}
