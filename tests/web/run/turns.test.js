import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyEvent } from '../../../web/run/runs.js'
import { turnsOf, turnWords, workingTurn } from '../../../web/run/turns.js'

const queued = { type: 'RunQueued', title: 'T', steps: [['n', 'will_run'], ['z', 'will_run'], ['sampler', 'will_run', { node: 'sampler', coordinate: { cfg: 4 } }]] }
const inTurn = (type, node, coordinate, more = {}) => ({ type, step: `${node}[${JSON.stringify(coordinate)}]`, node, coordinate, ...more })

const fold = (...events) => {
  const runs = new Map()
  for (const [index, event] of [queued, { type: 'RunStarted' }, ...events].entries()) applyEvent(runs, { seq: index + 1, time: 1, run: 'r', ...event }, 100)
  return runs.get('r')
}

test('the turns of a zone are listed with those that were skipped', () => {
  const run = fold(inTurn('StepStarted', 'z/add', { z: 2 }), inTurn('StepFinished', 'z/add', { z: 0 }, { seconds: 1 }), inTurn('StepSkipped', 'z/add', { z: 1 }), inTurn('StepFinished', 'z/out', { z: 1 }, { seconds: 1 }))
  assert.deepEqual(turnsOf(run, 'z'), [{ turn: 0, skipped: false }, { turn: 1, skipped: true }, { turn: 2, skipped: false }])
  assert.deepEqual(turnsOf(run, 'cfg'), [{ turn: 4, skipped: false }])
  assert.deepEqual(turnsOf(undefined, 'z'), [])
})

test('the turn that works is the one that tells its progress, of those that are looked at', () => {
  const works = [inTurn('StepStarted', 'z/add', { z: 1 }), inTurn('StepStarted', 'z/add', { z: 2 }), inTurn('StepProgress', 'z/add', { z: 2 }, { done: 1, total: 9 })]
  const run = fold(...works)
  assert.deepEqual(workingTurn(run, 'z'), { z: 2 })
  assert.deepEqual(workingTurn(run, 'z/add'), { z: 2 })
  assert.deepEqual(workingTurn(run, 'z', new Map([['z', 1]])), { z: 1 })
  assert.equal(workingTurn(run, 'z', new Map([['z', 0]])), null)
  assert.equal(workingTurn(run, 'zone'), null)
  assert.equal(workingTurn(fold({ type: 'StepStarted', step: 'n' }), 'n'), null)
  assert.equal(workingTurn(undefined, 'z'), null)
})

test('turns are counted as people count, and what lies on an axis is told by its value', () => {
  const run = fold(inTurn('StepStarted', 'z/add', { cfg: 4, z: 2 }))
  assert.equal(turnWords(run, { cfg: 4, z: 2 }), 'cfg 4, turn 3')
})

test('a run that was interrupted knows no turns until they begin again', () => {
  const run = fold(inTurn('StepSkipped', 'z/add', { z: 1 }), { type: 'RunInterrupted', reason: 'killed' })
  assert.deepEqual([...run.steps.keys()], ['n', 'z', 'sampler'])
})
