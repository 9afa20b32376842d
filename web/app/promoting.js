// What the menu of an input in a sub-graph offers: it becomes one of the sub-graph, and is swept or shown in the form where that stands.

import { inputType } from '../document/catalog.js'
import { addParameter } from '../document/parameters.js'
import { canPromote, promoteInput, promoteToRoot } from '../document/promote.js'
import { isEnd } from '../document/subgraph_format.js'
import { isSweep } from '../document/sweeps.js'
import { editSweep } from './sweeping.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('./menus.js').MenuRow} MenuRow */

/** @param {App} app @param {string} node @param {string} input @param {readonly [number, number]} client @returns {MenuRow[]} */
export const promoteRows = (app, node, input, client) => {
  const { store, catalog } = app
  if (!store.current || isEnd(node)) return []
  const enabled = canPromote(store, node, input)
  const isUsed = store.path[0]?.node !== '' // Else there is no instance outside to show it or to sweep.
  const type = inputType(catalog, store.node(node)?.type ?? '', input)
  const label = type?.label ?? input.replaceAll('_', ' ')
  return [
    { label: 'Make it an input of the sub-graph', run: () => void promoteInput(store, catalog, node, input), enabled },
    ...(type?.widget ? [
      { label: 'Show in the form', run: () => showInForm(app, node, input, label), enabled: enabled && isUsed },
      { label: `Sweep ${label}…`, run: () => void sweepOutside(app, node, input, { label, client }), enabled: enabled && isUsed },
    ] : []),
    'line',
  ]
}

/** @param {App} app @param {string} node @param {string} input @param {string} label */
export const showInForm = ({ store, catalog }, node, input, label) => store.edit('Show in the form', () => {
  const at = promoteToRoot(store, catalog, store.path, node, input)
  if (at) store.within('', () => addParameter(store, at.node, at.input, label))
})

/** Sweeps stand at the root's instance: that is shown. Without one in the end, all is as before. @param {App} app @param {string} node @param {string} input @param {{label: string, client: readonly [number, number]}} where */
const sweepOutside = async (app, node, input, { label, client }) => {
  const { store, catalog, selection, editor } = app
  const { path } = store
  const words = `Sweep ${label}`
  store.goInto([])
  store.begin(words)
  const at = promoteToRoot(store, catalog, path, node, input)
  if (at) {
    selection.set({ nodes: [at.node] })
    editor.frame([at.node])
    await editSweep(app, at.node, at.input, client)
  }
  if (at && isSweep(store.graph('').node(at.node)?.inputs?.[at.input])) return store.commit()
  if (store.undoLabel === words) store.cancel() // Else another gesture has begun, which closed this one.
  store.goInto(path)
}
