// What a sketch begins with, and what is stored of it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexCatalog } from '../../web/document/catalog.js'
import { setInput } from '../../web/document/edits.js'
import { sketchPlane, sketchSize } from '../../web/document/sketch.js'
import { Store } from '../../web/document/store.js'
import { MASK, SKETCH } from '../../web/masks/purposes.js'
import { catalogJSON, workflowJSON } from './fixtures/text_to_image.js'

const catalog = indexCatalog(catalogJSON)
const plane = { width: 2, height: 1, data: Uint8Array.of(255, 64) }
const pixels = { width: 2, height: 1, data: Uint8ClampedArray.of(10, 20, 30, 255, 40, 50, 60, 255) }

test('a sketch is as large as what the workflow makes', () => {
  const store = new Store(workflowJSON)
  setInput(store, 'latent', 'width', 640)
  setInput(store, 'latent', 'height', 384)
  assert.deepEqual(sketchSize(store, catalog), { width: 640, height: 384 })
})

test('a size that nobody can draw on, or none, gives the usual one', () => {
  const store = new Store(workflowJSON)
  setInput(store, 'latent', 'width', 0)
  assert.deepEqual(sketchSize(store, catalog), { width: 512, height: 512 })
  store.edit('Empty', (tx) => tx.remove('nodes', 'latent'))
  assert.deepEqual(sketchSize(store, catalog), { width: 512, height: 512 })
})

test('a sketch is stored white on black, and read back as it was drawn', () => {
  const stored = SKETCH.pack(pixels, plane)
  assert.deepEqual(stored, { width: 2, height: 1, data: Uint8ClampedArray.of(255, 255, 255, 255, 64, 64, 64, 255) })
  assert.deepEqual(sketchPlane(stored), plane)
})

test('a mask is stored as holes in the picture, whose colours stay', () => {
  assert.deepEqual(MASK.pack(pixels, plane), { width: 2, height: 1, data: Uint8ClampedArray.of(10, 20, 30, 0, 40, 50, 60, 191) })
})

test('filling a sketch goes by what is drawn, filling a mask by the picture', () => {
  assert.deepEqual([...SKETCH.alike(pixels, plane).data], [255, 255, 255, 255, 64, 64, 64, 255])
  assert.equal(MASK.alike(pixels, plane), pixels)
})
