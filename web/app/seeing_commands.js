// Commands about what runs have made: places of the viewer, a branch alone, what was deleted.

import { toast } from '../panels/toasts.js'
import { workingCell } from '../run/cells.js'
import { stopNow } from './running.js'
import { nodeToSkip, skipNode, skipTurn, skipWorking, turnToSkip } from './skipping.js'
import { lastSweep, showSweepGrid } from './sweep_grid.js'
import { targetsOf } from './subgraphs.js'
import { showTrash } from './trash.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('./commands.js').Rows} Rows */

/** @param {App} app @returns {Rows} */
export const seeingCommands = (app) => {
  const { selection, looking } = app
  const one = () => selection.nodes.size === 1
  const bind = (/** @type {import('./looking.js').Slot} */ slot) => async () => {
    if (!(await looking.bind(slot, targetsOf(app)[0] ?? ''))) toast(`${slot} shows nothing yet: run up to the node`)
  }
  return [
    ['view_a', 'See the node in place A', '1', bind('A'), one],
    ['view_b', 'See the node in place B, against A', '2', bind('B'), one],
    ['view', 'See A against B again', 'V', () => looking.view(), () => looking.slots.A !== null || looking.slots.B !== null],
    ['solo', 'Run this branch only, or all again', 'S', () => solo(app), () => selection.nodes.size > 0 || looking.targets !== undefined],
    ['sweep_grid', 'Pictures of the sweep as a grid', 'Shift+T', () => showSweepGrid(app), () => lastSweep(app) !== undefined],
    ['skip_cell', 'Skip the cell of the sweep that works', '', () => skipWorking(app), () => workingCell(app.session.running) !== null],
    ['skip_turn', 'Skip the turn that works, go on with the others', '', () => skipTurn(turnToSkip(app)), () => turnToSkip(app) !== null],
    ['skip_node', 'Skip the node in the run that works', '', () => skipNode(app), () => nodeToSkip(app) !== null],
    ['stop_now', 'Stop now, and hold the queue back', '', () => stopNow(app), () => app.session.running !== undefined],
    ['trash', 'Deleted pictures', '', () => showTrash(app)],
  ]
}

/** @param {App} app */
const solo = (app) => {
  const { looking } = app
  looking.setSolo(targetsOf(app))
  toast(looking.targets ? 'Only this branch runs now' : 'All of the workflow runs again')
}
