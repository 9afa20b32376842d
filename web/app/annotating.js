// Notes, frames and reroutes: what is drawn around nodes and wires, found by a search for nodes too.

import { addFrame, addNote } from '../document/annotations.js'
import { union } from '../kernels/geometry.js'
import { toast } from '../panels/toasts.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../document/catalog.js').NodeType} NodeType */

/** @param {string} id @param {string} title @param {string} help @param {string[]} search @returns {NodeType} */
const drawn = (id, title, help, search) => ({ id, title, category: 'canvas', help, inputs: [], outputs: [], search })

const [NOTE, FRAME, REROUTE] = /** @type {const} */ (['@new note', '@new frame', '@new reroute'])

/** No nodes, and looked for among them by those who know other programs. @type {readonly NodeType[]} */
export const DRAWN = [
  drawn(NOTE, 'Note', 'Words on the canvas.', ['comment', 'text', 'markdown', 'sticky']),
  drawn(FRAME, 'Frame', 'A box with a title around the selected nodes, which moves them with it.', ['group', 'box', 'backdrop', 'comment']),
  drawn(REROUTE, 'Reroute', 'A point that the selected wire runs through.', ['dot', 'waypoint', 'knot']),
]

/** Makes what is no node; says whether it did. @param {App} app @param {string} type @param {readonly [number, number]} at in the world */
export const makeDrawn = (app, type, at) => {
  if (type === NOTE) writeNote(app, at)
  else if (type === FRAME) frameSelection(app, at)
  else if (type === REROUTE) reroute(app, at)
  return DRAWN.some(({ id }) => id === type)
}

/** Around what is selected, or at a point; then its name is asked. @param {App} app @param {readonly [number, number]} at */
export const frameSelection = (app, [x, y]) => {
  const { store, selection, editor } = app
  const rects = [...selection.nodes, ...selection.annotations].flatMap((id) => editor.bounds(id) ?? [])
  store.begin('Add frame')
  const id = addFrame(store, union(rects) ?? { x, y, width: 320, height: 200 })
  nameNew(id, app)
}

/** @param {App} app @param {readonly [number, number]} at */
export const writeNote = (app, at) => {
  app.store.begin('Add note')
  nameNew(addNote(app.store, at), app)
}

/** On each selected wire. @param {App} app @param {readonly [number, number]} at */
export const reroute = ({ store, selection, editor }, at) => {
  if (selection.links.size) store.edit('Add reroutes', () => selection.links.forEach((id) => editor.reroute(id, [at[0], at[1]])))
  else toast('A reroute stands on a wire: double-click one, or select it first')
}

/** Adding and naming are one undo entry. @param {string} id @param {App} app */
const nameNew = (id, { store, selection, editor }) => {
  selection.set({ annotations: [id] })
  editor.editTitle(id, () => store.commit())
}
