// Modal sheets.

import { element } from './element.js'
import { icon } from './icons.js'

/** @param {string} label @param {string} name @param {...Node} content */
export const openSheet = (label, name, ...content) => {
  const dialog = element('dialog', { class: `panel sheet ${name}`, 'aria-label': label, tabIndex: -1 },
    element('header', {}, element('h2', {}, label),
      element('button', { class: 'quiet', 'aria-label': 'Close', onclick: () => dialog.close() }, icon('close'))),
    ...content)
  dialog.addEventListener('keydown', (event) => {
    event.stopPropagation()
    if (event.key !== 'Escape') return
    event.preventDefault() // In a search field it would only empty that.
    dialog.close()
  })
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
