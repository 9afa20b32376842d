// Starting and stopping runs, and what people are told about them.

import { announce, toast } from '../panels/toasts.js'
import { ApiError, cancelRun, startRun } from '../run/api.js'
import { clientOf } from './app.js'
import { complain } from './opening.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../run/connection.js').RunEvent} RunEvent */

/**
 * @param {App} app
 * @param {{targets?: string[], showProblems: () => void}} options targets: run only up to these nodes
 */
export const run = async (app, { targets, showProblems }) => {
  try {
    await startRun(app.store.toJSON(), { client: clientOf(app.documentId), ...(targets ? { targets } : {}) })
    app.shownRun = null
    announce('The run waits in the queue')
  } catch (error) {
    if (!(error instanceof ApiError) || !error.problems.length) {
      complain('The run did not start', error)
      return
    }
    app.plan.refuse(error.problems)
    showProblems()
    announce(`The run did not start: ${error.problems.length} problems. ${error.problems[0]?.message}`)
  }
}

/** Cancels the run that works, else the one that would come next. @param {App} app */
export const cancel = async (app) => {
  const target = app.session.running ?? app.session.active[0]
  if (target) await cancelById(target.id)
}

/** @param {string} run */
export const cancelById = async (run) => {
  try {
    await cancelRun(run)
  } catch (error) {
    complain('The run was not cancelled', error)
  }
}

/** Tells what just happened. @param {App} app @param {RunEvent} event @param {() => void} showProblems */
export const tell = (app, event, showProblems) => {
  const ended = event.type === 'RunFinished' ? app.session.runs.get(event.run) : undefined
  if (event.type === 'RunStarted') announce('The run has started')
  if (!ended) return
  const problem = ended.problems[0]
  if (ended.status === 'failed') {
    toast(problem?.message ?? 'The run failed', { kind: 'error', actions: [{ label: 'Show', run: showProblems }] })
  } else if (ended.status === 'cancelled') announce('The run was cancelled')
  else announce(`The run is done after ${(ended.seconds ?? 0).toFixed(1)} seconds`)
}
