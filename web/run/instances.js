// The steps of a sweep, or of a zone's turns, seen as their nodes: many instances, one state, one count, all pictures.

/** @typedef {import('./api.js').PlannedStep} PlannedStep */
/** @typedef {import('./runs.js').Step} Step */
/** @typedef {import('./runs.js').StepState} StepState */
/** @typedef {ReadonlyMap<string, number>} Turns the turn of a zone that is looked at, by the zone's name in runs */

/** @type {Turns} */
const NONE = new Map()

/** The first that any instance has is the node's; what is done comes before what was known. @type {readonly StepState[]} */
const STRONGEST = ['running', 'failed', 'waiting', 'cancelled', 'done', 'cached', 'skipped']
/** @type {readonly PlannedStep['state'][]} */
const PLANNED = ['blocked', 'will_run', 'cached']

/**
 * The steps of a run by node, each with its instances; of a run without any the very same map.
 * @param {ReadonlyMap<string, Step>} steps @param {Turns} [turns] of zones: only steps of these
 * @returns {ReadonlyMap<string, Step>}
 */
export const stepsByNode = (steps, turns = NONE) => {
  if (!hasInstances(steps)) return steps
  /** @type {Map<string, Step[]>} */
  const nodes = new Map()
  for (const [id, step] of steps) {
    if (isOfOther(step, turns)) continue
    const node = step.node ?? id
    const known = nodes.get(node)
    if (known) known.push(step)
    else nodes.set(node, [step])
  }
  return new Map([...nodes].map(([node, instances]) => [node, merged(instances)]))
}

/** @param {ReadonlyMap<string, Step>} steps */
const hasInstances = (steps) => {
  for (const { node } of steps.values()) if (node !== undefined) return true
  return false
}

/** Whether a step belongs to another turn than the one that is looked at. @param {Step} step @param {Turns} turns */
const isOfOther = ({ coordinate }, turns) => {
  for (const [zone, turn] of turns) if (coordinate?.[zone] !== undefined && coordinate[zone] !== turn) return true
  return false
}

/** @param {Step[]} instances @returns {Step} */
const merged = (instances) => {
  const [only] = instances
  if (only && instances.length === 1) return only
  const has = new Set(instances.map(({ state }) => state))
  const busy = instances.find(({ state }) => state === 'running')
  const ended = instances.filter(({ state }) => state === 'done' || state === 'cached' || state === 'failed' || state === 'skipped').length
  const started = has.has('running') || (ended > 0 && has.has('waiting'))
  const seconds = instances.reduce((sum, step) => sum + (step.seconds ?? 0), 0)
  return {
    state: started ? 'running' : STRONGEST.find((state) => has.has(state)) ?? 'waiting',
    progress: !started ? undefined : only?.turn ? busy?.progress : { done: ended, total: instances.length },
    seconds: has.has('done') ? seconds : undefined,
    startedAt: busy?.startedAt,
    preview: (busy ?? instances.findLast(({ preview }) => preview))?.preview,
    artifacts: instances.flatMap(({ artifacts }) => artifacts),
  }
}

/** A live plan by node: what any instance must do, and why. @param {readonly PlannedStep[]} planned @returns {readonly PlannedStep[]} */
export const plannedByNode = (planned) => {
  if (planned[0]?.node === undefined) return planned
  /** @type {Map<string, PlannedStep[]>} */
  const nodes = new Map()
  for (const step of planned) {
    const node = step.node ?? step.id
    const known = nodes.get(node)
    if (known) known.push(step)
    else nodes.set(node, [step])
  }
  return [...nodes].map(([id, instances]) => {
    const state = PLANNED.find((wanted) => instances.some((step) => step.state === wanted)) ?? 'cached'
    const same = instances.filter((step) => step.state === state)
    const [{ reason } = { reason: null }] = same
    const count = state === 'will_run' && instances.length > 1 ? `${same.length} of ${instances.length}` : ''
    return { id, state, reason: count && reason ? `${count}: ${reason}` : reason }
  })
}
