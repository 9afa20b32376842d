// Words that are typed in their place: a node's or frame's title, a note's text, a portal's name.

import { titleOf } from '../canvas/draw_nodes.js'
import { setWords } from '../document/annotations.js'
import { setTitle } from '../document/edits.js'
import { renamePortal } from '../document/portals.js'
import { FRAME_HEADER } from '../kernels/frames.js'
import { HEADER } from '../kernels/layout.js'

/** @typedef {import('../kernels/geometry.js').Rect} Rect */
/** @typedef {import('./bench.js').Bench} Bench */
/**
 * @typedef {object} Words
 * @property {{rect: Rect, text: string, className: string, label: string, multiline: boolean}} place
 * @property {(text: string) => void} keep
 * @property {boolean} isHidden they are not drawn while they are typed
 */

/** @param {Bench} bench @param {string} id @returns {Words | null} */
export const wordsOf = (bench, id) => nodeWords(bench, id) ?? annotationWords(bench, id) ?? portalWords(bench, id)

/** @param {Bench} bench @param {string} id @returns {Words | null} */
const nodeWords = ({ scene, store }, id) => {
  const placed = scene.node(id)
  return placed ? {
    place: {
      rect: { x: placed.x + 23, y: placed.y + 3, width: placed.width - 28, height: HEADER - 6 },
      text: titleOf(placed), className: 'field-title', label: 'Title', multiline: false,
    },
    keep: (text) => setTitle(store, id, text.trim() === placed.type?.title ? '' : text.trim()),
    isHidden: false,
  } : null
}

/** @param {Bench} bench @param {string} id @returns {Words | null} */
const annotationWords = ({ scene, store }, id) => {
  const placed = scene.annotation(id)
  if (!placed) return null
  const isNote = placed.table === 'notes'
  return {
    place: {
      rect: isNote ? placed : { x: placed.x + 21, y: placed.y + 4, width: Math.min(placed.width - 26, 420), height: FRAME_HEADER - 8 },
      text: placed.text, className: isNote ? 'field-text' : 'field-title', label: isNote ? 'Note' : 'Frame title', multiline: isNote,
    },
    keep: (text) => setWords(store, id, isNote ? text : text.trim()),
    isHidden: true,
  }
}

/** @param {Bench} bench @param {string} id of a link @returns {Words | null} */
const portalWords = ({ scene, store }, id) => {
  const { tags, portal } = scene.link(id) ?? {}
  return tags && portal ? {
    place: { rect: tags.to, text: portal, className: 'field-title', label: 'Portal', multiline: false },
    keep: (text) => renamePortal(store, id, text.trim()),
    isHidden: false,
  } : null
}
