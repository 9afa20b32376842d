// Seeing what runs have made: values on sockets, small windows that stay, and what of it outlives edits and reloads.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { eventually, openBrowser, openEditor, ready, runToEnd, Server, setUp, socketPoint, TIMEOUT } from './harness.mjs'

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

test('two nodes are seen against each other, with what made two pictures otherwise', { timeout: TIMEOUT }, async () => {
  const [decode, sampler] = await Promise.all(['VAEDecode', 'KSampler'].map(idOf))
  await select(decode)
  await press('1')
  await eventually(page, () => document.querySelector('.viewer')?.dataset.shown?.includes('/values/'))
  await page.keyboard.press('Escape')
  await select(sampler)
  await press('2')
  const viewer = page.locator('.viewer')
  await viewer.waitFor()
  assert.equal(await viewer.getByRole('button', { name: 'Wipe' }).getAttribute('aria-pressed'), 'true')
  await page.keyboard.press('o')
  await viewer.getByRole('slider', { name: 'How much of B is seen' }).fill('80')
  await page.keyboard.press('Escape')
  await page.locator('.result button').last().click({ modifiers: ['Shift'] })
  await viewer.locator('.viewer-differs tr', { hasText: 'seed' }).waitFor()
  assert.deepEqual(await viewer.locator('.viewer-differs tr', { hasText: 'seed' }).locator('td').last().innerText(), '31')
  await page.keyboard.press('Escape')
})

test('a picture is sent to where the next one begins, and can be deleted and brought back', { timeout: TIMEOUT }, async () => {
  const before = await page.evaluate(() => tessera.store.toJSON())
  await page.locator('.result button').first().click()
  await page.locator('.viewer-send summary').click()
  await page.getByRole('button', { name: 'Image to image' }).click()
  await eventually(page, () => tessera.store.nodes().some(({ type, inputs }) => type === 'LoadImage' && inputs.image))
  const sampler = await idOf('KSampler')
  assert.equal(await page.evaluate((id) => tessera.store.node(tessera.store.linksTo(id, 'latent_image')[0].from[0]).type, sampler), 'VAEEncode')
  await press('Control+z')
  assert.deepEqual((await page.evaluate(() => tessera.store.toJSON())).nodes, before.nodes)
  const count = await page.locator('.result img').count()
  await page.locator('.result button').first().click({ button: 'right' })
  await page.getByRole('button', { name: 'Delete' }).or(page.getByRole('menuitem', { name: 'Delete' })).first().click()
  await eventually(page, (wanted) => document.querySelectorAll('.result img').length === wanted, count - 1)
  await page.evaluate(() => { const toast = [...document.querySelectorAll('.toast')].find((each) => each.textContent.includes('Deleted')); toast.querySelector('.link').click() })
  await eventually(page, (wanted) => document.querySelectorAll('.result img').length === wanted, count)
})

test('a branch alone is planned and run, until all of it is again', { timeout: TIMEOUT }, async () => {
  const prompt = await idOf('CLIPTextEncode')
  await select(prompt)
  await press('s')
  await eventually(page, () => tessera.plan.steps.length === 2)
  const { events } = await runToEnd(page, server)
  assert.deepEqual(events.filter(({ type }) => type === 'RunQueued').map(({ steps }) => steps.length), [2])
  await press('s')
  await eventually(page, () => tessera.plan.steps.length > 4)
})

test('pictures stay with their nodes through undo, other tabs and a reload', { timeout: TIMEOUT }, async () => {
  const sink = await idOf('SaveImage')
  const shown = () => page.evaluate((id) => tessera.editor.picturesOf(id).map(({ url }) => url), sink)
  const there = await shown()
  assert.ok(there.length > 0)
  await setInput(await idOf('KSampler'), 'steps', 3)
  await press('Control+z')
  assert.deepEqual(await shown(), there)
  await press('Alt+n')
  await eventually(page, () => tessera.store.nodes().length === 0)
  await press('Alt+PageUp')
  await eventually(page, (id) => tessera.editor.picturesOf(id).length > 0, sink)
  assert.deepEqual(await shown(), there)
  await page.reload()
  await ready(page)
  await eventually(page, (id) => tessera.editor.picturesOf(id).length > 0, sink)
  assert.deepEqual(await shown(), there)
})

test('the page threw nothing', () => assert.deepEqual(page.errors, []))
