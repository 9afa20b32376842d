// What is said of a run that begins or ends, in the window that has its document open; what others run, the queue alone tells.

/** @typedef {import('./connection.js').RunEvent} RunEvent */
/** @typedef {import('./runs.js').Run} Run */
/** @typedef {{tab: number, said: string, failed: boolean, ended: boolean}} Told */

/**
 * @param {RunEvent} event @param {Run | undefined} run
 * @param {{clients: readonly string[], active: number}} tabs who starts runs of each open document, and which one is seen
 * @returns {Told | null}
 */
export const toldOf = ({ type }, run, { clients, active }) => {
  const tab = run ? clients.indexOf(run.client) : -1
  if (!run || tab < 0 || (type !== 'RunStarted' && type !== 'RunFinished')) return null
  const ended = type === 'RunFinished'
  const failed = ended && run.status === 'failed'
  const text = !ended ? 'The run has started' : failed ? run.problems[0]?.message ?? 'The run failed'
    : run.status === 'cancelled' ? 'The run was cancelled' : `The run is done after ${(run.seconds ?? 0).toFixed(1)} seconds`
  return { tab, said: tab === active ? text : `${run.title || 'Untitled'}: ${text}`, failed, ended }
}
