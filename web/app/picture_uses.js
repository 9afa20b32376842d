// What else a dropped picture could be: a mask, a control, the beginning of sampling.

import { addNode, deleteSelection } from '../document/edits.js'
import { DESTINATIONS, sendPicture } from '../document/send_picture.js'
import { toast } from '../panels/toasts.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../panels/toasts.js').ToastAction} ToastAction */

const MASK_LOADER = 'LoadImageMask'
const OFFERED = new Set(['image', 'control'])

/**
 * @param {App} app @param {{id: string, name: string}} taken the node that loads it now, and the file
 * @returns {ToastAction[]} each in its place, as one undo entry
 */
export const otherUses = (app, { id, name }) => {
  const { store, selection } = app
  const instead = (/** @type {string} */ label, /** @type {() => string} */ make) => ({ label, run: () => {
    try {
      store.edit(label, () => {
        deleteSelection(store, { nodes: [id], links: [] })
        const made = make()
        queueMicrotask(() => selection.set({ nodes: [made] }))
      })
    } catch (error) {
      toast(`${name} stays a picture: ${error instanceof Error ? error.message : String(error)}`, { kind: 'error' })
    }
  } })
  const position = store.node(id)?.position ?? [0, 0]
  return [
    ...(app.catalog.nodes.has(MASK_LOADER) ? [instead('As mask', () => addNode(store, app.catalog, { type: MASK_LOADER, position, inputs: { image: name } }))] : []),
    ...DESTINATIONS.filter(({ to }) => OFFERED.has(to)).map(({ to, label }) => instead(`As ${label.toLowerCase()}`, () => sendPicture(store, app.catalog, to, name))),
  ]
}
