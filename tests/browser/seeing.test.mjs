// Seeing what runs have made: values on sockets, small windows that stay, and what of it outlives edits and reloads.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { eventually, openBrowser, openEditor, runToEnd, Server, setUp, socketPoint, TIMEOUT } from './harness.mjs'

let server, browser, page

setUp(async () => {
  [server, browser] = await Promise.all([Server.start({ input: true }), openBrowser()])
  page = await openEditor(browser, server)
  await runToEnd(page, server)
  await eventually(page, () => tessera.plan.results.size > 4)
  await page.evaluate(() => tessera.editor.frame())
})

after(async () => {
  await browser?.close()
  await server?.close()
})

const idOf = (type) => page.evaluate((name) => tessera.store.nodes().find((node) => node.type === name)?.id, type)
const press = async (keys) => (await page.locator('#canvas').focus(), page.keyboard.press(keys))
const select = (...ids) => page.evaluate((nodes) => tessera.selection.set({ nodes }), ids)
const setInput = (node, input, value) => page.evaluate(async ([id, name, given]) => (await import('/document/edits.js')).setInput(tessera.store, id, name, given), [node, input, value])

test('a click on a socket shows what lies there, and running nothing', { timeout: TIMEOUT }, async () => {
  const [decode, sampler] = await Promise.all(['VAEDecode', 'KSampler'].map(idOf))
  const since = await server.lastEvent()
  await page.mouse.click(...await socketPoint(page, decode, 'output', 'IMAGE'))
  const peek = page.locator('.peek')
  await peek.locator('.look-first', { hasText: /^\d+ × \d+$/ }).waitFor()
  await eventually(page, () => document.querySelector('.peek img')?.naturalWidth > 0)
  await page.keyboard.press('Escape')
  await peek.waitFor({ state: 'detached' })
  await page.mouse.click(...await socketPoint(page, decode, 'input', 'samples')) // What comes in: the sampler's latent.
  await peek.locator('strong', { hasText: 'KSampler' }).waitFor()
  await peek.locator('.look-first', { hasText: '4 channels' }).waitFor()
  await page.mouse.click(...await page.evaluate(() => [document.querySelector('#canvas').getBoundingClientRect().x + 8, innerHeight - 8]))
  await peek.waitFor({ state: 'detached' })
  assert.equal(await server.lastEvent(), since)
  assert.ok(sampler)
})

test('a pinned window follows edits and runs, and its picture opens large', { timeout: TIMEOUT }, async () => {
  const sampler = await idOf('KSampler')
  await select(sampler)
  await press('i')
  const peek = page.locator('.peek')
  await peek.getByRole('button', { name: 'Keep it open' }).click()
  await page.mouse.click(...await page.evaluate(() => [document.querySelector('#canvas').getBoundingClientRect().x + 8, innerHeight - 8]))
  const before = await peek.locator('img').getAttribute('src')
  await setInput(sampler, 'seed', 31)
  await peek.locator('.peek-note', { hasText: 'last run' }).waitFor()
  await runToEnd(page, server)
  await eventually(page, (old) => document.querySelector('.peek img') && document.querySelector('.peek img').getAttribute('src') !== old, before)
  await peek.locator('.peek-open').click()
  await eventually(page, () => document.querySelector('.viewer')?.dataset.shown?.includes('/values/'))
  await page.keyboard.press('Escape')
  await page.locator('.viewer').waitFor({ state: 'detached' })
  await peek.getByRole('button', { name: 'Close' }).click()
})

test('the page threw nothing', () => assert.deepEqual(page.errors, []))
