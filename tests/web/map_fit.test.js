import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitMap, fromMap, onMap } from '../../web/kernels/map_fit.js'

test('a map holds the whole world in its middle, and leads back to it', () => {
  const world = { x: -1000, y: 500, width: 4000, height: 1000 }
  const fit = fitMap(world, 220, 120, 10)
  assert.deepEqual(onMap(fit, world), { x: 10, y: 35, width: 200, height: 50 })
  assert.deepEqual(fromMap(fit, [110, 60]), [1000, 1000])
  assert.equal(fitMap({ x: 0, y: 0, width: 10, height: 10 }, 220, 120, 10).scale, 0.14, 'a small graph stays small')
})
