// The states of the open document that were run or marked, and the way back to each.

import { currentDocument } from '../document/current_document.js'
import { diffLines } from '../document/document_diff.js'
import { openVersions } from '../panels/versions.js'
import { toast } from '../panels/toasts.js'
import { stillWanted } from '../panels/wanted.js'
import { artifactUrl } from '../run/api.js'
import { picturesOf } from '../run/runs.js'
import { clientOf } from './app.js'
import { copyOf, withIdentity } from './documents.js'
import { complain, openDocument } from './opening.js'
import { past } from './results.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../document/workflow_format.js').WorkflowDocument} WorkflowDocument */
/** @typedef {{label: string, time: number, document: WorkflowDocument}} Mark time: milliseconds since 1970 */
/** @typedef {import('../panels/versions.js').Version} Version */

const PREFIX = 'tessera.versions.'
const MARKS = 30
const RUNS = 60

/** @param {string} id @returns {Mark[]} newest first */
const marksOf = (id) => {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + id) ?? '[]')
  } catch {
    return [] // Written by hand or by another program.
  }
}

/** Keeps the document as it is now. @param {App} app */
export const markVersion = (app) => {
  const document = app.store.toJSON()
  const mark = { label: `Marked: ${document.title ?? 'Untitled'}`, time: Date.now(), document }
  try {
    localStorage.setItem(PREFIX + app.documentId, JSON.stringify([mark, ...marksOf(app.documentId)].slice(0, MARKS)))
    toast('This version is kept', { actions: [{ label: 'Versions', run: () => void showVersions(app) }] })
  } catch (error) {
    complain('The version was not kept', error)
  }
}

/** One state run several times is one version: the newest of them. @param {readonly Version[]} versions */
const distinct = (versions) => versions.filter(({ document }, place) => {
  const before = versions[place - 1]
  return !before || contentOf(before.document) !== contentOf(document)
})

/** @param {WorkflowDocument} document */
const contentOf = ({ nodes, links, subgraphs = [] }) => JSON.stringify([nodes.map(({ id, type, inputs, mode }) => [id, type, inputs, mode ?? 'active']), links, subgraphs])

/** @param {App} app @returns {Promise<Version[]>} newest first */
const readVersions = async (app) => {
  const runs = [...app.session.runs.values()].filter(({ client }) => client === clientOf(app.documentId)).sort((a, b) => b.seq - a.seq).slice(0, RUNS)
  /** @type {Map<string, WorkflowDocument>} */
  const documents = new Map()
  await past.readAll(runs.map(({ id }) => id), (run, document) => documents.set(run, document), new AbortController().signal)
  const ran = runs.flatMap((run) => {
    const document = documents.get(run.id)
    const picture = picturesOf(run)[0]
    return document ? [{ label: run.title || 'Untitled', time: run.time * 1000, document, picture: picture ? artifactUrl(picture, { preview: 128 }) : null, run: run.id }] : []
  })
  const marked = marksOf(app.documentId).map((mark) => ({ ...mark, picture: null, run: null }))
  const { renames } = app.catalog
  return distinct([...ran, ...marked].map((version) => ({ ...version, document: currentDocument(version.document, renames) })).sort((a, b) => b.time - a.time))
}

/** @param {App} app */
export const showVersions = async (app) => {
  const { store, catalog } = app
  const titleOf = (/** @type {import('../document/workflow_format.js').NodeRecord} */ node) => node.title || catalog.nodes.get(node.type)?.title || node.type
  const now = store.toJSON()
  const isWanted = stillWanted()
  const versions = await readVersions(app)
  if (!isWanted()) return
  openVersions({
    versions,
    diff: (version) => diffLines(version.document, now, titleOf),
    restore: ({ document, run }) => {
      openDocument(app, withIdentity(document, app.documentId), { said: 'Restored the version' })
      app.shownRun = run
      app.refresh()
    },
    openBeside: ({ document }) => app.tabs.open(copyOf(document)),
  })
}
