// Text that was pasted or dropped on the canvas and is nothing else: a constant that holds it.

import { addNode } from '../document/edits.js'
import { constantsOf } from '../panels/constants.js'

/** @typedef {import('./app.js').App} App */

/** @param {App} app @param {string} text @param {readonly [number, number]} [world] where it goes */
export const takeWords = ({ store, catalog, selection, editor }, text, world = editor.pointer) => {
  const { sure, guess } = constantsOf([...catalog.nodes.values()], text)
  const [found] = [...sure, ...guess]
  if (found) selection.set({ nodes: [addNode(store, catalog, { type: found.type.id, position: [...world], inputs: found.inputs })] })
}
