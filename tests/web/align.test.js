import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aligned, distributed } from '../../web/kernels/align.js'

const rects = [
  { id: 'a', x: 0, y: 10, width: 100, height: 50 },
  { id: 'c', x: 500, y: 0, width: 100, height: 20 },
  { id: 'b', x: 120, y: 40, width: 60, height: 100 },
]

test('rectangles come into line with the outermost', () => {
  assert.deepEqual([...aligned(rects, 'left')], [['a', [0, 10]], ['c', [0, 0]], ['b', [0, 40]]])
  assert.deepEqual([...aligned(rects, 'right')], [['a', [500, 10]], ['c', [500, 0]], ['b', [540, 40]]])
  assert.deepEqual([...aligned(rects, 'top')], [['a', [0, 0]], ['c', [500, 0]], ['b', [120, 0]]])
  assert.deepEqual([...aligned(rects, 'bottom')], [['a', [0, 90]], ['c', [500, 120]], ['b', [120, 40]]])
})

test('gaps become equal and the outer ones stay', () => {
  assert.deepEqual([...distributed(rects, 'x')], [['a', [0, 10]], ['b', [270, 40]], ['c', [500, 0]]])
  assert.deepEqual([...distributed([], 'y')], [])
})
