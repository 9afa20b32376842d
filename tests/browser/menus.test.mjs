// The menus of a right click: what they hold, keys and letters in them, where they open, and that axe-core finds nothing wrong.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, test } from 'node:test'
import { CHECKOUT, emptyPoint, headerPoint, openBrowser, openEditor, Server, setUp, TIMEOUT } from './harness.mjs'

let server, browser, page, sampler

setUp(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()])
  page = await openEditor(browser, server)
  await page.evaluate(await readFile(join(CHECKOUT, 'node_modules/axe-core/axe.min.js'), 'utf8'))
  sampler = await page.evaluate(() => tessera.store.nodes().find(({ type }) => type === 'KSampler').id)
})

after(async () => {
  await browser?.close()
  await server?.close()
})
afterEach(async () => {
  for (let press = 0; press < 4; press += 1) await page.keyboard.press('Escape')
})

const openAt = async (point) => {
  await page.mouse.click(...point, { button: 'right' })
  await page.locator('.menu').first().waitFor()
}
const rows = (menu = 0) => page.locator('.menu').nth(menu).locator('button').allTextContents()
const focused = () => page.evaluate(() => document.activeElement.querySelector('.menu-label')?.textContent ?? document.activeElement.tagName)
const mode = () => page.evaluate((id) => tessera.store.node(id).mode ?? 'active', sampler)
/** @param {string} name */
const violations = (name) => page.evaluate(async (said) => (await window.axe.run('.menu')).violations.map(({ id, nodes }) => `${said}: ${id}: ${nodes.map(({ html }) => html.slice(0, 90))}`), name)

test('a node\'s menu begins with what is done most, and holds no more than a hand can look over', { timeout: TIMEOUT }, async () => {
  await openAt(await headerPoint(page, sampler))
  const shown = (await page.locator('.menu .menu-label').allTextContents())
  assert.deepEqual(shown.slice(0, 7), ['Run up to here', 'Mute', 'Bypass', 'Duplicate', 'Copy', 'Rename', 'Delete'])
  assert.ok(shown.length <= 16, `${shown.length} rows`)
})

test('arrows, Home and End walk it, right and left open and close the menu within, Enter chooses', { timeout: TIMEOUT }, async () => {
  await openAt(await headerPoint(page, sampler))
  await page.keyboard.press('End')
  assert.equal(await focused(), 'About this node')
  await page.keyboard.press('ArrowDown')
  assert.equal(await focused(), 'Run up to here')
  await page.keyboard.press('ArrowUp')
  for (let step = 0; step < 4; step += 1) await page.keyboard.press('ArrowUp')
  assert.equal(await focused(), 'Wires')
  await page.keyboard.press('ArrowRight')
  assert.equal(await focused(), 'Add after the selected node')
  await page.keyboard.press('ArrowLeft')
  assert.deepEqual([await focused(), await page.locator('.menu').count()], ['Wires', 1])
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  assert.deepEqual([await mode(), await page.locator('.menu').count(), await page.evaluate(() => document.activeElement.id)], ['muted', 0, 'canvas'])
  await openAt(await headerPoint(page, sampler))
  assert.equal(await page.getByRole('menuitemcheckbox', { name: 'Mute' }).getAttribute('aria-checked'), 'true')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+z')
})

test('without a pointer a key opens the menu of what is selected, else of the canvas', { timeout: TIMEOUT }, async () => {
  await page.evaluate((id) => tessera.selection.set({ nodes: [id] }), sampler)
  await page.locator('#canvas').focus()
  await page.keyboard.press('Shift+F10')
  assert.equal(await focused(), 'Run up to here')
  await page.keyboard.press('Escape')
  await page.evaluate(() => tessera.selection.clear())
  await page.keyboard.press('ContextMenu')
  assert.deepEqual([await focused(), await page.locator('.menu').count()], ['Add a node', 1])
})

test('letters narrow it to what they find, in the menus within too; Escape gives the menu back', { timeout: TIMEOUT }, async () => {
  await openAt(await headerPoint(page, sampler))
  const before = await rows()
  await page.keyboard.type('swap')
  assert.deepEqual(await rows(), ['Swap two inputsWiresAlt+S'])
  await page.keyboard.press('Escape')
  assert.deepEqual(await rows(), before)
  await page.keyboard.type('xyz')
  assert.equal(await page.locator('.menu-none').textContent(), 'Nothing matches')
  for (let press = 0; press < 3; press += 1) await page.keyboard.press('Backspace')
  await page.keyboard.type('byp')
  await page.keyboard.press('Enter')
  assert.equal(await mode(), 'bypassed')
  await page.keyboard.press('Control+z')
})

test('a pointer opens the menu within, which stays in the window, in the corner too', { timeout: TIMEOUT }, async () => {
  const { width, height } = page.viewportSize()
  await page.evaluate(() => tessera.editor.zoomTo(0.3))
  const [x, y] = await emptyPoint(page)
  for (const point of [[x, y], [1200, height - 4]]) {
    await openAt(point)
    await page.getByRole('menuitem', { name: 'View' }).hover()
    await page.locator('.menu').nth(1).waitFor()
    for (const menu of [0, 1]) {
      const box = await page.locator('.menu').nth(menu).boundingBox()
      assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height, JSON.stringify(box))
    }
    await page.mouse.click(5, height - 5)
    assert.equal(await page.locator('.menu').count(), 0)
  }
  await page.evaluate(() => tessera.editor.frame())
})

test('axe-core finds nothing wrong with a menu, one within it, and what letters find, in either look', { timeout: TIMEOUT }, async () => {
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme })
    const places = { node: await headerPoint(page, sampler), canvas: await emptyPoint(page), input: await page.evaluate((id) => {
      const { x, y } = tessera.editor.widgetBounds(id, 'cfg')
      return tessera.editor.toClient(x + 20, y + 8)
    }, sampler) }
    for (const [name, point] of Object.entries(places)) {
      await openAt(point)
      await page.locator('.menu [aria-haspopup]').first().click()
      assert.deepEqual(await violations(name), [])
      await page.keyboard.type('a')
      assert.deepEqual(await violations(`${name}, found`), [])
      for (let press = 0; press < 3; press += 1) await page.keyboard.press('Escape')
    }
  }
})

test('the page threw nothing', () => assert.deepEqual(page.errors, []))
