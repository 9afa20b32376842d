import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitted, heightOf, widthOf } from '../../web/kernels/fitting.js'
import { restingBecause } from '../../web/kernels/relevance.js'
import { enclosed, pushed } from '../../web/kernels/ranges.js'
import { edgesOf, keepShape, ratioText, readSize, SHAPES, sizeFor, stepped } from '../../web/kernels/sizes.js'

test('a value fits another widget as what it is there, or not at all', () => {
  const steps = { kind: 'int', min: 1, max: 100 }
  const sampler = { kind: 'choice', choices: ['euler', 'heun', 2] }
  assert.deepEqual([20.4, '30', 1000, 'x', '', true, null].map((value) => fitted(steps, value)), [20, 30, 100, undefined, undefined, undefined, undefined])
  assert.deepEqual(['heun', 'lms', '2', 2].map((value) => fitted(sampler, value)), ['heun', undefined, 2, 2])
  assert.deepEqual([7, 'a cat', { sweep: [1] }].map((value) => fitted({ kind: 'text' }, value)), ['7', 'a cat', undefined])
  assert.deepEqual([true, 'true'].map((value) => fitted({ kind: 'toggle' }, value)), [true, undefined])
  assert.deepEqual(['width', 'target_width', 'spacing_width', 'height'].map(heightOf), ['height', 'target_height', null, null])
})

test('a text that says a whole size is one; a factor is none', () => {
  const size = { width: 512, height: 768 }
  assert.deepEqual(['512x768', '512 × 768 px', '512px by 768px', ' 512, 768 ', '512 768'].map(readSize), [size, size, size, size, size])
  assert.deepEqual(['512x2', '2x512', '512*768', '512', '512/16', 'axb', ''].map(readSize), [null, null, null, null, null, null, null])
  assert.deepEqual(['height', 'target_height', 'width', 'heights'].map(widthOf), ['width', 'target_width', null, null])
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

test('two numbers that enclose a range are shown as it, and neither passes the other', () => {
  const part = { kind: 'float', min: 0, max: 1 }
  const steps = { kind: 'int', min: 0, max: 10000 }
  const values = { start_percent: 0.2, end_percent: 0.7, start: 3, end: 9, start_at_step: 5, end_at_step: 20 }
  assert.deepEqual([enclosed(part, 'end_percent', values), enclosed(part, 'strength', values), enclosed(steps, 'start_at_step', values)], [[0.2, 0.7], null, null])
  assert.deepEqual(pushed(part, 'start_percent', 0.9, values), [['start_percent', 0.9], ['end_percent', 0.9]])
  assert.deepEqual(pushed(part, 'start_percent', 0.5, values), [['start_percent', 0.5], ['end_percent', 0.7]])
  assert.deepEqual(pushed(steps, 'end_at_step', 2, values), [['end_at_step', 2], ['start_at_step', 2]])
  assert.deepEqual(pushed(steps, 'end', 2, values), [['end', 2]])
  assert.deepEqual(pushed(part, 'end_percent', 0.1, { end_percent: 1 }), [['end_percent', 0.1]])
})

test('an input that changes nothing says why, unless what decides comes over a wire', () => {
  const free = () => false
  assert.match(restingBecause('ImageScale', 'crop', { width: 0, height: 512 }, free), /nothing to crop/)
  assert.equal(restingBecause('ImageScale', 'crop', { width: 0, height: 512 }, (name) => name === 'width'), null)
  assert.equal(restingBecause('ImageScale', 'crop', { width: 256, height: 512 }, free), null)
  const sampling = (sampler_name) => restingBecause('KSamplerAdvanced', 'noise_seed', { add_noise: 'disable', sampler_name }, free)
  assert.deepEqual([sampling('euler'), sampling('euler_ancestral'), sampling(undefined)], ['No noise is added, and this sampler draws none.', null, null])
  assert.equal(restingBecause('Unknown', 'crop', {}, free), null)
})
