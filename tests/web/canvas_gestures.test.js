// How the canvas is drawn and looked at, by hand, in a real browser.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, beforeEach, test } from 'node:test'
import { CHROMIUM, launchCanvas } from '../../tools/canvas_page.mjs'

const options = { skip: existsSync(CHROMIUM) ? false : 'needs Chromium', timeout: 60000 }
let canvas
let page

before(async () => {
  if (!options.skip) canvas = await launchCanvas()
})
after(async () => canvas?.close())
beforeEach(async () => {
  if (options.skip) return
  await page?.close()
  ;({ page } = await canvas.open())
})

const inPage = (fn, ...args) => page.evaluate(fn, args)
const client = (x, y) => inPage(([a, b]) => window.dev.editor.toClient(a, b), x, y)
const rested = () => page.waitForTimeout(320) // What glides or flies has come to rest.

test('a click on a portal\'s tag brings its other end under the pointer, and another one leads back', options, async () => {
  await inPage(async () => {
    const { togglePortals } = await import('/web/document/portals.js')
    const { store } = window.dev
    togglePortals(store, [store.linksTo('decode', 'vae')[0].id])
    window.dev.look(900, -40, 1)
  })
  const camera = () => inPage(() => window.dev.editor.camera)
  const before = await camera()
  const [x, y] = await inPage(() => window.dev.editor.socketPoint('decode', 'input', 'vae'))
  const at = await client(x - 30, y)
  await page.mouse.click(...at)
  await rested()
  const there = await inPage(([a, b]) => window.dev.editor.toWorld(a, b), ...at)
  const output = await inPage(() => window.dev.editor.socketPoint('loader', 'output', 'VAE'))
  assert.ok(Math.hypot(there[0] - output[0] - 36, there[1] - output[1]) < 30, `${there} is not at ${output}`)
  await page.mouse.click(...at)
  await rested()
  const back = await camera()
  assert.ok(Math.hypot(back.x - before.x, back.y - before.y) < 40)
})
