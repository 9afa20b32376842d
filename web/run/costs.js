// What nodes have cost when they last ran, and what that says about the run to come.

/** @typedef {import('./connection.js').RunEvent} RunEvent */
/** @typedef {import('./api.js').PlannedStep} PlannedStep */
/** @typedef {import('./runs.js').Run} Run */
/** @typedef {{run: string, seconds: number, bytes: number, memory?: {host?: number, device?: number}}} Cost bytes: of its outputs; memory: the most that the program held meanwhile */
/** @typedef {{seconds: number, unknown: number}} Estimate unknown: how many steps nobody has measured */

/** Notes a StepFinished under its node; the instances of a sweep are added up. @param {Map<string, Cost>} costs @param {RunEvent} event */
export const noteCost = (costs, { run, step, node = step, seconds = 0, bytes = 0, memory }) => {
  const known = costs.get(node)
  if (known?.run !== run) return void costs.set(node, { run, seconds, bytes, ...(memory ? { memory } : {}) })
  const most = { host: Math.max(known.memory?.host ?? 0, memory?.host ?? 0), device: Math.max(known.memory?.device ?? 0, memory?.device ?? 0) }
  costs.set(node, { run, seconds: known.seconds + seconds, bytes: known.bytes + bytes, ...(most.host || most.device ? { memory: most } : {}) })
}

/** What the planned steps will take, by what they took. @param {readonly PlannedStep[]} planned @param {ReadonlyMap<string, number>} seconds by step and node @returns {Estimate | null} null: nothing will run */
export const estimateOf = (planned, seconds) => {
  const due = planned.filter(({ state }) => state === 'will_run')
  return due.length ? added(due.map((step) => usualSeconds(seconds, step.id, step.node))) : null
}

/** What a run still needs: of a step at work, by its pace. @param {Run} run @param {ReadonlyMap<string, number>} seconds by step @param {number} now performance.now() @returns {Estimate} */
export const remainingOf = (run, seconds, now) => {
  const left = []
  for (const [id, { state, progress, startedAt, node }] of run.steps) {
    const known = usualSeconds(seconds, id, node)
    if (state === 'waiting') left.push(known)
    if (state !== 'running') continue
    if (progress?.rate) left.push((progress.total - progress.done) / progress.rate)
    else left.push(known === undefined ? undefined : Math.max(0, known - (now - (startedAt ?? now)) / 1000))
  }
  return added(left)
}

/** What a step took; of a new value of a sweep, what another one of its node took. @param {ReadonlyMap<string, number>} seconds @param {string} id @param {string} [node] */
const usualSeconds = (seconds, id, node) => seconds.get(id) ?? (node === undefined ? undefined : seconds.get(node))

/** @param {readonly (number | undefined)[]} parts @returns {Estimate} */
const added = (parts) => ({ seconds: parts.reduce((/** @type {number} */ sum, part) => sum + (part ?? 0), 0), unknown: parts.filter((part) => part === undefined).length })
