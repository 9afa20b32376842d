// The turns of a zone in a run: how each stands, and at which one it works.

/** @typedef {import('./instances.js').Turns} Turns */
/** @typedef {import('./pivot.js').Coordinate} Coordinate */
/** @typedef {import('./runs.js').Run} Run */
/** @typedef {import('./runs.js').Step} Step */
/** @typedef {{turn: number, skipped: boolean}} KnownTurn */

/** Each turn of a zone that a run has told of, and whether it was skipped. @param {Run | undefined} run @param {string} zone as the run calls it @returns {KnownTurn[]} */
export const turnsOf = (run, zone) => {
  /** @type {Map<number, boolean>} */
  const turns = new Map()
  for (const { coordinate, state } of run?.steps.values() ?? []) {
    const turn = coordinate?.[zone]
    if (typeof turn === 'number') turns.set(turn, turns.get(turn) === true || state === 'skipped')
  }
  return [...turns].sort(([a], [b]) => a - b).map(([turn, skipped]) => ({ turn, skipped }))
}

/**
 * The turn in which a node works, or what is in it: one that tells its progress before others; null where it works in none.
 * @param {Run | undefined} run @param {string} address of a node, a zone or what is in one, as the run calls it
 * @param {Turns} [shown] only these turns of zones
 * @returns {Coordinate | null}
 */
export const workingTurn = (run, address, shown = new Map()) => {
  const busy = run ? [...run.steps].filter(([id, { node = id, state, turn, coordinate = {} }]) => turn && state === 'running'
    && (node === address || node.startsWith(`${address}/`)) && [...shown].every(([zone, number]) => !(zone in coordinate) || coordinate[zone] === number)) : []
  const [, step] = busy.find(([, { progress }]) => progress) ?? busy[0] ?? []
  return step?.coordinate ?? null
}

/** Whether an axis counts the turns of a zone: it is called as a step is, and no step but those of turns lies on it. @param {Run} run @param {string} axis */
const isZone = ({ steps }, axis) => [...steps.values()].every(({ coordinate, turn }) => turn || !coordinate || !(axis in coordinate))

/** `cfg 6, turn 3`, as people count turns. @param {Run} run @param {Coordinate} coordinate */
export const turnWords = (run, coordinate) => Object.entries(coordinate).map(([name, value]) =>
  (typeof value === 'number' && isZone(run, name) ? `turn ${value + 1}` : `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)).join(', ')
