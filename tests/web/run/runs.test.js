import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPreview, retryDelay } from '../../../web/run/connection.js'
import { buildOverlay } from '../../../web/run/overlay.js'
import { applyEvent, isActive, picturesOf, progressOf } from '../../../web/run/runs.js'

const picture = { kind: 'image', folder: 'output', name: 'a b.png', width: 8, height: 8 }

/** Events of one run, folded. */
const fold = (events, runs = new Map()) => {
  for (const [index, event] of events.entries()) applyEvent(runs, { seq: index + 1, time: 1, run: 'r', ...event }, 100)
  return runs
}

const queued = { type: 'RunQueued', title: 'T', client: 'c', steps: [['loader', 'cached'], ['sampler', 'will_run'], ['save', 'will_run']] }

test('a run goes from queued to succeeded and keeps its pictures', () => {
  const runs = fold([
    queued, { type: 'RunStarted' }, { type: 'StepCached', step: 'loader', artifacts: [] },
    { type: 'StepStarted', step: 'sampler' }, { type: 'StepFinished', step: 'sampler', seconds: 2, artifacts: [] },
    { type: 'StepStarted', step: 'save' }, { type: 'StepFinished', step: 'save', seconds: 0.1, artifacts: [picture] },
    { type: 'RunFinished', status: 'succeeded', seconds: 2.1, problems: [] },
  ])
  const run = runs.get('r')
  assert.equal(isActive(run), false)
  assert.deepEqual([...run.steps].map(([id, { state }]) => [id, state]), [['loader', 'cached'], ['sampler', 'done'], ['save', 'done']])
  assert.deepEqual(picturesOf(run), [picture])
})

test('a cancelled run marks what worked and what waited, and keeps what was done', () => {
  const runs = fold([
    queued, { type: 'RunStarted' }, { type: 'StepStarted', step: 'sampler' }, { type: 'StepProgress', step: 'sampler', done: 3, total: 20 },
    { type: 'RunFinished', status: 'cancelled', seconds: 1 },
  ])
  const states = [...runs.get('r').steps].map(([id, { state }]) => [id, state])
  assert.deepEqual(states, [['loader', 'cached'], ['sampler', 'cancelled'], ['save', 'cancelled']])
})

test('a failure is listed once, though step and run both report it', () => {
  const problem = { code: 'out_of_memory', node: 'sampler', input: null, message: 'too large' }
  const runs = fold([queued, { type: 'StepFailed', step: 'sampler', problem }, { type: 'RunFinished', status: 'failed', problems: [problem] }])
  assert.deepEqual(runs.get('r').problems, [problem])
})

test('progress weighs steps by their seconds of last time', () => {
  const runs = fold([queued, { type: 'StepStarted', step: 'sampler' }, { type: 'StepProgress', step: 'sampler', done: 5, total: 10 }])
  assert.equal(progressOf(runs.get('r'), new Map([['sampler', 9], ['save', 1]])), 0.45)
})

test('events of an unknown run change nothing', () => {
  const runs = new Map()
  assert.equal(applyEvent(runs, { type: 'StepStarted', step: 'a', run: 'r', seq: 1, time: 1 }, 0), null)
  assert.equal(runs.size, 0)
})

test('the newest run decides the states, an older one lends its pictures', () => {
  const runs = fold([queued, { type: 'StepFinished', step: 'save', seconds: 1, artifacts: [picture] }, { type: 'RunFinished', status: 'succeeded' }])
  fold([{ ...queued, run: 's' }], runs)
  const overlay = buildOverlay([...runs.values()], [{ id: 'save', state: 'will_run' }], [])
  const { run, plan, pictures } = overlay.nodes.get('save')
  assert.deepEqual({ run, plan }, { run: 'waiting', plan: 'will_run' })
  assert.equal(pictures[0].url, '/api/v1/files/output/a%20b.png')
})

test('while a run works, one that waits behind it does not hide it', () => {
  const runs = fold([queued, { type: 'RunStarted' }, { type: 'StepStarted', step: 'sampler' }])
  fold([{ ...queued, run: 's' }], runs)
  assert.equal(buildOverlay([...runs.values()], [], []).nodes.get('sampler').run, 'running')
})

test('a preview frame is a header and the picture behind it', async () => {
  const header = new TextEncoder().encode(JSON.stringify({ type: 'StepPreview', run: 'r', step: 's', mime: 'image/webp' }))
  const frame = new Uint8Array(4 + header.length + 3)
  new DataView(frame.buffer).setUint32(0, header.length)
  frame.set(header, 4)
  frame.set([7, 8, 9], 4 + header.length)
  const { header: read, image } = readPreview(frame.buffer)
  assert.deepEqual(read, { type: 'StepPreview', run: 'r', step: 's', mime: 'image/webp' })
  assert.equal(image.type, 'image/webp')
  assert.deepEqual([...new Uint8Array(await image.arrayBuffer())], [7, 8, 9])
})

test('tries to connect again wait longer, up to a bound', () => {
  const delays = [0, 1, 2, 10].map((attempt) => retryDelay(attempt, () => 0.5))
  assert.deepEqual(delays, [250, 500, 1000, 4000])
})
