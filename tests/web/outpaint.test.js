// The frame of outpainting.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { draggedFrame, framedSize, NO_BORDERS, shapedFrame, typedBorder } from '../../web/kernels/outpaint.js'

const picture = { width: 512, height: 384 }
const of = (borders) => ({ ...NO_BORDERS, ...borders })

test('an edge follows the hand to multiples of 8, and never into the picture', () => {
  assert.deepEqual(draggedFrame(picture, NO_BORDERS, ['right'], [101, 50]), of({ right: 104 }))
  assert.deepEqual(draggedFrame(picture, of({ left: 64 }), ['left'], [-20, 0]), of({ left: 88 }))
  assert.deepEqual(draggedFrame(picture, of({ left: 64 }), ['left'], [500, 0]), NO_BORDERS)
})

test('a corner moves two edges, with a key those across, too', () => {
  assert.deepEqual(draggedFrame(picture, NO_BORDERS, ['right', 'bottom'], [64, 32]), of({ right: 64, bottom: 32 }))
  assert.deepEqual(draggedFrame(picture, NO_BORDERS, ['right'], [64, 0], { both: true }), of({ left: 64, right: 64 }))
})

test('a picture of odd size gets a frame that latents can have', () => {
  const odd = { width: 509, height: 383 }
  const borders = draggedFrame(odd, NO_BORDERS, ['right', 'bottom'], [100, -50])
  assert.deepEqual(borders, of({ right: 99, bottom: 1 }))
  assert.deepEqual(framedSize(odd, borders), { width: 608, height: 384 })
})

test('the whole frame is shifted as far as the picture stays in it', () => {
  assert.deepEqual(draggedFrame(picture, of({ left: 64, right: 64 }), [], [40, 90]), of({ left: 24, right: 104 }))
  assert.deepEqual(draggedFrame(picture, of({ left: 64, right: 64, top: 8 }), [], [-900, 900]), of({ left: 128, bottom: 8 }))
})

test('a shape is reached by growing alone, with the picture in its middle', () => {
  assert.deepEqual(shapedFrame(picture, 1), of({ top: 64, bottom: 64 }))
  assert.deepEqual(shapedFrame(picture, 16 / 9), of({ left: 88, right: 88 }))
  assert.deepEqual(shapedFrame({ width: 512, height: 512 }, 1), NO_BORDERS)
})

test('what is typed is a whole number of pixels that the node takes', () => {
  assert.deepEqual(['12.4', '-3', '1e9', 'x'].map((text) => typedBorder(NO_BORDERS, 'top', Number(text)).top), [12, 0, 16384, 0])
})
