import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitted, heightOf } from '../../web/kernels/fitting.js'
import { edgesOf, keepShape, ratioText, SHAPES, sizeFor, stepped } from '../../web/kernels/sizes.js'

test('a value fits another widget as what it is there, or not at all', () => {
  const steps = { kind: 'int', min: 1, max: 100 }
  const sampler = { kind: 'choice', choices: ['euler', 'heun', 2] }
  assert.deepEqual([20.4, '30', 1000, 'x', '', true, null].map((value) => fitted(steps, value)), [20, 30, 100, undefined, undefined, undefined, undefined])
  assert.deepEqual(['heun', 'lms', '2', 2].map((value) => fitted(sampler, value)), ['heun', undefined, 2, 2])
  assert.deepEqual([7, 'a cat', { sweep: [1] }].map((value) => fitted({ kind: 'text' }, value)), ['7', 'a cat', undefined])
  assert.deepEqual([true, 'true'].map((value) => fitted({ kind: 'toggle' }, value)), [true, undefined])
  assert.deepEqual(['width', 'target_width', 'spacing_width', 'height'].map(heightOf), ['height', 'target_height', null, null])
})

test('presets have the pixels that the model was trained on, in multiples of 8', () => {
  assert.deepEqual(edgesOf('sd1', { width: 512, height: 768 }), { edges: [512, 624, 768, 1024], edge: 512 })
  assert.deepEqual(edgesOf('sd2', { width: 768, height: 768 }), { edges: [512, 768, 1024], edge: 768 })
  assert.deepEqual(edgesOf('sd1', { width: 128, height: 128 }), { edges: [128, 512, 768, 1024], edge: 128 })
  assert.deepEqual(edgesOf(undefined, { width: 640, height: 640 }).edge, 640)
  const sizes = SHAPES.map(({ ratio }) => sizeFor(ratio, 512))
  assert.deepEqual(sizes[0], { width: 512, height: 512 })
  assert.deepEqual(sizeFor([2, 3], 512), { width: 416, height: 624 })
  for (const { width, height } of sizes) assert.ok(width % 8 === 0 && height % 8 === 0 && Math.abs(width * height - 512 * 512) < 512 * 512 * 0.03)
})

test('a locked shape keeps its other side in step', () => {
  assert.deepEqual(keepShape({ width: 512, height: 768 }, 'width', 640), { width: 640, height: 960 })
  assert.deepEqual(keepShape({ width: 512, height: 768 }, 'height', 384), { width: 256, height: 384 })
  assert.deepEqual([stepped(510), stepped(3), stepped(513, 1)], [512, 8, 513])
  assert.deepEqual([[512, 768], [1000, 757], [757, 1000], [0, 5]].map(([width, height]) => ratioText({ width, height })), ['2 : 3', '1.32 : 1', '1 : 1.32', ''])
})
