// What a node's run and plan amount to in one word, and in the few words beside its title.

/** @typedef {import('./overlay_types.js').NodeRun} NodeRun */
/** @typedef {'running' | 'waiting' | 'failed' | 'cancelled' | 'will_run' | 'blocked' | 'cached' | 'done'} NodeState */

/**
 * The run under way comes first, then failures, then what the live plan expects of the next one. Right after a run its
 * times are shown; once an edit makes something run again, what stays known looks cached.
 * @param {NodeRun | undefined} run @param {boolean} [hasWork] the live plan would run something @returns {NodeState | null}
 */
export const nodeState = (run, hasWork = false) => {
  if (!run) return null
  if (run.run === 'running' || run.run === 'waiting' || run.run === 'failed') return run.run
  if (run.plan === 'will_run' || run.plan === 'blocked') return run.plan
  if (run.run === 'done' && run.seconds !== undefined && !(hasWork && run.plan === 'cached')) return 'done'
  if (run.plan === 'cached' || run.run === 'cached') return 'cached'
  return run.run ?? null
}

/** @param {NodeRun} run @param {NodeState} state */
export const stateText = (run, state) => {
  if (state === 'running') return run.progress && run.progress.total > 1 ? `${run.progress.done}/${run.progress.total}` : ''
  if (state === 'done') return secondsText(run.seconds ?? 0)
  return { cached: 'cached', waiting: '', failed: '', cancelled: 'stopped', will_run: '', blocked: '' }[state]
}

/** @type {Record<NodeState, string>} */
const SAID = {
  running: 'Running', waiting: 'Waits for its turn', failed: 'Failed', cancelled: 'Was stopped', will_run: 'Will run', blocked: 'Cannot run',
  cached: 'Known already', done: 'Has run',
}

/** The state in a sentence, with the plan's reason and what the last run took. @param {NodeRun} run @param {NodeState} state @returns {string[]} */
export const stateSentences = (run, state) => {
  const seconds = run.seconds ?? run.lastSeconds
  const planned = state === run.plan && run.reason ? run.reason : ''
  return [
    SAID[state] + (planned && state !== 'cached' ? `: ${planned}` : ''),
    ...(seconds !== undefined && state !== 'running' ? [`Took ${secondsText(seconds)}${state === 'done' ? '' : ' last time'}`] : []),
  ]
}

/** @param {number} seconds */
export const secondsText = (seconds) => {
  if (seconds < 0.0995) return `${Math.max(1, Math.round(seconds * 1000))} ms`
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  return seconds < 99.5 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}
