// What commands may touch: every long-lived thing of the page, made once by main.js.

/** @typedef {import('../document/catalog.js').Catalog} Catalog */
/** @typedef {import('../document/selection.js').Selection} Selection */
/** @typedef {import('../document/store.js').Store} Store */
/** @typedef {import('../run/plan.js').LivePlan} LivePlan */
/** @typedef {import('../run/runs.js').Run} Run */
/** @typedef {import('../run/session.js').Session} Session */
/**
 * @typedef {object} App
 * @property {Store} store
 * @property {Selection} selection
 * @property {Session} session
 * @property {import('./autosave.js').Autosave} autosave
 * @property {LivePlan} plan
 * @property {ReturnType<typeof import('../tools/editor.js').mountEditor>} editor
 * @property {Catalog} catalog the newest one
 * @property {string} documentId runs carry it as their client
 * @property {import('./tabs.js').Tabs} tabs
 * @property {import('./auto_run.js').AutoRun} autoRun
 * @property {import('./looking.js').Looking} looking
 * @property {import('../canvas/heat.js').HeatKind} heat what is told over all nodes
 * @property {string | null} shownRun the run whose results the nodes show; null: the newest of this document
 * @property {Map<string, number>} turns of zones, that are looked at; all where none is named
 * @property {() => void} refresh draw everything about runs again, in the next frame
 * @property {() => Promise<void>} reloadCatalog
 */

/** Who starts runs of a document. @param {string} documentId */
export const clientOf = (documentId) => `editor:${documentId}`

/** The runs of the open document, oldest first, up to the one that it was restored from. @param {App} app @returns {Run[]} */
export const ownRuns = ({ session, documentId, shownRun }) => {
  const client = clientOf(documentId)
  const last = shownRun === null ? Infinity : (session.runs.get(shownRun)?.seq ?? Infinity)
  return [...session.runs.values()].filter((run) => run.client === client && run.seq <= last).sort((a, b) => a.seq - b.seq)
}
