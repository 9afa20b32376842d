// Starting and stopping runs, and what people are told about them.

import { locate } from '../document/addresses.js'
import { translate } from '../languages/language.js'
import { announce, toast } from '../panels/toasts.js'
import { toldOf } from '../run/telling.js'
import { ApiError, cancelAllRuns, cancelRun, editRun, fetchRun, moveRun, pauseQueue, retryRun, startRun } from '../run/api.js'
import { clientOf } from './app.js'
import { notifyAway, playEnd } from './notify.js'
import { complain, openDocument } from './opening.js'
import { skipCell, tellSkipped } from './skipping.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../run/connection.js').RunEvent} RunEvent */

/**
 * @param {App} app
 * @param {{targets?: string[], first?: boolean, showProblems: () => void}} options targets: run only up to these nodes; first: before all that waits
 */
export const run = async (app, { targets, first = false, showProblems }) => {
  if (targets?.some((target) => locate(app.store, target)?.path[0]?.node === '')) return toast('No node uses this sub-graph: nothing in it runs')
  try {
    const only = targets ?? app.looking.targets
    const queued = await startRun(app.store.toJSON(), { client: clientOf(app.documentId), ...(only ? { targets: only } : {}) })
    if (first) await moveRun(queued.run, { to: 'front' }).catch(() => {}) // It may have begun already.
    app.shownRun = null
    announce(app.session.paused ? 'The run waits: the queue is paused' : 'The run waits in the queue')
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

/** @param {string} what @param {() => Promise<unknown>} ask */
const order = async (what, ask) => {
  try {
    await ask()
  } catch (error) {
    complain(what, error)
  }
}

/** What the queue's panel asks for. @param {App} app @returns {import('../panels/queue.js').QueueActions} */
export const queueActions = (app) => ({
  cancel: (run) => void cancelById(run),
  cancelAll: () => void cancelAll(app),
  move: (run, place) => void order('The run was not moved', () => moveRun(run, place)),
  retry: (run) => void order('The run was not queued again', () => retryRun(run)),
  pause: (paused) => void pause(app, paused),
  open: (run) => void openWaiting(app, run),
  replace: (run) => void replaceWaiting(app, run),
  stop: () => void stopNow(app),
  skip: (run, coordinate) => void skipCell(run, coordinate),
})

/** What works stops, and nothing more begins until one says so. @param {App} app */
export const stopNow = async (app) => {
  const { running } = app.session
  await pause(app, true)
  if (running) await cancelById(running.id)
}

/** @param {App} app @param {string} run */
const openWaiting = (app, run) => order('The workflow did not open', async () => {
  const { document } = await fetchRun(run)
  openDocument(app, document, { said: `Opened what ${document.title ?? 'the run'} will do; change it, then put it back in the queue` })
})

/** @param {App} app @param {string} run */
const replaceWaiting = (app, run) => order('The run stays as it was', async () => {
  const before = await fetchRun(run)
  await editRun(run, app.store.toJSON())
  toast(`${before.title || 'The run'} will do what this workflow says`, { actions: [{ label: 'Undo', run: () => void order('The run stays as it is', () => editRun(run, before.document)) }] })
})

/** Nothing that waits is started until one says so; what works goes on. @param {App} app @param {boolean} [paused] */
export const pause = (app, paused = !app.session.paused) => order('The queue did not change', async () => {
  await pauseQueue(paused)
  app.session.setPaused(paused)
  announce(paused ? 'The queue is paused' : 'The queue goes on')
})

/** @param {App} app */
export const cancelAll = (app) => order('The runs were not cancelled', async () => {
  const { cancelled } = await cancelAllRuns()
  app.refresh()
  announce(`${cancelled.length} ${cancelled.length === 1 ? 'run was' : 'runs were'} cancelled`)
})

/** Tells what just happened to a workflow that is open here. @param {App} app @param {RunEvent} event @param {() => void} showProblems */
export const tell = (app, event, showProblems) => {
  const { session, tabs } = app
  const run = session.runs.get(event.run)
  const clients = tabs.list.map(({ documentId }, index) => clientOf(index === tabs.active ? app.documentId : documentId))
  if (event.type === 'StepSkipped' && run && clients.includes(run.client)) return tellSkipped(app, event)
  const told = toldOf(event, run, { clients, active: tabs.active })
  if (!run || !told) return
  if (told.ended && !session.active.some(({ client }) => clients.includes(client))) {
    notifyAway(run.title || 'Tessera', translate(run.status === 'succeeded' ? 'The run is done' : run.problems[0]?.message ?? `The run ${run.status}`))
    if (run.status !== 'cancelled') playEnd(run.status === 'succeeded')
  }
  const show = () => {
    tabs.switchTo(told.tab)
    showProblems()
  }
  if (told.failed) toast(told.said, { kind: 'error', actions: [{ label: 'Show', run: show }] })
  else announce(told.said)
}
