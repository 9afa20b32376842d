import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeState, stateSentences } from '../../web/canvas/node_state.js'

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
