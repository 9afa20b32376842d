// Events folded into runs: what the server's log says about every run, as plain records.

/** @typedef {import('../document/catalog.js').Problem} Problem */
/** @typedef {import('./api.js').Artifact} Artifact */
/** @typedef {import('./connection.js').RunEvent} RunEvent */
/** @typedef {'waiting' | 'cached' | 'running' | 'done' | 'failed' | 'cancelled' | 'skipped'} StepState */
/** @typedef {'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'} RunStatus */
/**
 * @typedef {object} Step
 * @property {StepState} state
 * @property {{done: number, total: number, rate?: number, from?: {done: number, at: number}}} [progress] rate: a second, since `from`
 * @property {number} [seconds]
 * @property {number} [startedAt] performance.now() when the event came
 * @property {ImageBitmap} [preview] the newest, also after the step's end, until a later run has one
 * @property {readonly Artifact[]} artifacts
 * @property {string} [node] of a sweep: which node this is an instance of,
 * @property {Record<string, unknown>} [coordinate] and where
 * @property {string} [because] of one that is skipped: the skipped step that it needs
 * @property {boolean} [turn] of a zone: nobody knows beforehand how many there will be
 */
/**
 * @typedef {object} Run
 * @property {string} id
 * @property {number} seq of its RunQueued: runs in this order are runs in time
 * @property {number} time seconds since 1970
 * @property {string} title
 * @property {string} client
 * @property {RunStatus} status
 * @property {Map<string, Step>} steps
 * @property {Problem[]} problems
 * @property {number} [seconds]
 * @property {number} priority what waits runs by falling priority,
 * @property {number} place then by rising place
 */

/** @param {Run} run */
export const isActive = (run) => run.status === 'queued' || run.status === 'running'

/** @param {RunEvent} event @returns {Run} */
const queued = (event) => ({
  id: event.run, seq: event.seq, time: event.time, title: event.title ?? '', client: event.client ?? '',
  status: 'queued', problems: [], priority: event.priority ?? 0, place: event.place ?? event.seq,
  steps: queuedSteps(event),
})

/** A run that the log tells whole, without its events. @param {import('./api.js').PastRun} past @returns {Run} */
export const fromHistory = ({ id, seq, title, client, status, queued: time, seconds, priority, place, problems, artifacts }) => {
  /** @type {Map<string, Step>} */
  const steps = new Map()
  for (const artifact of artifacts) steps.set(artifact.step, { state: 'done', ...(artifact.node ? { node: artifact.node, coordinate: artifact.coordinate } : {}), artifacts: [...steps.get(artifact.step)?.artifacts ?? [], artifact] })
  return { id, seq, title, client, status, time, priority, place, problems, steps, ...(seconds === null ? {} : { seconds }) }
}

/** @param {RunEvent} event @returns {Map<string, Step>} */
const queuedSteps = ({ steps = [] }) => new Map(steps.map((/** @type {[string, string, {node: string, coordinate?: Record<string, unknown>}?]} */ [id, state, at]) =>
  [id, { state: state === 'cached' ? 'cached' : 'waiting', artifacts: [], ...(at ? { node: at.node, coordinate: at.coordinate } : {}) }]))

/** The order in which they run: what works, then by priority and place. @param {Run} a @param {Run} b */
export const byTurn = (a, b) => Number(b.status === 'running') - Number(a.status === 'running') || b.priority - a.priority || a.place - b.place || a.seq - b.seq

/** A turn of a zone is heard of when it begins: its events say which node it is an instance of. @param {Run} run @param {RunEvent} event @param {Partial<Step>} change */
const changeStep = (run, { step: id, node, coordinate }, change) => {
  const step = run.steps.get(id) ?? { state: 'waiting', artifacts: [], ...(node ? { node, coordinate, turn: true } : {}) }
  run.steps.set(id, { ...step, ...change })
}

/** How far a step is, and its pace since the first that was heard: what came before loads models. @param {Step['progress']} known @param {{done: number, total: number}} told @param {number} now */
const paced = (known, { done, total }, now) => {
  const from = known?.from && known.from.done <= done ? known.from : { done, at: now }
  const seconds = (now - from.at) / 1000
  return { done, total, from, ...(done > from.done && seconds > 0 ? { rate: (done - from.done) / seconds } : {}) }
}

/** What each event does to its run. @type {Record<string, (run: Run, event: RunEvent, now: number) => void>} */
const EFFECTS = {
  RunMoved: (run, { priority, place }) => Object.assign(run, { priority, place }),
  RunEdited: (run, event) => Object.assign(run, { title: event.title ?? run.title, steps: queuedSteps(event) }),
  RunInterrupted: (run) => {
    run.status = 'queued'
    for (const [id, { node, coordinate, turn }] of run.steps) {
      if (turn) run.steps.delete(id) // It is told of again when it begins.
      else run.steps.set(id, { state: 'waiting', artifacts: [], ...(node ? { node, coordinate } : {}) })
    }
  },
  RunStarted: (run) => {
    run.status = 'running'
  },
  StepStarted: (run, event, now) => changeStep(run, event, { state: 'running', startedAt: now }),
  StepCached: (run, event) => changeStep(run, event, { state: 'cached', artifacts: event.artifacts ?? [] }),
  StepProgress: (run, event, now) => changeStep(run, event, { progress: paced(run.steps.get(event.step)?.progress, { done: event.done, total: event.total }, now) }),
  StepFinished: (run, event) =>
    changeStep(run, event, { state: 'done', seconds: event.seconds, artifacts: event.artifacts ?? [], progress: undefined }),
  StepSkipped: (run, event) => changeStep(run, event, { state: 'skipped', progress: undefined, startedAt: undefined, ...(event.because ? { because: event.because } : {}) }),
  StepWarned: (run, { problem }) => {
    if (problem) run.problems.push(problem)
  },
  StepFailed: (run, event) => {
    const { problem } = event
    changeStep(run, event, { state: 'failed', progress: undefined })
    if (problem) run.problems.push(problem)
  },
  RunFinished: (run, event) => finish(run, event),
}

/** @param {Run} run @param {RunEvent} event */
const finish = (run, event) => {
  run.status = event.status
  run.seconds = event.seconds
  for (const problem of event.problems ?? []) {
    const known = run.problems.some(({ code, node, input }) =>
      code === problem.code && node === problem.node && input === problem.input)
    if (!known) run.problems.push(problem)
  }
  for (const [id, step] of run.steps) {
    const stopped = step.state === 'running' || (step.state === 'waiting' && event.status !== 'succeeded')
    if (stopped) run.steps.set(id, { ...step, state: 'cancelled', progress: undefined, seconds: undefined, startedAt: undefined })
  }
}

/**
 * @param {Map<string, Run>} runs
 * @param {RunEvent} event
 * @param {number} now performance.now()
 * @returns {Run | null} the run that changed
 */
export const applyEvent = (runs, event, now) => {
  if (event.type === 'RunQueued') runs.set(event.run, queued(event))
  const run = runs.get(event.run)
  if (!run) return null
  EFFECTS[event.type]?.(run, event, now)
  return run
}

/**
 * How far a run is, from 0 to 1; a step weighs its seconds of last time.
 * @param {Run} run
 * @param {ReadonlyMap<string, number>} seconds by node id
 */
export const progressOf = (run, seconds) => {
  let total = 0
  let done = 0
  for (const [id, step] of run.steps) {
    if (step.state === 'cached' || step.state === 'skipped') continue
    const weight = seconds.get(id) ?? seconds.get(step.node ?? id) ?? (step.progress ? 5 : 1)
    total += weight
    if (step.state === 'done') done += weight
    else if (step.progress) done += (weight * step.progress.done) / Math.max(1, step.progress.total)
  }
  return total === 0 ? 0 : done / total
}

/** Every picture of a run, in the order of its steps. @param {Run} run @returns {Artifact[]} */
export const picturesOf = (run) =>
  [...run.steps.values()].flatMap(({ artifacts, node, coordinate }) => artifacts.filter(({ kind, hidden }) => kind === 'image' && !hidden)
    .map((artifact) => (coordinate && Object.keys(coordinate).length ? { ...artifact, node, coordinate } : artifact)))
