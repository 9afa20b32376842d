import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import { HoverRest } from '../../web/tools/hover_rest.js'

let bench, rest

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] })
  Reflect.set(globalThis, 'window', globalThis)
  bench = { interaction: { hover: { kind: 'canvas' }, rested: null }, drawn: 0, invalidate: () => { bench.drawn += 1 } }
  rest = new HoverRest(bench)
})

afterEach(() => {
  mock.timers.reset()
  Reflect.deleteProperty(globalThis, 'window')
})

const over = (hit, ms) => {
  bench.interaction.hover = hit
  rest.follow()
  mock.timers.tick(ms)
}

test('a title or a value is rested on after a while, and no longer once the pointer is elsewhere', () => {
  const title = { kind: 'header', node: 'a' }
  over(title, 400)
  assert.equal(bench.interaction.rested, null)
  over(title, 400) // It moves within the title.
  assert.equal(bench.interaction.rested, title)
  over({ kind: 'widget', node: 'a', input: 'cfg' }, 100)
  assert.equal(bench.interaction.rested, null)
  mock.timers.tick(600)
  assert.deepEqual(bench.interaction.rested, { kind: 'widget', node: 'a', input: 'cfg' })
  assert.equal(bench.drawn, 3)
})

test('nothing is rested on that only passes by, nor once the hand begins something', () => {
  over({ kind: 'header', node: 'a' }, 300)
  over({ kind: 'canvas' }, 1000)
  assert.equal(bench.interaction.rested, null)
  over({ kind: 'header', node: 'b' }, 300)
  rest.forget()
  mock.timers.tick(1000)
  assert.deepEqual([bench.interaction.rested, bench.drawn], [null, 0])
})
