// Curves with a real browser: drawn on the node, dragged, typed, nudged, undone; in the form and by a finger too.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { CHECKOUT, openBrowser, openEditor, Server, setUp, TIMEOUT } from './harness.mjs'

let server, browser, page, start, axe

setUp(async () => {
  [server, browser, axe] = await Promise.all([Server.start(), openBrowser(), readFile(join(CHECKOUT, 'node_modules/axe-core/axe.min.js'), 'utf8')])
  page = await openEditor(browser, server)
  await page.evaluate(axe)
  start = JSON.parse(await readFile(join(CHECKOUT, 'workflows/guidance_by_a_curve.json'), 'utf8'))
})

beforeEach(async () => {
  await page.keyboard.press('Escape')
  await page.evaluate((document) => {
    tessera.store.load(document)
    const { x, y } = tessera.editor.bounds('falling')
    tessera.editor.setCamera({ x: x - 500, y: y - 60, zoom: 1 })
  }, start)
  await page.locator('#canvas').focus()
})

after(async () => {
  await browser?.close()
  await server?.close()
})

const points = () => page.evaluate(() => tessera.store.node('falling').inputs.value.points)
const openPanel = async () => {
  const [x, y] = await page.evaluate(() => {
    const box = tessera.editor.widgetBounds('falling', 'value')
    return tessera.editor.toClient(box.x + box.width / 2, box.y + box.height / 2)
  })
  await page.mouse.click(x, y)
  await page.locator('.curve-panel').waitFor()
}
/** Where a place of the curve is in the window. */
const placeAt = async (x, y, top = 9) => {
  const box = await page.locator('.curve-plot').boundingBox()
  const scale = box.width / 352
  return [box.x + (38 + x * 302) * scale, box.y + (12 + (1 - y / top) * 166) * scale]
}

test('a point is dragged as one undo, Shift snaps it to a step, and a double-click adds and takes away', { timeout: TIMEOUT }, async () => {
  await openPanel()
  await page.mouse.move(...(await placeAt(0.4, 6)))
  await page.mouse.down()
  for (const part of [0.5, 0.6]) await page.mouse.move(...(await placeAt(part, 3)))
  await page.mouse.up()
  const [, [x, y]] = await points()
  assert.ok(Math.abs(x - 0.6) < 0.01 && Math.abs(y - 3) < 0.1, `${x}, ${y}`)
  await page.keyboard.press('Control+z')
  assert.deepEqual(await points(), [[0, 9], [0.4, 6], [1, 1]])
  await page.mouse.move(...(await placeAt(0.4, 6)))
  await page.mouse.down()
  await page.keyboard.down('Shift')
  await page.mouse.move(...(await placeAt(0.46, 3)))
  await page.mouse.up()
  await page.keyboard.up('Shift')
  assert.equal((await points())[1][0], Number((5 / 11).toFixed(4)))
  await page.mouse.dblclick(...(await placeAt(0.8, 8)))
  assert.equal((await points()).length, 4)
  await page.mouse.move(...(await placeAt(0.82, 4)))
  assert.match(await page.locator('.curve-told').textContent(), /^step 10 of 12: [78]/)
  await page.mouse.dblclick(...(await placeAt(0.8, 8)))
  assert.deepEqual((await points()).map(([at]) => at), [0, 0.4545, 1])
  assert.deepEqual(page.errors, [])
})

test('axe-core finds nothing wrong with the editor of a curve in either look', { timeout: TIMEOUT }, async () => {
  await page.emulateMedia({ reducedMotion: 'reduce' }) // Colours on their way to the other look have none to judge.
  await openPanel()
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme })
    await page.waitForFunction((wanted) => document.documentElement.dataset.theme === wanted, colorScheme)
    const found = await page.evaluate(async () => (await window.axe.run('.curve-panel', { resultTypes: ['violations'] })).violations.map(({ id, nodes }) => [id, nodes[0].html, nodes[0].failureSummary]))
    assert.deepEqual(found, [])
  }
})

test('keys alone shape a curve, and a screen reader hears where each point is', { timeout: TIMEOUT }, async () => {
  await openPanel()
  const first = page.getByRole('slider', { name: 'Point 1 of 3' })
  assert.equal(await first.getAttribute('aria-valuetext'), 'x 0, y 9')
  await page.keyboard.press('Tab')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Shift+ArrowDown')
  assert.deepEqual((await points())[1], [0.41, 5.1])
  await page.keyboard.press('Enter')
  assert.equal(await page.getByRole('slider', { name: 'Point 3 of 4' }).evaluate((node) => node === document.activeElement), true)
  await page.keyboard.press('Delete')
  assert.equal((await points()).length, 3)
  await page.getByLabel('y of the point').fill('2*2')
  await page.getByLabel('y of the point').press('Tab')
  assert.deepEqual((await points())[1], [0.41, 4])
  await page.getByRole('button', { name: 'Bell' }).click()
  assert.deepEqual(await points(), [[0, 1], [0.5, 9], [1, 1]])
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Bell', 'the focus stays')
  await page.getByRole('button', { name: 'Flip up and down' }).click()
  await page.getByRole('button', { name: 'Steps', exact: true }).click()
  assert.deepEqual(await page.evaluate(() => tessera.store.node('falling').inputs.value), { points: [[0, 9], [0.5, 1], [1, 9]], interpolation: 'step' })
  await page.keyboard.press('Escape')
  await page.locator('.curve-panel').waitFor({ state: 'detached' })
  assert.deepEqual(page.errors, [])
})

test('the form shows the curve and opens the same editor, which a finger drags', { timeout: TIMEOUT }, async () => {
  await page.keyboard.press('Shift+F')
  const plot = page.locator('.form-plot')
  assert.equal(await plot.getAttribute('aria-label'), 'Falling guidance: 0: 9 → 0.4: 6 → 1: 1, smooth')
  await plot.click()
  const [[fromX, fromY], [toX, toY]] = [await placeAt(1, 1), await placeAt(1, 5)]
  const session = await page.context().newCDPSession(page)
  const touch = (type, x, y) => session.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] })
  await touch('touchStart', fromX, fromY)
  await touch('touchMove', toX, toY)
  await touch('touchEnd')
  const [, , [x, y]] = await points()
  assert.ok(x === 1 && Math.abs(y - 5) < 0.1, `${x}, ${y}`)
  assert.match(await plot.getAttribute('aria-label'), /1: (4\.9|5)/)
  await page.keyboard.press('Escape')
  await page.keyboard.press('Shift+F')
  assert.deepEqual(page.errors, [])
})
