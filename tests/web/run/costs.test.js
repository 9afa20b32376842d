import assert from 'node:assert/strict'
import { test } from 'node:test'
import { estimateOf, noteCost, remainingOf } from '../../../web/run/costs.js'
import { applyEvent } from '../../../web/run/runs.js'

test('what a node took is noted; of a sweep, all its instances together', () => {
  const costs = new Map()
  noteCost(costs, { run: 'a', step: 'sampler', seconds: 2, bytes: 10 })
  noteCost(costs, { run: 'b', step: 'sampler[x=1]', node: 'sampler', seconds: 3, bytes: 20, memory: { host: 5 } })
  noteCost(costs, { run: 'b', step: 'sampler[x=2]', node: 'sampler', seconds: 4, bytes: 20, memory: { host: 7, device: 9 } })
  assert.deepEqual([...costs], [['sampler', { run: 'b', seconds: 7, bytes: 40, memory: { host: 7, device: 9 } }]])
})

test('a plan takes what its steps took, and says how many nobody knows', () => {
  const planned = [{ id: 'loader', state: 'cached' }, { id: 'sampler', state: 'will_run' }, { id: 'save', state: 'will_run' }]
  assert.deepEqual(estimateOf(planned, new Map([['loader', 9], ['sampler', 2]])), { seconds: 2, unknown: 1 })
  assert.equal(estimateOf([planned[0]], new Map()), null)
  const swept = [{ id: 'sampler[cfg=9]', node: 'sampler', state: 'will_run' }, { id: 'save[cfg=9]', node: 'save', state: 'will_run' }]
  assert.deepEqual(estimateOf(swept, new Map([['sampler', 2]])), { seconds: 2, unknown: 1 })
})

test('what is left goes by the pace of the step at work', () => {
  const runs = new Map()
  const tell = (event, now) => applyEvent(runs, { seq: 1, time: 1, run: 'r', ...event }, now)
  tell({ type: 'RunQueued', steps: [['sampler', 'will_run'], ['decode', 'will_run'], ['save', 'will_run']] }, 0)
  tell({ type: 'StepStarted', step: 'sampler' }, 0)
  const run = runs.get('r')
  assert.deepEqual(remainingOf(run, new Map([['sampler', 8], ['decode', 1]]), 3000), { seconds: 6, unknown: 1 })
  tell({ type: 'StepProgress', step: 'sampler', done: 1, total: 21 }, 10_000) // The model was loaded until here.
  tell({ type: 'StepProgress', step: 'sampler', done: 6, total: 21 }, 12_000)
  assert.deepEqual(run.steps.get('sampler').progress, { done: 6, total: 21, from: { done: 1, at: 10_000 }, rate: 2.5 })
  assert.deepEqual(remainingOf(run, new Map([['decode', 1], ['save', 1]]), 12_000), { seconds: 8, unknown: 0 })
})
