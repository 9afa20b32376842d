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
