// What stands on an empty canvas: the ways to begin.

import { element } from './element.js'
import { icon } from './icons.js'

/** @param {(command: string) => void} run */
export const createWelcome = (run) => {
  /** @param {string} command @param {import('./icons.js').IconName} name @param {string} label */
  const button = (command, name, label) => element('button', { class: 'labelled', onclick: () => run(command) }, icon(name), label)
  return element('div', { class: 'welcome' },
    element('img', { src: 'logo.svg', alt: '', width: 44, height: 44 }),
    element('p', {}, 'Double-click to add a node, or drop a picture or a workflow here.'),
    element('div', { class: 'welcome-actions' }, button('templates', 'templates', 'Templates'),
      button('add', 'add', 'Add a node'), button('open', 'open', 'Open')))
}
