// What an input had in the last run: a seed that was rolled over comes back.

import { addressOf } from '../document/addresses.js'
import { answering } from '../document/answering.js'
import { inputType, valueOf } from '../document/catalog.js'
import { currentDocument } from '../document/current_document.js'
import { setInput } from '../document/edits.js'
import { pastValue } from '../document/past_values.js'
import { saidValue } from '../document/said.js'
import { toast } from '../panels/toasts.js'
import { ownRuns } from './app.js'
import { complain } from './opening.js'
import { past } from './results.js'

/** @typedef {import('./app.js').App} App */

/**
 * @param {App} app @param {string} node in the graph that is shown @param {string} input
 * @returns {Promise<unknown>} undefined: nothing has run, or not with this node
 */
export const lastValue = async (app, node, input) => {
  const address = addressOf(app.store.path, node)
  const isHere = (/** @type {string} */ name) => name === address || name.startsWith(`${address}/`) // A plain instance has the steps of what is in it.
  const last = ownRuns(app).findLast(({ steps }) => [...steps].some(([id, step]) => isHere(step.node ?? id)))
  return last && pastValue(currentDocument(await past.get(last.id), app.catalog.renames), app.catalog, address, input)
}

/** @param {App} app @param {string} node @param {string} input */
export const useLast = async (app, node, input) => {
  const answer = answering(app.store)
  try {
    const value = await lastValue(app, node, input)
    const record = answer(() => app.store.node(node))
    const type = record && inputType(app.catalog, record.type, input)
    const name = input.replaceAll('_', ' ')
    if (!record || !type || value === undefined || value === null) return void toast('Nothing has run with this node yet')
    const said = saidValue(value)
    if (JSON.stringify(valueOf(record, type)) === JSON.stringify(value)) return void toast(`The last run had this ${name} too: ${said}`)
    answer(() => setInput(app.store, node, input, value))
    toast(`The last run had ${name} ${said}`)
  } catch (error) {
    complain('The last run is not known', error)
  }
}
