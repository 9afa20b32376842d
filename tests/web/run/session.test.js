import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Session } from '../../../web/run/session.js'

test('frames of the newest run are kept, of a long one every second', async () => {
  const session = new Session()
  const send = (run, number) => session.receivePreview({ type: 'StepPreview', run, step: 'sampler', mime: 'image/jpeg' }, number)
  for (let number = 0; number < 97; number += 1) await send('a', number).catch(() => {}) // No decoder in Node; what came is kept before.
  assert.deepEqual([session.framesOf('sampler').length, session.framesOf('sampler')[1], session.framesOf('sampler').at(-1)], [49, 2, 96])
  await send('b', 7).catch(() => {})
  assert.deepEqual([session.framesOf('sampler'), session.framesOf('other')], [[7], []])
})

test('of runs long ended only the steps that gave something are kept', () => {
  const session = new Session()
  const told = (number) => {
    const run = `r${number}`
    session.receive({ type: 'RunQueued', run, seq: number, time: 0, title: '', client: '', steps: [['text', 'will_run'], ['save', 'will_run']] })
    session.receive({ type: 'StepFinished', run, step: 'text', seconds: 1, artifacts: [] })
    session.receive({ type: 'StepFinished', run, step: 'save', seconds: 1, artifacts: [{ kind: 'image', folder: 'output', name: `${number}.png` }] })
    session.receive({ type: 'RunFinished', run, status: 'succeeded', seconds: 2 })
  }
  for (let number = 0; number < 23; number += 1) told(number)
  assert.deepEqual([...session.runs.values()].map(({ steps }) => steps.size), [1, 1, 1, ...Array(20).fill(2)])
  assert.deepEqual(session.runs.get('r0').steps.get('save').artifacts.map(({ name }) => name), ['0.png'])
})

test('what a step showed last stays, also where it comes after its end', async () => {
  const session = new Session()
  const { createImageBitmap } = globalThis
  globalThis.createImageBitmap = async (frame) => frame
  try {
    session.receive({ type: 'RunQueued', run: 'r', seq: 1, time: 0, title: '', client: '', steps: [['sampler', 'will_run'], ['save', 'will_run']] })
    session.receive({ type: 'StepStarted', run: 'r', step: 'sampler' })
    const send = (step, frame) => session.receivePreview({ type: 'StepPreview', run: 'r', step, mime: 'image/jpeg' }, frame)
    await send('sampler', 'half made')
    session.receive({ type: 'StepFinished', run: 'r', step: 'sampler', seconds: 1, artifacts: [] })
    await send('sampler', 'made')
    await send('save', 'not begun')
    assert.deepEqual([...session.runs.get('r').steps].map(([step, { state, preview }]) => [step, state, preview]), [['sampler', 'done', 'made'], ['save', 'waiting', undefined]])
  } finally {
    globalThis.createImageBitmap = createImageBitmap
  }
})
