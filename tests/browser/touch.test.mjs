// With fingers, on a phone: a long press opens the menu, two taps make a wire, and the form and the outline fit.

import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { openBrowser, ready, runToEnd, Server, setUp, socketPoint, TIMEOUT } from './harness.mjs'

let server, browser, page, start, fingers

setUp(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()])
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2, colorScheme: 'dark' })
  page = await context.newPage()
  page.errors = []
  page.on('pageerror', (error) => page.errors.push(error.stack ?? String(error)))
  await page.goto(server.url)
  await ready(page)
  fingers = await context.newCDPSession(page)
  start = await page.evaluate(() => tessera.store.toJSON())
})

beforeEach(async () => {
  await page.evaluate((document) => {
    tessera.store.load(document)
    tessera.selection.clear()
    tessera.editor.frame()
  }, start)
})

after(async () => {
  await browser?.close()
  await server?.close()
})

const idOf = (type) => page.evaluate((name) => tessera.store.nodes().find((node) => node.type === name).id, type)
const linksTo = (node, input) => page.evaluate(([id, name]) => tessera.store.linksTo(id, name).map(({ from }) => from.join('.')), [node, input])
const show = (ids) => page.evaluate((nodes) => tessera.editor.frame(nodes), ids)

/** A finger lies for a while. @param {[number, number]} point @param {number} ms */
const hold = async ([x, y], ms) => {
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] })
  await page.waitForTimeout(ms)
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
}

/** Milliseconds: a tap that comes sooner after a throw only ends it, and Chromium makes no click of it. */
const THROW = 400

/** A finger moves. @param {[number, number][]} points */
const slide = async (points) => {
  for (const [place, [x, y]] of points.entries()) await fingers.send('Input.dispatchTouchEvent', { type: place ? 'touchMove' : 'touchStart', touchPoints: [{ x, y }] })
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  await page.waitForTimeout(THROW)
}

test('a tap on a socket and a tap on a node make a wire; the finger may look around between', { timeout: TIMEOUT }, async () => {
  const [sampler, decoder] = [await idOf('KSampler'), await idOf('VAEDecode')]
  await page.evaluate(async (id) => (await import('/document/edits.js')).disconnect(tessera.store, tessera.store.linksTo(id, 'samples')[0].id), decoder)
  await show([sampler, decoder])
  await page.touchscreen.tap(...(await socketPoint(page, sampler, 'output', 'LATENT')))
  await page.locator('.toast', { hasText: 'Tap where the wire shall go' }).waitFor()
  const camera = () => page.evaluate(() => tessera.editor.camera.x)
  const before = await camera()
  await slide([[200, 600], [180, 600], [150, 600], [140, 600]])
  assert.ok(await camera() > before)
  assert.deepEqual(await linksTo(decoder, 'samples'), [])
  await page.touchscreen.tap(...(await socketPoint(page, decoder, 'input', 'samples')))
  assert.deepEqual(await linksTo(decoder, 'samples'), [`${sampler}.LATENT`])
  assert.deepEqual(await page.evaluate(() => tessera.store.undoLabel), 'Connect')
})

test('a tap on an input lifts its wire, and a second one there leaves all as it was', { timeout: TIMEOUT }, async () => {
  const decoder = await idOf('VAEDecode')
  await show([decoder])
  const before = await page.evaluate(() => tessera.store.links())
  const point = await socketPoint(page, decoder, 'input', 'samples')
  await page.touchscreen.tap(...point)
  await page.touchscreen.tap(...point)
  assert.deepEqual(await page.evaluate(() => tessera.store.links()), before)
})

test('a finger that lies opens the menu of what is under it', { timeout: TIMEOUT }, async () => {
  const sampler = await idOf('KSampler')
  const at = await page.evaluate((id) => {
    tessera.editor.frame([id])
    const { x, y, width } = tessera.editor.bounds(id)
    return tessera.editor.toClient(x + width / 2, y + 14)
  }, sampler)
  await hold(at, 700)
  const menu = page.locator('.menu')
  await menu.waitFor()
  const box = await menu.boundingBox()
  assert.ok(box.x >= 0 && box.x + box.width <= 390 && box.y >= 0 && box.y + box.height <= 844, JSON.stringify(box))
  await menu.getByRole('menuitemcheckbox', { name: 'Bypass' }).tap()
  assert.equal(await page.evaluate((id) => tessera.store.node(id).mode, sampler), 'bypassed')
})

test('everything in the bar can be hit by a finger and nothing reaches out of the screen', { timeout: TIMEOUT }, async () => {
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390)
  const small = await page.locator('#bar button:visible').evaluateAll((buttons) => buttons.map((button) => ({ name: button.dataset.command, ...button.getBoundingClientRect().toJSON() })).filter(({ width, height, right }) => width < 30 || height < 30 || right > 390))
  assert.deepEqual(small, [])
  for (const command of ['form', 'templates']) {
    await page.locator(`#bar [data-command="${command}"]`).tap()
    await page.waitForTimeout(200)
    const wide = await page.evaluate(() => [...document.querySelectorAll('.form *, dialog, dialog *')].filter((node) => node.getBoundingClientRect().right > 391 && getComputedStyle(node).visibility !== 'hidden' && !node.closest('.results')).map((node) => node.className || node.tagName))
    assert.deepEqual(wide, [], command)
    if (command === 'form') await page.locator('.form').getByRole('button', { name: 'Back to the canvas' }).tap()
    else await page.locator('dialog .quiet').first().tap()
  }
})

test('what the form made lies above its fields and covers none of them', { timeout: TIMEOUT }, async () => {
  await page.locator('#canvas').focus()
  await runToEnd(page, server)
  await page.locator('#bar [data-command="form"]').tap()
  await page.locator('.form-picture img').waitFor()
  const bottom = await page.locator('.form-picture img').evaluate((image) => image.decode().then(() => image.getBoundingClientRect().bottom))
  const { y } = await page.locator('.form-fields').boundingBox()
  assert.ok(bottom <= y && y < 700, `the picture ends at ${bottom}, the fields begin at ${y}`)
  await page.locator('.form').getByRole('button', { name: 'Back to the canvas' }).tap()
})

test('while a keyboard covers half of the screen, the form has what is left, and lists stay within it', { timeout: TIMEOUT }, async () => {
  await page.setViewportSize({ width: 360, height: 370 })
  await page.locator('#bar [data-command="form"]').tap()
  await page.locator('.form textarea').first().tap()
  await page.locator('#results').waitFor({ state: 'hidden' })
  const [field, foot] = await page.evaluate(() => [document.activeElement, document.querySelector('.form-end')].map((node) => node.getBoundingClientRect().toJSON()))
  assert.ok(field.top > 0 && field.bottom <= foot.top, `the field ends at ${field.bottom}, what is below it begins at ${foot.top}`)
  await page.locator('.form').getByRole('button', { name: 'Back to the canvas' }).tap()
  await page.locator('#results').waitFor()
  await page.locator('#canvas').focus()
  await page.keyboard.press('o')
  assert.ok((await page.getByRole('dialog', { name: 'Outline' }).boundingBox()).x >= 0)
  await page.keyboard.press('Escape')
  await page.setViewportSize({ width: 390, height: 844 })
})

test('two fingers zoom what is painted on and paint nothing, one finger paints, and all of it fits', { timeout: TIMEOUT }, async () => {
  await page.evaluate(async () => {
    const [{ addNode }, { encodePng }, { uploadImage }] = await Promise.all(['document/edits', 'kernels/png', 'run/api'].map((name) => import(`/${name}.js`)))
    await uploadImage(new File([await encodePng({ width: 64, height: 64, data: new Uint8Array(4 * 64 * 64).fill(255) })], 'white.png', { type: 'image/png' }))
    addNode(tessera.store, tessera.catalog, { id: 'painted', type: 'LoadImage', position: [0, 900], inputs: { image: 'white.png' } })
    tessera.selection.set({ nodes: ['painted'] })
  })
  await page.locator('#canvas').focus()
  await page.keyboard.press('p')
  await page.locator('.mask-canvas').waitFor()
  const wide = await page.locator('.masks :is(button, input, output, select):visible').evaluateAll((nodes) => nodes.filter((node) => node.getBoundingClientRect().right > 391).map((node) => node.ariaLabel ?? node.className))
  assert.deepEqual(wide, [])
  const zoom = async () => parseFloat(await page.locator('.mask-foot span').last().textContent())
  const undo = page.locator('.masks').getByRole('button', { name: 'Undo' })
  const before = await zoom()
  const pair = (spread) => [{ x: 220 - spread, y: 500, id: 0 }, { x: 220 + spread, y: 500, id: 1 }]
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: pair(40).slice(0, 1) })
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: pair(40) })
  for (const spread of [50, 65, 80]) await fingers.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: pair(spread) })
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  assert.ok(Math.abs((await zoom()) / before - 2) < 0.05, `${before} % became ${await zoom()} %`)
  assert.equal(await undo.isDisabled(), true)
  await slide([[200, 500], [220, 500], [240, 500]])
  assert.equal(await undo.isDisabled(), false)
  await page.locator('.masks').getByRole('button', { name: 'Cancel' }).tap()
  await page.getByRole('button', { name: 'Discard the mask' }).tap()
})

test('the page threw nothing', () => assert.deepEqual(page.errors, []))
