// Leaving cells of a running sweep out, telling what became of it, and making them after all.

import { announce, toast } from '../panels/toasts.js'
import { fetchRun, skipSteps, startRun } from '../run/api.js'
import { placeWords, workingCell } from '../run/cells.js'
import { complain } from './opening.js'
import { titleOfAddress } from './subgraphs.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../run/connection.js').RunEvent} RunEvent */
/** @typedef {import('../run/pivot.js').Coordinate} Coordinate */

/** @param {string} run @param {Coordinate} coordinate */
export const skipCell = async (run, coordinate) => {
  announce(`Skipping ${placeWords(coordinate)}`)
  try {
    await skipSteps(run, { coordinate })
  } catch (error) {
    complain('Nothing was skipped', error)
  }
}

/** Skips the cell that the run works at, and goes on with the others. @param {App} app */
export const skipWorking = async ({ session: { running } }) => {
  const cell = workingCell(running)
  if (running && cell) await skipCell(running.id, cell)
}

/** Runs the same once more: what is there is known, so that only what was skipped is made. @param {string} run @returns {Promise<string | null>} the new run */
export const makeSkipped = async (run) => {
  try {
    const { document, targets, client } = await fetchRun(run)
    const queued = await startRun(document, { client, ...(targets ? { targets } : {}) })
    announce('The run waits in the queue')
    return queued.run
  } catch (error) {
    complain('The run did not start', error)
    return null
  }
}

/** Tells that a cell is skipped, and by name what cannot be made without it. @param {App} app @param {RunEvent} event */
export const tellSkipped = (app, { run, step, node = step, coordinate = {}, because }) => {
  const needed = because && app.session.runs.get(run)?.steps.get(because)
  const lacking = Object.keys((needed && needed.coordinate) || {}).some((axis) => !(axis in coordinate))
  if (needed && lacking) toast(`${titleOfAddress(app, node)} is skipped too: it needs ${titleOfAddress(app, needed.node ?? because)} at ${placeWords(needed.coordinate ?? {})}`)
  else if (Object.keys(coordinate).length) announce(`${placeWords(coordinate)} is skipped`)
}
