// The language of the interface. Code says English; what is drawn, on the canvas and in the page, is looked up here.

import { Dictionary } from './dictionary.js'

/** @typedef {import('./dictionary.js').LanguageFile} LanguageFile */

/** @type {Dictionary | null} */
let current = null
/** @type {Set<() => void>} */
const listeners = new Set()

/** null: English, as the code has it. @param {LanguageFile | null} file */
export const setLanguage = (file) => {
  current = file && new Dictionary(file)
  for (const listener of listeners) listener()
}

/** The code of the language that is spoken. */
export const languageCode = () => current?.code ?? 'en'

/** @param {() => void} listener hears of another language @returns {() => void} unsubscribe */
export const subscribeLanguage = (listener) => {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** @param {string} text as the code has it @returns {string} */
export const translate = (text) => current?.translate(text) ?? text

/** A moment as people of the language write it; in English as the browser does. @param {number} time milliseconds since 1970 */
export const shownTime = (time) => new Date(time).toLocaleString(current?.code ?? [], { dateStyle: 'medium', timeStyle: 'short' })

/** A category, part by part. @param {string} category @returns {string} */
export const translateCategory = (category) => category.split('/').map((part) => translate(part).replaceAll('_', ' ').trim()).join(' › ')

/** English and, where another language is spoken, its words: what a search looks through. @param {string} text */
export const bothLanguages = (text) => {
  const said = translate(text)
  return said === text ? text : `${said} · ${text}`
}

/**
 * The server's answer with titles and help in the language; an English title still finds its node.
 * @template {{nodes?: import('../document/catalog.js').NodeType[]}} Json
 * @param {Json} json @returns {Json}
 */
export const localiseCatalog = (json) => {
  if (!current) return json
  const helped = (/** @type {{help?: string}} */ socket) => (socket.help ? { help: translate(socket.help) } : {})
  const hinted = (/** @type {import('../document/catalog.js').InputType} */ { widget }) => (widget?.placeholder ? { widget: { ...widget, placeholder: translate(widget.placeholder) } } : {})
  return { ...json, nodes: (json.nodes ?? []).map((type) => ({
    ...type, title: translate(type.title), ...helped(type), search: [...(type.search ?? []), type.title],
    inputs: type.inputs.map((input) => ({ ...input, ...helped(input), ...hinted(input) })), outputs: type.outputs.map((output) => ({ ...output, ...helped(output) })),
  })) }
}
