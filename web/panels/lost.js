// The sheet of what was open when a page broke off.

import { shownTime } from '../languages/language.js'
import { openSheet } from './dialogs.js'
import { element } from './element.js'
import { drawSketch } from './schematic.js'

/** @typedef {{title: string, nodes: number, savedAt: number, sketch: import('./schematic.js').Sketch, open: () => void}} Lost */

const PICTURE = { width: 232, height: 160 }

/** @param {readonly Lost[]} lost */
export const openLost = (lost) => {
  const left = new Set(lost)
  const take = (/** @type {Lost} */ entry, /** @type {HTMLElement} */ card) => {
    entry.open()
    left.delete(entry)
    card.remove()
    if (!left.size) sheet.close()
  }
  const cards = lost.map((entry) => {
    const card = element('li', {}, element('button', { class: 'template', onclick: () => take(entry, card) },
      element('span', { class: 'template-picture' }, drawSketch(entry.sketch, PICTURE.width, PICTURE.height)),
      element('strong', { translate: 'no' }, entry.title), element('span', { class: 'template-words' }, `${entry.nodes} nodes, ${shownTime(entry.savedAt)}`)))
    return card
  })
  const openAll = () => {
    for (const entry of left) entry.open()
    sheet.close()
  }
  const sheet = openSheet('Open when the browser ended', 'lost',
    element('p', { class: 'lost-words' }, 'These workflows were open in a page that broke off, as they were at their last edit. What you leave here is found below Templates, Open again.'),
    element('ul', { class: 'template-list' }, ...cards),
    element('footer', { class: 'replace-foot' }, element('button', { onclick: () => sheet.close() }, 'Leave them'), element('button', { class: 'run', onclick: openAll }, 'Open all')))
}
