// Leaving cells of a running sweep out, telling what became of it, and making them after all.

import { announce, toast } from '../panels/toasts.js'
import { fetchRun, skipSteps, startRun } from '../run/api.js'
import { lackingOf, placeWords, workingCell } from '../run/cells.js'
import { turnWords, workingTurn } from '../run/turns.js'
import { ownRuns } from './app.js'
import { complain } from './opening.js'
import { addressOf } from '../document/addresses.js'
import { titleOfAddress, zoneHere } from './subgraphs.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../run/connection.js').RunEvent} RunEvent */
/** @typedef {import('../run/pivot.js').Coordinate} Coordinate */

/** @param {string} run @param {Coordinate} coordinate */
export const skipCell = (run, coordinate) => skip(run, { coordinate }, placeWords(coordinate))

/** @param {string} run @param {Parameters<typeof skipSteps>[1]} what @param {string} said */
const skip = async (run, what, said) => {
  announce(`Skipping ${said}`)
  try {
    await skipSteps(run, what)
  } catch (error) {
    complain('Nothing was skipped', error)
  }
}

/** Skips the cell that the run works at, and goes on with the others. @param {App} app */
export const skipWorking = async ({ session: { running } }) => {
  const cell = workingCell(running)
  if (running && cell) await skipCell(running.id, cell)
}

/** The run of this workflow that works. @param {App} app */
const working = (app) => ownRuns(app).find(({ status }) => status === 'running')

/** What runs call the only selected node, else the zone whose inside is shown; null where neither is meant. @param {App} app */
const meant = (app) => {
  const { path } = app.store
  const [id, ...others] = app.selection.nodes
  if (id !== undefined) return others.length ? null : addressOf(path, id)
  return path.length ? zoneHere(app) : null
}

/** The turn in which what is meant works; of a zone that is looked at, that of the turn that is shown. @param {App} app @param {string | null} [address] */
export const turnToSkip = (app, address = meant(app)) => {
  const run = working(app)
  const coordinate = address === null ? null : workingTurn(run, address, app.turns)
  return run && coordinate ? { run, coordinate } : null
}

/** Leaves a turn out, and goes on with the others where the zone can. @param {ReturnType<typeof turnToSkip>} found */
export const skipTurn = async (found) => {
  if (found) await skip(found.run.id, { coordinate: found.coordinate }, turnWords(found.run, found.coordinate))
}

/** The button beside the turns of the zone whose inside is shown. @param {App} app @returns {import('../panels/breadcrumb.js').ShownTurns['skip']} */
export const skipOfTurn = (app) => {
  const zone = app.store.path.length ? zoneHere(app) : null
  const found = zone === null ? null : turnToSkip(app, zone)
  return found && { label: `Skip ${turnWords(found.run, found.coordinate)} and go on with the others`, run: () => void skipTurn(found) }
}

/** Whether the run that works has still to make something of the only selected node. @param {App} app */
export const nodeToSkip = (app) => {
  const [run, address] = [working(app), meant(app)]
  const isLeft = run && app.selection.nodes.size === 1 && [...run.steps].some(([id, { node = id, state }]) => (node === address || node.startsWith(`${address}/`)) && (state === 'running' || state === 'waiting'))
  return run && isLeft && address !== null ? { run, address } : null
}

/** Leaves a node out, with what is needed for it alone and what needs it. @param {App} app */
export const skipNode = async (app) => {
  const found = nodeToSkip(app)
  if (found) await skip(found.run.id, { node: found.address }, titleOfAddress(app, found.address))
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
  else if (known && Object.keys(coordinate).length) announce(`${turnWords(known, coordinate)} is skipped`)
}
