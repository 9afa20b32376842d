// What a node's run and plan amount to in one word, and in the few words beside its title.

import { bytesText } from './look_words.js'

/** @typedef {import('./overlay_types.js').NodeRun} NodeRun */
/** @typedef {'running' | 'waiting' | 'failed' | 'cancelled' | 'skipped' | 'will_run' | 'blocked' | 'cached' | 'done'} NodeState */

/**
 * The run under way comes first, then failures, then what the live plan expects of the next one. Right after a run its
 * times are shown; once an edit makes something run again, what stays known looks cached. What was skipped says so until
 * the next run, which makes it.
 * @param {NodeRun | undefined} run @param {boolean} [hasWork] the live plan would run something @returns {NodeState | null}
 */
export const nodeState = (run, hasWork = false) => {
  if (!run) return null
  if (run.run === 'running' || run.run === 'waiting' || run.run === 'failed') return run.run
  if (run.run === 'skipped' && run.plan !== 'cached' && run.plan !== 'blocked') return 'skipped'
  if (run.plan === 'will_run' || run.plan === 'blocked') return run.plan
  if (run.run === 'done' && run.seconds !== undefined && !(hasWork && run.plan === 'cached')) return 'done'
  if (run.plan === 'cached' || run.run === 'cached') return 'cached'
  return run.run ?? null
}

/** @param {NodeRun} run @param {NodeState} state */
export const stateText = (run, state) => {
  if (state === 'running') return run.progress && run.progress.total > 1 ? progressText(run.progress) : ''
  if (state === 'done') return secondsText(run.seconds ?? 0)
  return { cached: 'cached', waiting: '', failed: '', cancelled: 'stopped', skipped: 'skipped', will_run: '', blocked: '' }[state]
}

/** `7/20 · 3.2/s · 4 s`: how far, how fast, how long still. @param {NonNullable<NodeRun['progress']>} progress */
const progressText = ({ done, total, rate }) => [`${done}/${total}`, ...(rate ? [paceText(rate), secondsText(Math.max(0, total - done) / rate)] : [])].join(' · ')

/** Slow steps are told by what one takes. @param {number} rate */
const paceText = (rate) => (rate >= 1 ? `${rate < 9.95 ? rate.toFixed(1) : Math.round(rate)}/s` : `${secondsText(1 / rate)} each`)

/** @type {Record<NodeState, string>} */
const SAID = {
  running: 'Running', waiting: 'Waits for its turn', failed: 'Failed', cancelled: 'Was stopped', skipped: 'Was skipped', will_run: 'Will run', blocked: 'Cannot run',
  cached: 'Known already', done: 'Has run',
}

/** The state in a sentence, with the plan's reason and what the last run took. @param {NodeRun} run @param {NodeState} state @returns {string[]} */
export const stateSentences = (run, state) => {
  const seconds = run.seconds ?? run.lastSeconds
  const isNext = state === 'skipped' && run.plan === 'will_run'
  return [
    ...(state === 'skipped' ? [run.because ? `Was skipped: it needs ${run.because}` : SAID.skipped] : []),
    ...(state !== 'skipped' || isNext ? [plannedSentence(run, isNext ? 'will_run' : state)] : []),
    ...(seconds !== undefined && state !== 'running' ? [`Took ${secondsText(seconds)}${state === 'done' ? '' : ' last time'}`] : []),
    ...(state === 'cached' || state === 'done' ? heldSentences(run) : []),
    ...(run.mapped ? ['Is called for each item of its list'] : []),
  ]
}

/** @param {NodeRun} run @param {NodeState} state */
const plannedSentence = ({ plan, reason }, state) => SAID[state] + (reason && state === plan && state !== 'cached' ? `: ${reason}` : '')

/** Where the result lies and what it holds, and what making it needed. @param {NodeRun} run */
const heldSentences = ({ kept, bytes, memory }) => [
  ...(kept ? [`${bytesText(kept.bytes)} ${kept.where === 'disk' ? 'on disk' : 'in memory'}, made ${agoText(kept.age)}`] : bytes ? [`Gave ${bytesText(bytes)}`] : []),
  ...(memory?.device ? [`Needed up to ${bytesText(memory.device)} of the device`] : memory?.host ? [`The program held up to ${bytesText(memory.host)}`] : []),
]

/** @param {number} seconds */
const agoText = (seconds) => {
  if (seconds < 10) return 'just now'
  if (seconds < 3600) return seconds < 100 ? `${Math.round(seconds)} s ago` : `${Math.round(seconds / 60)} min ago`
  return seconds < 48 * 3600 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86400)} days ago`
}

/** @param {number} seconds */
export const secondsText = (seconds) => {
  if (seconds < 0.0995) return `${Math.max(1, Math.round(seconds * 1000))} ms`
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  return seconds < 99.5 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}
