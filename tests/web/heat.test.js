import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heatColour, heatOf } from '../../web/canvas/heat.js'

const nodes = new Map([['sampler', { lastSeconds: 10, bytes: 4000 }], ['decode', { lastSeconds: 0.1 }], ['text', { lastSeconds: 0.0001, bytes: 0 }], ['note', {}]])

test('the dearest node is the warmest, and a thousandth of it is cold', () => {
  assert.deepEqual([...heatOf(nodes, 'time')].map(([id, { warmth, text }]) => [id, Number(warmth.toFixed(3)), text]), [['sampler', 1, '10 s'], ['decode', 0.333, '0.1 s'], ['text', 0, '1 ms']])
  assert.deepEqual([...heatOf(nodes, 'memory')], [['sampler', { warmth: 1, text: '4.0 kB' }], ['text', { warmth: 0, text: '0 B' }]])
  assert.equal(heatOf(nodes, 'none').size, 0)
  assert.equal(heatOf(new Map(), 'time').size, 0)
})

test('cold is blue and hot is red', () => {
  assert.deepEqual([heatColour(0), heatColour(0.5), heatColour(1)], ['rgb(91 127 181)', 'rgb(217 164 65)', 'rgb(240 82 79)'])
})
