// Where documents come from and go to: templates, files, pictures that carry their recipe, and downloads.
// Opening is an edit like any other: undo brings the former document back, so nothing asks and nothing is lost.

import { putDefinition } from '../document/definition_copies.js'
import { forget } from '../document/definitions.js'
import { readDocument } from '../document/workflow_format.js'

/** @typedef {import('../document/store.js').Store} Store */
/** @typedef {import('../document/workflow_format.js').WorkflowDocument} WorkflowDocument */

const TABLES = /** @type {const} */ (['nodes', 'links', 'frames', 'notes', 'parameters'])

const newIdentity = () => crypto.randomUUID().slice(0, 8)

/**
 * The document with an identity: runs carry it, so that results come back to the document that made them.
 * @param {WorkflowDocument} document
 * @returns {WorkflowDocument & {id: string}}
 */
export const identified = (document) => ({ ...document, id: String(Reflect.get(document, 'id') ?? newIdentity()) })

/** @param {WorkflowDocument} document @param {string} id @returns {WorkflowDocument & {id: string}} */
export const withIdentity = (document, id) => ({ ...document, id })

/** A template becomes a document of its own. @param {WorkflowDocument} template */
export const copyOf = (template) => ({ ...template, id: newIdentity() })

/** Nothing is drawn of it: neither nodes nor frames nor notes. @param {Store} store */
export const showsNothing = (store) => !store.nodes().length && !store.carried('frames').length && !store.carried('notes').length

/**
 * Puts another document in the place of this one, as one undo entry.
 * @param {Store} store @param {WorkflowDocument} document
 */
export const replaceDocument = (store, document) => {
  const read = readDocument(identified(document))
  store.goInto([])
  store.edit(`Open ${document.title || 'workflow'}`, (tx) => {
    for (const link of [...store.links()]) tx.remove('links', link.id)
    for (const node of [...store.nodes()]) tx.remove('nodes', node.id)
    for (const { id } of [...store.subgraphs()]) forget(store, tx, id)
    for (const table of /** @type {const} */ (['frames', 'notes', 'parameters'])) {
      for (const record of [...store.carried(table)]) tx.remove(table, record.id)
    }
    for (const definition of read.subgraphs) putDefinition(store, tx, definition)
    for (const table of TABLES) for (const record of read[table]) tx.put(table, /** @type {any} */ (record))
    tx.put('meta', read.meta)
  })
}

/** @param {string} title */
const fileName = (title) => `${title.trim().replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-+|-+$/g, '') || 'workflow'}.json`

/** Hands the document to the browser as a file. @param {WorkflowDocument} workflow */
export const downloadDocument = (workflow) => downloadText(JSON.stringify(workflow, null, 2), fileName(workflow.title ?? ''))

/** @param {string} text JSON @param {string} name @returns {string} the name */
export const downloadText = (text, name) => {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  const anchor = Object.assign(document.createElement('a'), { href: url, download: name })
  anchor.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
  return anchor.download
}

/** Asks for a file. @param {string} accept @returns {Promise<File | null>} */
export const askForFile = (accept) =>
  new Promise((resolve) => {
    const input = Object.assign(document.createElement('input'), { type: 'file', accept })
    input.onchange = () => resolve(input.files?.[0] ?? null)
    input.oncancel = () => resolve(null)
    input.click()
  })
