// Which pictures the canvas holds.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PictureCache } from '../../web/canvas/pictures.js'

/** Whatever is asked for comes at once. */
class Image {
  async decode() {}
}

before(() => Object.assign(globalThis, { Image }))
after(() => Reflect.deleteProperty(globalThis, 'Image'))

const settled = () => new Promise((resolve) => setTimeout(resolve))

test('pictures that are all in view are loaded once however many they are, and what is no longer drawn leaves', async () => {
  let now = 0
  let loads = 0
  const cache = new PictureCache(() => { loads += 1 }, () => {}, () => now)
  const drawn = (from, to) => Array.from({ length: to - from }, (_, index) => cache.get(`${from + index}.png`)).filter(Boolean).length
  assert.equal(drawn(0, 300), 0)
  await settled()
  assert.deepEqual([drawn(0, 300), loads], [300, 300])
  now = 10_000
  assert.equal(drawn(200, 400), 100)
  await settled()
  assert.deepEqual([drawn(200, 400), loads], [200, 400])
  now = 20_000
  assert.equal(drawn(0, 1), 0)
  await settled()
  assert.deepEqual([drawn(0, 1), drawn(399, 400), loads], [1, 1, 401])
})
