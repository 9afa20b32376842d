// Two fingers on a picture.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fingers } from '../../web/kernels/fingers.js'

const touch = (pointerId) => ({ pointerId, pointerType: 'touch' })
const camera = { x: 10, y: 20, zoom: 2 }

test('one finger, a mouse and a pen hold nothing', () => {
  const fingers = new Fingers()
  assert.equal(fingers.press(touch(1), [100, 100], camera), false)
  assert.equal(fingers.press({ pointerId: 7, pointerType: 'pen' }, [0, 0], camera), false)
  assert.equal(fingers.press({ pointerId: 8, pointerType: 'mouse' }, [0, 0], camera), false)
  assert.equal(fingers.move(touch(1), [120, 100]), null)
})

test('two fingers zoom about their middle, and what lay under it stays there', () => {
  const fingers = new Fingers()
  fingers.press(touch(1), [100, 100], camera)
  assert.equal(fingers.press(touch(2), [200, 100], camera), true)
  fingers.move(touch(1), [50, 100])
  const wide = fingers.move(touch(2), [250, 100])
  assert.deepEqual(wide, { x: 10 + 150 / 2 - 150 / 4, y: 20 + 100 / 2 - 100 / 4, zoom: 4 })
})

test('two fingers that move alike carry the picture along', () => {
  const fingers = new Fingers()
  fingers.press(touch(1), [100, 100], camera)
  fingers.press(touch(2), [200, 100], camera)
  fingers.move(touch(1), [130, 160])
  assert.deepEqual(fingers.move(touch(2), [230, 160]), { x: 10 - 30 / 2, y: 20 - 60 / 2, zoom: 2 })
})

test('the finger that stays when the other is lifted moves nothing', () => {
  const fingers = new Fingers()
  fingers.press(touch(1), [100, 100], camera)
  fingers.press(touch(2), [200, 100], camera)
  fingers.lift(touch(2))
  assert.deepEqual([fingers.hold, fingers.move(touch(1), [0, 0])], [false, null])
})
