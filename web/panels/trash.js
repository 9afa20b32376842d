// What was deleted and can be brought back, the newest first.

import { trashPictureUrl } from '../run/api.js'
import { openSheet } from './dialogs.js'
import { element } from './element.js'

/** @typedef {import('../run/api.js').Thrown} Thrown */

const THUMBNAIL = 128

/** @param {readonly Thrown[]} trash @param {(id: string) => Promise<boolean>} restore whether it came back */
export const openTrash = (trash, restore) => {
  const list = element('ul', { class: 'trash-list' }, ...trash.map(({ id, name, folder, deleted }) => {
    const picture = element('img', { class: 'trash-picture', src: trashPictureUrl(id, THUMBNAIL), alt: '', loading: 'lazy', draggable: false })
    const row = element('li', { class: 'trash-row' }, picture, element('span', { class: 'trash-name' }, name),
      element('span', { class: 'trash-when' }, `${folder}, ${new Date(deleted * 1000).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })}`),
      element('button', { class: 'small labelled-small', onclick: async () => (await restore(id)) && gone(row) }, 'Bring back'))
    return row
  }))
  const gone = (/** @type {HTMLElement} */ row) => {
    row.remove()
    if (!list.children.length) list.replaceWith(none())
  }
  const none = () => element('p', { class: 'empty' }, 'Nothing was deleted in the last 30 days.')
  openSheet('Deleted pictures', 'trash', trash.length ? list : none())
}
