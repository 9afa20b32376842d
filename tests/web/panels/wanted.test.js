import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stillWanted } from '../../../web/panels/wanted.js'

const press = (target, type, fields = {}) => target.dispatchEvent(Object.assign(new Event(type), fields))

test('a sheet that comes late is wanted unless somebody has pressed anything since, even Escape', () => {
  for (const [type, fields] of [['pointerdown', {}], ['keydown', { key: 'Escape' }], ['keydown', { key: 'a' }]]) {
    const page = new EventTarget()
    const isWanted = stillWanted(page)
    press(page, type, fields)
    assert.equal(isWanted(), false, JSON.stringify([type, fields]))
  }
})

test('keys that are still held from asking for it do not call it off, nor does what is pressed once it is open', () => {
  const page = new EventTarget()
  const isWanted = stillWanted(page)
  press(page, 'keydown', { key: 't', repeat: true })
  press(page, 'keydown', { key: 'Alt' })
  assert.equal(isWanted(), true)
  press(page, 'keydown', { key: 'Escape' })
  assert.equal(isWanted(), true)
})

test('asked for twice it opens once', () => {
  const page = new EventTarget()
  const first = stillWanted(page)
  press(page, 'keydown', { key: 't' })
  const second = stillWanted(page)
  assert.deepEqual([first(), second()], [false, true])
})
