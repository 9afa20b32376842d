// Who hears of a run.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toldOf } from '../../../web/run/telling.js'

const tabs = { clients: ['editor:fox', 'editor:cat'], active: 0 }
const finished = { type: 'RunFinished' }
const run = (client, more = {}) => ({ client, title: 'Fox', status: 'succeeded', seconds: 2.04, problems: [], ...more })

test('the open workflow tells that its run has begun, how long it took, that it was stopped, and why it failed', () => {
  assert.deepEqual(toldOf({ type: 'RunStarted' }, run('editor:fox', { status: 'running' }), tabs), { tab: 0, said: 'The run has started', failed: false, ended: false })
  assert.deepEqual(toldOf(finished, run('editor:fox'), tabs), { tab: 0, said: 'The run is done after 2.0 seconds', failed: false, ended: true })
  assert.deepEqual(toldOf(finished, run('editor:fox', { status: 'cancelled' }), tabs), { tab: 0, said: 'The run was cancelled', failed: false, ended: true })
  assert.deepEqual(toldOf(finished, run('editor:fox', { status: 'failed', problems: [{ message: 'No memory' }] }), tabs), { tab: 0, said: 'No memory', failed: true, ended: true })
})

test('a workflow in another tab is named, so that one knows which failed', () => {
  assert.deepEqual(toldOf(finished, run('editor:cat', { status: 'failed', title: 'Cat' }), tabs), { tab: 1, said: 'Cat: The run failed', failed: true, ended: true })
})

test('what another window or a program runs is none of this one\'s business', () => {
  for (const client of ['editor:dog', 'api', '']) assert.equal(toldOf(finished, run(client, { status: 'failed' }), tabs), null)
  assert.equal(toldOf(finished, undefined, tabs), null)
  assert.equal(toldOf({ type: 'StepFinished' }, run('editor:fox'), tabs), null)
})
