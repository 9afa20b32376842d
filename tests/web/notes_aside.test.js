import assert from 'node:assert/strict'
import { test } from 'node:test'
import { besideAll, carriedAlong } from '../../web/kernels/notes_aside.js'

const rect = (x, y, width, height) => ({ x, y, width, height })

test('a note goes with its part of the graph: below stays below, and within as far in', () => {
  const [before, now] = [rect(0, 0, 1000, 1000), rect(0, 0, 2000, 500)]
  assert.deepEqual(carriedAlong(rect(0, 1040, 300, 100), before, now), rect(0, 540, 300, 100))
  assert.deepEqual(carriedAlong(rect(-50, -200, 300, 100), before, now), rect(-50, -200, 300, 100))
  assert.deepEqual(carriedAlong(rect(500, 500, 300, 100), before, now), rect(1000, 250, 300, 100))
})

test('a note that is in the way goes up or down to the nearest free place', () => {
  const others = [rect(0, 0, 300, 200), rect(100, 300, 300, 200), rect(900, 0, 300, 2000)]
  assert.deepEqual(besideAll(rect(0, 600, 200, 100), others), rect(0, 600, 200, 100), 'it is in nobody’s way')
  assert.deepEqual(besideAll(rect(0, 450, 200, 100), others), rect(0, 524, 200, 100))
  assert.deepEqual(besideAll(rect(0, 10, 200, 100), others), rect(0, -124, 200, 100))
  assert.deepEqual(besideAll(rect(0, 190, 200, 100), others), rect(0, -124, 200, 100), 'between the two is no room')
})
