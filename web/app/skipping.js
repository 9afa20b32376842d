// Leaving cells of a running sweep out, telling what became of it, and making them after all.

import { announce, toast } from '../panels/toasts.js'
import { fetchRun, skipSteps, startRun } from '../run/api.js'
import { lackingOf, placeWords, workingCell } from '../run/cells.js'
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

/** What cannot be made without a skipped cell, by name. @param {App} app @param {import('../run/cells.js').Lacking} lacking */
export const lackingText = (app, { node, needed, at }) => `${titleOfAddress(app, node)} is skipped too: it needs ${titleOfAddress(app, needed)} at ${placeWords(at)}`

/** Tells that a cell is skipped, and what cannot be made without it. @param {App} app @param {RunEvent} event */
export const tellSkipped = (app, { run, step, coordinate = {} }) => {
  const known = app.session.runs.get(run)
  const lacking = known && lackingOf(known, step)
  if (lacking) toast(lackingText(app, lacking))
  else if (Object.keys(coordinate).length) announce(`${placeWords(coordinate)} is skipped`)
}
