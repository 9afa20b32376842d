// The cells of a sweep: what a run has made of each coordinate so far, and at which one it works.

/** @typedef {import('./pivot.js').Coordinate} Coordinate */
/** @typedef {import('./runs.js').Run} Run */
/** @typedef {import('./runs.js').Step} Step */
/** @typedef {'waiting' | 'running' | 'stopping' | 'skipped' | 'failed' | 'cancelled' | 'made' | 'unknown'} CellState stopping: skipped, and still at work; unknown: a run of long ago only tells its pictures */
/** @typedef {{node: string, needed: string, at: Coordinate}} Lacking node, needed: of the document; at: where the needed one lies */
/** @typedef {{state: CellState, progress?: number}} Cell progress: of what works there, from 0 to 1 */

/** The first that any step of a cell has is the cell's. @type {readonly Step['state'][]} */
const STRONGEST = ['waiting', 'failed', 'cancelled', 'skipped']

/**
 * What is known of the place at a coordinate that has a value on each of some axes.
 * @param {Run} run @param {readonly string[]} axes @returns {(coordinate: Coordinate) => Cell}
 */
export const cellsOfRun = ({ steps }, axes) => {
  const keyOf = (/** @type {Coordinate} */ coordinate) => JSON.stringify(axes.map((axis) => coordinate[axis]))
  /** @type {Map<string, Step[]>} */
  const cells = new Map()
  for (const step of steps.values()) {
    const { coordinate } = step
    if (!coordinate || axes.some((axis) => !(axis in coordinate))) continue
    const key = keyOf(coordinate)
    const known = cells.get(key)
    if (known) known.push(step)
    else cells.set(key, [step])
  }
  return (coordinate) => cellOf(cells.get(keyOf(coordinate)) ?? [])
}

/** @param {readonly Step[]} steps @returns {Cell} */
const cellOf = (steps) => {
  if (!steps.length) return { state: 'unknown' }
  const has = new Set(steps.map(({ state }) => state))
  const busy = steps.find(({ state }) => state === 'running')
  if (!busy) {
    const state = STRONGEST.find((each) => has.has(each))
    return { state: state === undefined ? 'made' : /** @type {CellState} */ (state) }
  }
  const { progress } = busy
  return { state: has.has('skipped') ? 'stopping' : 'running', ...(progress && progress.total > 1 ? { progress: progress.done / progress.total } : {}) }
}

/** Whether there is something to skip. @param {Cell} cell */
export const isPending = ({ state }) => state === 'waiting' || state === 'running'

/** The coordinate at which a run works, that of a step which tells its progress before others; null where it works at no cell. @param {Run | undefined} run @returns {Coordinate | null} */
export const workingCell = (run) => {
  const busy = run ? [...run.steps.values()].filter(({ state, coordinate }) => state === 'running' && coordinate && Object.keys(coordinate).length > 0) : []
  if (!run || !busy.length) return null // So it is with most runs, in every frame.
  const axes = sweptAxes(run)
  const cells = busy.map(({ coordinate = {}, progress }) => ({ progress, at: Object.fromEntries(axes.filter((axis) => axis in coordinate).map((axis) => [axis, coordinate[axis]])) }))
    .filter(({ at }) => Object.keys(at).length > 0 && cellsOfRun(run, Object.keys(at))(at).state === 'running')
  return (cells.find(({ progress }) => progress) ?? cells[0])?.at ?? null
}

/** Why a step cannot be made that lies in no skipped cell itself; null where that is not so. @param {Run} run @param {string} step @returns {Lacking | null} */
export const lackingOf = ({ steps }, step) => {
  const { node = step, coordinate = {}, because = '' } = steps.get(step) ?? {}
  const needed = steps.get(because)
  if (!needed || !Object.keys(needed.coordinate ?? {}).some((axis) => !(axis in coordinate))) return null
  return { node, needed: needed.node ?? because, at: needed.coordinate ?? {} }
}

/** All of these. @param {Run} run */
export const lackingIn = (run) => [...run.steps.keys()].flatMap((step) => lackingOf(run, step) ?? [])

/** The axes along which a run is swept; the turns of zones are none. @param {Run} run @returns {string[]} */
const sweptAxes = ({ steps }) =>
  [...new Set([...steps.values()].flatMap(({ coordinate, turn }) => (coordinate && !turn ? Object.keys(coordinate) : [])))]

/** `cfg 6, seed 2`. @param {Coordinate} coordinate */
export const placeWords = (coordinate) => Object.entries(coordinate).map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value) ?? ''}`).join(', ')
