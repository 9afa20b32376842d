import assert from 'node:assert/strict'
import { test } from 'node:test'
import { difference, differenceText, hexText, probe } from '../../web/kernels/compare.js'

const pixels = (width, height, ...colours) => ({ width, height, data: new Uint8ClampedArray(colours.flatMap((colour) => [...colour, 255])) })
const a = pixels(2, 1, [10, 20, 30], [200, 0, 255])
const b = pixels(2, 1, [10, 20, 30], [190, 5, 0])

test('a difference is enlarged to be seen, and measured without that', () => {
  assert.deepEqual(difference(a, b, 4), { data: new Uint8ClampedArray([0, 0, 0, 255, 40, 20, 255, 255]), most: 255, mean: 270 / 6, share: 0.5 })
  assert.deepEqual(difference(a, a, 4), { data: new Uint8ClampedArray([0, 0, 0, 255, 0, 0, 0, 255]), most: 0, mean: 0, share: 0 })
  assert.throws(() => difference(a, pixels(1, 1, [0, 0, 0]), 1), /2 × 1 against 1 × 1: sizes must be equal/)
})

test('a difference of opacity alone is one in every colour', () => {
  const clear = { ...a, data: a.data.map((value, at) => (at === 7 ? 55 : value)) }
  assert.deepEqual(difference(a, clear, 1), { data: new Uint8ClampedArray([0, 0, 0, 255, 200, 200, 200, 255]), most: 200, mean: 100, share: 0.5 })
})

test('a difference is told in words', () => {
  assert.equal(differenceText({ most: 0, mean: 0, share: 0 }), 'The same in every pixel')
  assert.equal(differenceText({ most: 255, mean: 45, share: 0.5 }), '50.0 % of the pixels differ, by 45.00 on average and 255 at most')
  assert.equal(differenceText({ most: 1, mean: 0.0001, share: 0.0001 }), 'under 0.1 % of the pixels differ, by 0.00 on average and 1 at most')
})

test('a point reads the pixel that holds it, and nothing beside the picture', () => {
  assert.deepEqual(probe(a, 1.99, 0.01), { x: 1, y: 0, red: 200, green: 0, blue: 255, alpha: 255 })
  assert.deepEqual([probe(a, -0.1, 0), probe(a, 2, 0), probe(a, 0, 1)], [null, null, null])
  assert.equal(hexText({ x: 0, y: 0, red: 200, green: 0, blue: 255, alpha: 255 }), '#c800ff')
})
