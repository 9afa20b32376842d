// What was deleted and can be brought back, the newest first.

import { openSheet } from './dialogs.js'
import { element } from './element.js'

/** @typedef {import('../run/api.js').Thrown} Thrown */

/** @param {readonly Thrown[]} trash @param {(id: string) => Promise<boolean>} restore whether it came back */
export const openTrash = (trash, restore) => {
  const list = element('ul', { class: 'trash-list' }, ...trash.map(({ id, name, folder, deleted }) => {
    const row = element('li', { class: 'trash-row' }, element('span', { class: 'trash-name' }, name),
      element('span', { class: 'trash-when' }, `${folder}, ${new Date(deleted * 1000).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })}`),
      element('button', { class: 'small labelled-small', onclick: async () => (await restore(id)) && row.remove() }, 'Bring back'))
    return row
  }))
  openSheet('Deleted pictures', 'trash', trash.length ? list : element('p', { class: 'empty' }, 'Nothing was deleted in the last 30 days.'))
}
