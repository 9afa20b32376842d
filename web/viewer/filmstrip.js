// All pictures of the viewer in a row below it: a click shows one, Shift and a click compares with it.

import { element } from '../panels/element.js'

/** @typedef {import('./viewer.js').Shown} Shown */

/** @param {readonly Shown[]} pictures @param {(index: number, other: boolean) => void} choose */
export const createFilmstrip = (pictures, choose) => {
  const tiles = pictures.map(({ url, thumbnail, title, caption }, index) => element('button', {
    class: 'film', title: `${title}\n${caption}\nShift+click compares`, 'aria-label': `${title}, picture ${index + 1} of ${pictures.length}`,
    onclick: (/** @type {MouseEvent} */ event) => choose(index, event.shiftKey),
  }, element('img', { src: thumbnail ?? url, alt: '', loading: 'lazy', draggable: false })))
  const node = element('div', { class: 'viewer-film', role: 'group', 'aria-label': 'Pictures' }, ...tiles)

  /** @param {number} a @param {number | null} b */
  const mark = (a, b) => {
    for (const [index, tile] of tiles.entries()) {
      const name = index === a ? 'A' : index === b ? 'B' : ''
      tile.toggleAttribute('data-other', index === b && index !== a)
      if (name === 'A') tile.setAttribute('aria-current', 'true')
      else tile.removeAttribute('aria-current')
      tile.dataset.mark = b === null ? '' : name
    }
    tiles[a]?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }
  return { node, mark }
}
