// Finding everything by its name, replacing values everywhere, and two sets of values to compare.

import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { eventually, openBrowser, openEditor, Server, setUp, TIMEOUT } from './harness.mjs'

let server, browser, page, start

setUp(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()])
  page = await openEditor(browser, server)
  start = await page.evaluate(() => tessera.store.toJSON())
})

beforeEach(async () => {
  await page.evaluate((document) => {
    while (tessera.tabs.list.length > 1) tessera.tabs.close(tessera.tabs.active)
    tessera.store.load(document)
    tessera.editor.frame()
  }, start)
  await page.locator('#canvas').focus()
})

after(async () => {
  await browser?.close()
  await server?.close()
})

const input = (type, name) => page.evaluate(([wanted, key]) => tessera.store.nodes().filter((node) => node.type === wanted).map(({ inputs }) => inputs[key]), [type, name])
const documents = () => page.evaluate(() => tessera.store.toJSON())

test('a value is replaced wherever one leaves it ticked, as one undo', { timeout: TIMEOUT }, async () => {
  const before = (await documents()).nodes
  await page.keyboard.press('Control+Shift+f')
  const sheet = page.locator('dialog.replace')
  await sheet.getByLabel('Find a value').fill('128')
  await sheet.getByLabel('Replace it by').fill('192')
  assert.deepEqual(await sheet.locator('.replace-place').allTextContents(), ['Empty Latent Image · width', 'Empty Latent Image · height'])
  assert.deepEqual(await sheet.locator('.replace-change').allTextContents(), ['128 → 192', '128 → 192'])
  await sheet.getByRole('checkbox').first().uncheck()
  await sheet.getByText('1 of 2 chosen').waitFor()
  await sheet.getByRole('button', { name: 'Replace' }).click()
  assert.deepEqual([await input('EmptyLatentImage', 'width'), await input('EmptyLatentImage', 'height')], [[128], [192]])
  await page.locator('.toast', { hasText: '1 value replaced' }).getByRole('button', { name: 'Undo' }).click()
  assert.deepEqual((await documents()).nodes, before)
})

test('what an input does not offer is told and not ticked', { timeout: TIMEOUT }, async () => {
  await page.keyboard.press('Control+Shift+f')
  const sheet = page.locator('dialog.replace')
  await sheet.getByLabel('Find a value').fill('dpmpp_2m')
  await sheet.getByLabel('Replace it by').fill('nonsense')
  await sheet.getByText('The input does not offer this').waitFor()
  assert.equal(await sheet.getByRole('button', { name: 'Replace' }).isDisabled(), true)
  await sheet.getByLabel('Replace it by').fill('euler')
  await page.keyboard.press('Enter')
  assert.deepEqual(await input('KSampler', 'sampler_name'), ['euler'])
})

test('the palette leads to nodes, model files, templates and open workflows', { timeout: TIMEOUT }, async () => {
  const choose = async (words) => {
    await page.locator('#canvas').focus()
    await page.keyboard.press('Control+p')
    await page.waitForTimeout(150)
    await page.keyboard.type(words)
    await page.keyboard.press('Enter')
  }
  await choose('vae decode')
  assert.equal(await page.evaluate(() => tessera.store.node([...tessera.selection.nodes][0]).type), 'VAEDecode')
  const count = (await documents()).nodes.length
  await choose('tessera-emoji')
  await eventually(page, (nodes) => tessera.store.nodes().length === nodes + 1, count)
  const added = await page.evaluate(() => tessera.store.node([...tessera.selection.nodes][0]))
  assert.deepEqual(Object.values(added.inputs)[0], 'tessera-emoji-v1.safetensors')
  await choose('image to image')
  await eventually(page, () => tessera.tabs.list.length === 2)
  await choose('text to image')
  await eventually(page, () => tessera.store.title === 'Text to image')
})

test('two sets of values are kept and switched with one key, each an undo', { timeout: TIMEOUT }, async () => {
  const set = (steps) => page.evaluate(async (value) => (await import('/document/edits.js')).setInput(tessera.store, tessera.store.nodes().find(({ type }) => type === 'KSampler').id, 'steps', value), steps)
  const steps = async () => (await input('KSampler', 'steps'))[0]
  const first = await steps()
  await page.keyboard.press('y')
  await set(7)
  await page.keyboard.press('y')
  assert.equal(await steps(), first)
  await set(9)
  await page.keyboard.press('y')
  assert.equal(await steps(), 7)
  await page.keyboard.press('y')
  assert.equal(await steps(), 9)
  await page.keyboard.press('Control+z')
  assert.equal(await steps(), 7)
})

test('the page threw nothing', () => assert.deepEqual(page.errors, []))
