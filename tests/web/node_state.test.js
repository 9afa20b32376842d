import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeState, stateSentences, stateText } from '../../web/canvas/node_state.js'

const said = (run) => stateSentences(run, nodeState(run))

test('a state says why, and what the last run took', () => {
  assert.deepEqual(said({ plan: 'will_run', reason: 'steps changed from 20 to 25', run: 'done', seconds: 3.27 }),
    ['Will run: steps changed from 20 to 25', 'Took 3.3 s last time'])
  assert.deepEqual(said({ plan: 'will_run', lastSeconds: 0.04 }), ['Will run', 'Took 40 ms last time'])
  assert.deepEqual(said({ plan: 'blocked', reason: 'sampler is blocked' }), ['Cannot run: sampler is blocked'])
  assert.deepEqual(said({ plan: 'cached', reason: 'in memory', run: 'done', seconds: 12 }), ['Has run', 'Took 12 s'])
  assert.deepEqual(said({ plan: 'cached', reason: 'in memory' }), ['Known already'])
  assert.deepEqual(said({ plan: 'will_run', reason: 'seed changed', run: 'running', seconds: 1 }), ['Running'])
})

test('a badge says where the result lies, what it holds and what it needed', () => {
  const kept = { where: 'disk', age: 200, bytes: 1_200_000, seconds: 3 }
  assert.deepEqual(said({ plan: 'cached', kept, lastSeconds: 3, memory: { device: 2_000_000_000 } }), ['Known already', 'Took 3.0 s last time', '1.2 MB on disk, made 3 min ago', 'Needed up to 2.0 GB of the device'])
  assert.deepEqual(said({ run: 'done', seconds: 0.5, bytes: 900, memory: { host: 5000 }, mapped: true }), ['Has run', 'Took 0.5 s', 'Gave 900 B', 'The program held up to 5.0 kB', 'Is called for each item of its list'])
})

test('a node at work says how far, how fast and how long still', () => {
  const text = (progress) => stateText({ run: 'running', progress }, 'running')
  assert.equal(text({ done: 7, total: 20 }), '7/20')
  assert.equal(text({ done: 7, total: 20, rate: 3.25 }), '7/20 · 3.3/s · 4.0 s')
  assert.equal(text({ done: 2, total: 20, rate: 0.5 }), '2/20 · 2.0 s each · 36 s')
  assert.equal(text({ done: 1, total: 1 }), '')
})

test('what was skipped says so until a run makes it, and why the next one will', () => {
  const skipped = { run: 'skipped', plan: 'will_run', reason: 'it was skipped the last time' }
  assert.equal(stateText(skipped, nodeState(skipped)), 'skipped')
  assert.deepEqual(said(skipped), ['Was skipped', 'Will run: it was skipped the last time'])
  assert.deepEqual(said({ ...skipped, because: 'sampler', lastSeconds: 2 }),
    ['Was skipped: it needs sampler', 'Will run: it was skipped the last time', 'Took 2.0 s last time'])
  assert.deepEqual(said({ run: 'skipped' }), ['Was skipped'])
  assert.equal(nodeState({ ...skipped, plan: 'cached' }), 'cached') // Another run has made it meanwhile.
  assert.equal(nodeState({ ...skipped, plan: 'blocked' }), 'blocked')
})
