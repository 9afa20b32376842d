// Modal sheets: the templates and the keyboard shortcuts.

import { element } from './element.js'
import { icon } from './icons.js'

/** @typedef {import('../run/api.js').Template} Template */

/** @param {string} label @param {string} name @param {...Node} content */
export const openSheet = (label, name, ...content) => {
  const dialog = element('dialog', { class: `panel sheet ${name}`, 'aria-label': label, tabIndex: -1 },
    element('header', {}, element('h2', {}, label),
      element('button', { class: 'quiet', 'aria-label': 'Close', onclick: () => dialog.close() }, icon('close'))),
    ...content)
  dialog.addEventListener('keydown', (event) => event.stopPropagation())
  dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close())
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
  dialog.focus()
  return dialog
}

/** `text_to_image` as people say it. @param {string} name */
export const readableName = (name) => {
  const words = name.replace(/\.json$/, '').replaceAll(/[_-]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** @typedef {{document: import('../document/workflow_format.js').WorkflowDocument, savedAt: number}} Recent */

/** @param {number} time milliseconds since 1970 */
const when = (time) => new Date(time).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })

/**
 * @param {{templates: readonly Template[], chooseTemplate: (name: string) => void,
 *   recent: readonly Recent[], chooseRecent: (recent: Recent) => void}} options
 */
export const openTemplates = ({ templates, chooseTemplate, recent, chooseRecent }) => {
  const card = (/** @type {string} */ title, /** @type {string | undefined} */ text, /** @type {() => void} */ choose) =>
    element('li', {}, element('button', { onclick: () => (sheet.close(), choose()) },
      element('strong', {}, title), text ? element('span', {}, text) : null))
  const list = element('ul', { class: 'template-list' }, ...templates.map(({ name, title, description }) =>
    card(title ?? readableName(name), description, () => chooseTemplate(name))))
  if (!templates.length) list.append(element('li', { class: 'empty' }, 'No templates are installed.'))
  const former = recent.map((entry) => card(entry.document.title ?? 'Untitled',
    `${entry.document.nodes.length} nodes, ${when(entry.savedAt)}`, () => chooseRecent(entry)))
  const sheet = openSheet('Templates', 'templates', list,
    ...(former.length ? [element('h3', {}, 'Open again'), element('ul', { class: 'template-list' }, ...former)] : []))
}

/** @param {readonly {heading: string, rows: readonly (readonly [string, string])[]}[]} groups */
export const openShortcuts = (groups) => {
  const section = (/** @type {(typeof groups)[number]} */ { heading, rows }) =>
    element('section', {}, element('h3', {}, heading), element('dl', {}, ...rows.flatMap(([key, label]) =>
      [element('dt', {}, ...key.split(' or ').map((text) => element('kbd', {}, text))), element('dd', {}, label)])))
  openSheet('Keyboard and mouse', 'shortcuts', element('div', { class: 'shortcut-groups' }, ...groups.map(section)))
}
