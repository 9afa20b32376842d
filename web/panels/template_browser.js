// The templates with pictures: those that run as they are, those that need files first, and what was open before.

import { shownTime } from '../languages/language.js'
import { openSheet, readableName } from './dialogs.js'
import { element } from './element.js'
import { icon } from './icons.js'
import { drawSketch } from './schematic.js'

/** @typedef {import('./schematic.js').Sketch} Sketch */
/** @typedef {{name: string, title: string, topic: string, words: string, needs: readonly string[], sketch: Sketch, picture: string | null, nodes: number, saved: boolean}} ShownTemplate saved: by a user, on the server */
/** @typedef {{document: import('../document/workflow_format.js').WorkflowDocument, savedAt: number}} Recent */
/**
 * @typedef {object} BrowserOptions
 * @property {readonly ShownTemplate[]} templates
 * @property {(name: string, saved: boolean) => void} chooseTemplate
 * @property {(name: string) => void} forget takes a saved one away
 * @property {readonly (Recent & {sketch: Sketch})[]} recent
 * @property {(recent: Recent) => void} chooseRecent
 */

/** What the format calls the topics, and what people read, in the order in which people learn. */
const TOPICS = new Map([
  ['start', 'First steps'], ['prompts', 'Prompts'], ['inpainting', 'Inpainting'], ['control', 'Guided by pictures'],
  ['sampling', 'Sampling'], ['models', 'Models'], ['seeing', 'Seeing'], ['tools', 'Tools'],
])
const rank = (/** @type {ShownTemplate} */ { topic }) => (TOPICS.has(topic) ? [...TOPICS.keys()].indexOf(topic) : TOPICS.size)

const PICTURE = { width: 232, height: 160 }

/** @param {BrowserOptions} options */
export const openTemplates = ({ templates, chooseTemplate, forget, recent, chooseRecent }) => {
  const search = element('input', { class: 'gallery-search', type: 'search', 'aria-label': 'Search templates', placeholder: 'Search templates', spellcheck: false })
  const body = element('div', { class: 'template-groups' })
  const sorted = [...templates].sort((a, b) => rank(a) - rank(b)) // The plain ones first, as they come.
  let chosen = ''

  const card = (/** @type {{title: string, words: string, note: string, picture: Node, run: () => void, remove?: () => void}} */ { title, words, note, picture, run, remove }) =>
    element('li', {}, remove ? element('button', { class: 'quiet small template-remove', 'aria-label': `Remove ${title}`, title: 'Remove', onclick: remove }, icon('close')) : null,
    element('button', { class: 'template', onclick: () => (sheet.close(), run()) },
      element('span', { class: 'template-picture' }, picture), element('strong', {}, title), words ? element('span', { class: 'template-words' }, words) : null,
      note ? element('span', { class: 'template-note' }, note) : null))
  const templateCard = (/** @type {ShownTemplate} */ { name, title, words, needs, sketch, picture, saved }) => card({
    ...(saved ? { remove: () => (sheet.close(), forget(name)) } : {}),
    title: title || readableName(name), words, note: needs.length ? `Needs ${needs.join(', ')}` : '', run: () => chooseTemplate(name, saved),
    picture: picture ? element('img', { src: picture, alt: '', loading: 'lazy', draggable: false }) : drawSketch(sketch, PICTURE.width, PICTURE.height),
  })
  const group = (/** @type {string} */ heading, /** @type {HTMLElement[]} */ cards) =>
    (cards.length ? [element('h3', {}, heading), element('ul', { class: 'template-list' }, ...cards)] : [])

  const update = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean)
    const has = (/** @type {string} */ text) => words.every((word) => text.toLowerCase().includes(word))
    const found = sorted.filter(({ title, words: said, name, needs, topic }) =>
      (!chosen || topic === chosen) && has([title, said, name, TOPICS.get(topic) ?? '', ...needs].join(' ')))
    const former = chosen ? [] : recent.filter(({ document }) => has(document.title ?? 'Untitled'))
    const groups = [
      ...group('On the server', found.filter(({ saved }) => saved).map(templateCard)),
      ...group('Ready to run', found.filter(({ needs, saved }) => !needs.length && !saved).map(templateCard)),
      ...group('Open again', former.map((entry) => card({
        title: entry.document.title ?? 'Untitled', words: `${entry.document.nodes.length} nodes, ${shownTime(entry.savedAt)}`, note: '',
        picture: drawSketch(entry.sketch, PICTURE.width, PICTURE.height), run: () => chooseRecent(entry),
      }))),
      ...group('Needs models', found.filter(({ needs, saved }) => needs.length && !saved).map(templateCard)),
    ]
    body.replaceChildren(...(groups.length ? groups : [element('p', { class: 'empty' }, templates.length ? 'Nothing is called that.' : 'No templates are installed.')]))
  }
  const chip = (/** @type {string} */ topic, /** @type {string} */ label) =>
    element('button', { class: 'quiet small', 'data-topic': topic, onclick: () => choose(topic) }, label)
  const topics = element('div', { class: 'template-topics', role: 'group', 'aria-label': 'Topics' },
    chip('', 'All'), ...[...TOPICS].map(([topic, label]) => chip(topic, label)))
  const choose = (/** @type {string} */ topic) => {
    chosen = topic
    for (const button of topics.querySelectorAll('button')) button.setAttribute('aria-pressed', String(button.dataset.topic === chosen))
    update()
  }
  search.oninput = update
  search.onkeydown = ({ key, isComposing }) => {
    if (key === 'Enter' && !isComposing) body.querySelector('button')?.click()
  }
  const sheet = openSheet('Templates', 'templates', element('div', { class: 'gallery-bar' }, search), topics, body)
  choose('')
  search.focus()
}
