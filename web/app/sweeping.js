// Sweeps as the shell offers them: from the menu of an input, and from its chip.

import { inputType, valueOf } from '../document/catalog.js'
import { setInput } from '../document/edits.js'
import { firstValues, freeAxis, isSweep } from '../document/sweeps.js'
import { openSweep } from '../panels/sweep.js'
import { writingLate } from './late.js'

/** @typedef {import('./app.js').App} App */

/** The input's type, value and widget, where it can be swept. @param {App} app @param {string} nodeId @param {string} name */
const sweepable = ({ store, catalog }, nodeId, name) => {
  const node = store.node(nodeId)
  const input = node && inputType(catalog, node.type, name)
  if (!node || !input?.widget || store.linksTo(nodeId, name).length) return null
  return { value: valueOf(node, input), widget: input.widget }
}

/** Opens the values of an input; one undo entry where they change. @param {App} app @param {string} node @param {string} name @param {readonly [number, number]} client */
export const editSweep = async (app, node, name, client) => {
  const { store } = app
  const found = sweepable(app, node, name)
  if (!found) return
  const { value, widget } = found
  const others = store.nodes().map((each) => {
    if (each.id !== node) return each
    const { [name]: _, ...inputs } = each.inputs ?? {}
    return { ...each, inputs }
  })
  const swept = isSweep(value)
  const sweep = swept ? { ...value, axis: value.axis || freeAxis(others, node, name) }
    : { sweep: firstValues(widget, value), axis: freeAxis(others, node, name) }
  const answer = writingLate(store, 'The values did not change')
  const made = await openSweep({ client, label: name.replaceAll('_', ' '), widget, sweep, others, removable: swept })
  if (made === 'remove') answer(() => removeSweep(app, node, name))
  else if (made && JSON.stringify(made) !== JSON.stringify(value)) answer(() => setInput(store, node, name, made))
}

/** The first value stays. @param {App} app @param {string} node @param {string} name */
const removeSweep = ({ store }, node, name) => {
  const value = store.node(node)?.inputs?.[name]
  if (isSweep(value)) setInput(store, node, name, value.sweep[0])
}

/** The rows of an input's menu. @param {App} app @param {string} node @param {string} name @param {readonly [number, number]} client @returns {import('./menus.js').MenuRow[]} */
export const sweepRows = (app, node, name, client) => {
  const found = sweepable(app, node, name)
  if (!found) return []
  const swept = isSweep(found.value)
  const label = name.replaceAll('_', ' ')
  return [
    { label: swept ? `Values of ${label}…` : `Sweep ${label}…`, run: () => void editSweep(app, node, name, client) },
    ...(swept ? [{ label: `Use one ${label}`, run: () => removeSweep(app, node, name) }] : []),
    'line',
  ]
}
