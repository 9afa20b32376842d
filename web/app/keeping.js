// Workflows on the server: kept under their title, found by every browser. Nothing is lost there either: another workflow of the
// same title keeps its name, and what is written over comes back by a button.

import { toast } from '../panels/toasts.js'
import { ApiError, deleteWorkflow, fetchTemplate, saveWorkflow } from '../run/api.js'
import { complain } from './opening.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../document/workflow_format.js').WorkflowDocument} WorkflowDocument */

const LONGEST = 90

/** What the server calls it: letters, digits, spaces, dots, - and _. @param {string} title */
export const serverName = (title) => title.replaceAll(/[^\p{L}\p{N}_.-]+/gu, ' ').trimStart().slice(0, LONGEST).replaceAll(/^[ .-]+|[ .-]+$/g, '') || 'Untitled'

/**
 * The first name that is free or this document's already, and what lies there.
 * @param {string} wanted @param {string} id the document's @param {(name: string) => Promise<WorkflowDocument | null>} read
 * @returns {Promise<{name: string, before: WorkflowDocument | null}>}
 */
export const placeFor = async (wanted, id, read) => {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted} ${number}`
    const before = await read(name)
    if (!before || Reflect.get(before, 'id') === id) return { name, before }
  }
}

/** @param {string} name */
const readKept = async (name) => {
  try {
    return await fetchTemplate(name)
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null
    throw error
  }
}

/** Keeps the workflow on the server, for every browser. @param {App} app */
export const keepOnServer = async (app) => {
  try {
    const wanted = serverName(app.store.title)
    const document = app.store.toJSON()
    const saved = app.tabs.saving()
    const { name, before } = await placeFor(wanted, app.store.identity, readKept)
    await saveWorkflow(name, name === wanted ? document : { ...document, title: name })
    saved()
    const back = () => (before ? saveWorkflow(name, before) : deleteWorkflow(name)).catch((error) => complain('It did not come back', error))
    toast(`Kept on the server as ${name}`, { actions: [{ label: 'Undo', run: () => void back() }] })
  } catch (error) {
    complain('The workflow was not kept', error)
  }
}
