import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cellsOfRun, isPending, lackingIn, placeWords, workingCell } from '../../../web/run/cells.js'
import { axesOf, coordinateAt, firstPivot } from '../../../web/run/pivot.js'
import { buildOverlay } from '../../../web/run/overlay.js'
import { stepsByNode } from '../../../web/run/instances.js'
import { applyEvent, fromHistory, progressOf } from '../../../web/run/runs.js'

const CELLS = [4, 6].flatMap((cfg) => [1, 2].map((seed) => ({ cfg, seed })))
const nameAt = (node, { cfg, seed }) => `${node}[cfg=${cfg},seed=${seed}]`

/** A loader, then a sampler and a save in each cell. */
const queued = { type: 'RunQueued', title: 'T', steps: [['loader', 'will_run', { node: 'loader', coordinate: {} }],
  ...CELLS.flatMap((coordinate) => ['sampler', 'save'].map((node) => [nameAt(node, coordinate), 'will_run', { node, coordinate }]))] }

const at = (type, node, coordinate, more = {}) => ({ type, step: nameAt(node, coordinate), node, coordinate, ...more })

const fold = (...events) => {
  const runs = new Map()
  for (const [index, event] of [queued, { type: 'RunStarted' }, ...events].entries()) applyEvent(runs, { seq: index + 1, time: 1, run: 'r', ...event }, 100)
  return runs.get('r')
}
const [first, second, third] = CELLS
const statesOf = (run) => CELLS.map(cellsOfRun(run, ['cfg', 'seed'])).map(({ state }) => state)

test('a cell waits, works, stops, and is skipped or made', () => {
  assert.deepEqual(statesOf(fold()), ['waiting', 'waiting', 'waiting', 'waiting'])
  const works = [at('StepStarted', 'sampler', first), at('StepProgress', 'sampler', first, { done: 5, total: 20 })]
  assert.deepEqual(cellsOfRun(fold(...works), ['cfg', 'seed'])(first), { state: 'running', progress: 0.25 })
  const stopping = [...works, at('StepSkipped', 'save', first, { because: nameAt('sampler', first) })]
  assert.equal(statesOf(fold(...stopping))[0], 'stopping')
  assert.equal(statesOf(fold(...stopping, at('StepSkipped', 'sampler', first)))[0], 'skipped')
  const made = ['sampler', 'save'].map((node) => at('StepFinished', node, second, { seconds: 1 }))
  assert.deepEqual(statesOf(fold(...made, at('StepFailed', 'sampler', third))), ['waiting', 'made', 'waiting', 'waiting'])
  assert.deepEqual(['waiting', 'running', 'stopping', 'skipped', 'made'].filter((state) => isPending({ state })), ['waiting', 'running'])
})

test('of a run that only tells its pictures nobody knows what became of the other cells', () => {
  const past = fromHistory({ id: 'p', seq: 1, title: 'T', client: '', status: 'succeeded', queued: 1, seconds: 1, priority: 0, place: 1, problems: [],
    artifacts: [{ kind: 'image', step: nameAt('save', first), node: 'save', coordinate: first, name: 'a.png' }] })
  assert.deepEqual(statesOf(past), ['made', 'unknown', 'unknown', 'unknown'])
})

test('what a run works at is the cell whose step tells its progress; no cell that stops, and none without a sweep', () => {
  const works = [at('StepStarted', 'save', first), at('StepStarted', 'sampler', second), at('StepProgress', 'sampler', second, { done: 1, total: 9 })]
  assert.equal(workingCell(undefined), null)
  assert.equal(workingCell(fold({ type: 'StepStarted', step: 'loader' })), null)
  assert.deepEqual(workingCell(fold(works[0])), first)
  assert.deepEqual(workingCell(fold(...works)), second)
  assert.deepEqual(workingCell(fold(...works, at('StepSkipped', 'save', second))), first)
  const turn = { type: 'StepStarted', step: 'z/add[z=1]', node: 'z/add', coordinate: { z: 1 } }
  assert.equal(workingCell(fold(turn)), null)
})

test('what gathers a skipped cell is told with the step that it needs; what lies in the cell is not', () => {
  const skips = [at('StepSkipped', 'sampler', third), at('StepSkipped', 'save', third, { because: nameAt('sampler', third) }),
    { type: 'StepSkipped', step: 'loader', node: 'loader', coordinate: {}, because: nameAt('save', third) }]
  assert.deepEqual(lackingIn(fold(...skips)), [{ node: 'loader', needed: 'save', at: third }])
  assert.deepEqual(lackingIn(fold(skips[0])), [])
})

test('skipped steps are part of no progress, and of a node that has made others nothing is said', () => {
  const made = at('StepFinished', 'save', first, { seconds: 1 })
  const skipped = [second, third].flatMap((cell) => ['sampler', 'save'].map((node) => at('StepSkipped', node, cell)))
  const run = fold(made, ...skipped)
  assert.equal(progressOf(run, new Map()), 1 / 5)
  const all = fold(made, ...CELLS.filter((cell) => cell !== first).map((cell) => at('StepSkipped', 'save', cell)))
  assert.equal(stepsByNode(all.steps).get('save').state, 'done')
  const none = fold(...CELLS.map((cell) => at('StepSkipped', 'save', cell)))
  assert.equal(stepsByNode(none.steps).get('save').state, 'skipped')
  assert.equal(buildOverlay([none], [], []).nodes.get('save').run, 'skipped')
})

test('a skipped step stays skipped when its run ends', () => {
  const run = fold(...CELLS.map((cell) => at('StepSkipped', 'save', cell)), { type: 'RunFinished', status: 'succeeded', seconds: 1 })
  assert.equal(run.steps.get(nameAt('save', first)).state, 'skipped')
})

test('a cell of the table is a value on each axis, in words too', () => {
  const axes = axesOf(CELLS.flatMap((cell) => [{ ...cell, sampler: 'euler' }, { ...cell, sampler: 'dpm' }]))
  const pivot = { ...firstPivot(axes), at: { sampler: 'dpm' } }
  assert.deepEqual(coordinateAt(axes, pivot, 1, 0), { cfg: pivot.across === 'cfg' ? 4 : 6, seed: pivot.across === 'cfg' ? 2 : 1, sampler: 'dpm' })
  assert.equal(placeWords({ cfg: 4.5, prompt: 'a fox', on: true }), 'cfg 4.5, prompt a fox, on true')
})
