// The versions of a document beside what has changed since each.

import { shownTime } from '../languages/language.js'
import { openSheet } from './dialogs.js'
import { element } from './element.js'
import { icon } from './icons.js'

/** @typedef {import('../document/document_diff.js').DiffLine} DiffLine */
/** @typedef {{label: string, time: number, document: import('../document/workflow_format.js').WorkflowDocument & {id?: string}, picture: string | null, run: string | null}} Version */
/** @typedef {{versions: readonly Version[], diff: (version: Version) => DiffLine[], restore: (version: Version) => void, openBeside: (version: Version) => void}} VersionOptions */

const SIGNS = { added: '+', removed: '−', changed: '~' }

/** @param {VersionOptions} options */
export const openVersions = ({ versions, diff, restore, openBeside }) => {
  const list = element('ol', { class: 'version-list', 'aria-label': 'Versions, newest first' })
  const detail = element('section', { class: 'version-detail', 'aria-label': 'What has changed since', tabIndex: -1 })
  const buttons = versions.map((version) => {
    const lines = diff(version)
    const counts = /** @type {const} */ (['added', 'removed', 'changed']).map((kind) => ({ kind, count: lines.filter((line) => line.kind === kind).length }))
      .filter(({ count }) => count).map(({ kind, count }) => `${SIGNS[kind]}${count}`).join('  ')
    return element('button', { class: 'version', onclick: () => choose(version, lines) },
      version.picture ? element('img', { src: version.picture, alt: '', loading: 'lazy' }) : element('span', { class: 'version-none' }, icon(version.run ? 'play' : 'save')),
      element('span', { class: 'version-words' }, element('strong', {}, version.label),
        element('span', {}, shownTime(version.time)),
        element('span', { class: 'version-counts' }, lines.length ? counts : 'as it is now')))
  })
  const choose = (/** @type {Version} */ version, /** @type {DiffLine[]} */ lines) => {
    for (const [place, button] of buttons.entries()) button.setAttribute('aria-pressed', String(versions[place] === version))
    const action = (/** @type {string} */ label, /** @type {import('./icons.js').IconName} */ sign, /** @type {() => void} */ run) =>
      element('button', { class: 'labelled', onclick: () => (sheet.close(), run()) }, icon(sign), label)
    detail.replaceChildren(
      element('h3', {}, 'Changed since then'),
      lines.length ? element('ul', { class: 'diff' }, ...lines.map(({ kind, text }) =>
        element('li', { class: `diff-${kind}` }, element('b', { 'aria-label': kind }, SIGNS[kind]), element('span', {}, text)))) : element('p', { class: 'empty' }, 'Nothing: it is as it is now.'),
      element('p', { class: 'version-actions' }, action('Go back to it', 'restore', () => restore(version)), action('Open beside this', 'add', () => openBeside(version))))
  }
  list.append(...buttons.map((button) => element('li', {}, button)))
  const sheet = openSheet('Versions', 'versions', versions.length ? element('div', { class: 'version-columns' }, list, detail)
    : element('p', { class: 'empty version-empty' }, 'Each run of this workflow is a version, and so is each that you mark (Ctrl+Alt+S).'))
  buttons[0]?.click()
  buttons[0]?.focus()
}
