// Keys alone build a workflow from nothing, wire it, edit it and run it; the outline and the live region tell what happens.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { eventually, openBrowser, openEditor, Server, setUp, TIMEOUT } from './harness.mjs'

let server, browser, page

setUp(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()])
  page = await openEditor(browser, server)
  await page.evaluate(() => {
    window.said = []
    new MutationObserver(() => window.said.push(document.querySelector('#announcer').textContent)).observe(document.querySelector('#announcer'), { childList: true, characterData: true, subtree: true })
    for (const kind of ['pointerdown', 'mousedown']) addEventListener(kind, () => (window.pointed = true), { capture: true })
  })
})

after(async () => {
  await browser?.close()
  await server?.close()
})

const keys = async (...pressed) => {
  for (const key of pressed) await page.keyboard.press(key)
}
/** Opens a list by a key, types what is looked for, takes the first. */
const choose = async (key, words) => {
  await keys(key)
  await page.locator('.picker').waitFor()
  await page.keyboard.type(words)
  await keys('Enter')
  await page.locator('.picker').waitFor({ state: 'detached' })
}
/** The only value of the selected node. */
const write = async (words) => {
  await keys('Enter')
  await eventually(page, () => tessera.editor.isEditing)
  await page.keyboard.type(words)
  await keys('Tab')
  await eventually(page, () => !tessera.editor.isEditing)
}
const selected = () => page.evaluate(() => [...tessera.selection.nodes].map((id) => tessera.store.node(id).type))
const wires = () => page.evaluate(() => tessera.store.links().map(({ from, to }) => [from, to].map(([id, name]) => `${tessera.store.node(id).type}.${name}`).join(' > ')).sort())

test('a workflow is built, wired, edited and run without a pointer', { timeout: TIMEOUT }, async () => {
  await keys('Alt+n')
  await choose('a', 'empty latent') // After nothing, too.
  await choose('a', 'ksampler')
  assert.deepEqual(await selected(), ['KSampler'])
  await choose('Shift+A', 'load checkpoint')
  await choose('k', 'model ksampler')
  await choose('a', 'text encode')
  await write('a red fox')
  await choose('k', 'positive')
  await choose('Shift+A', 'text encode')
  await write('blurred')
  await choose('k', 'clip load')
  await choose('k', 'negative')
  await choose('Control+f', 'ksampler')
  await choose('Enter', 'steps')
  await eventually(page, () => tessera.editor.isEditing)
  await keys('Control+a')
  await page.keyboard.type('2+1')
  await keys('Enter')
  await choose('a', 'vae decode')
  await choose('k', 'vae load')
  await choose('a', 'save image')
  assert.deepEqual(await wires(), [
    'CLIPTextEncode.CONDITIONING > KSampler.negative', 'CLIPTextEncode.CONDITIONING > KSampler.positive', 'CheckpointLoaderSimple.CLIP > CLIPTextEncode.clip', 'CheckpointLoaderSimple.CLIP > CLIPTextEncode.clip',
    'CheckpointLoaderSimple.MODEL > KSampler.model', 'CheckpointLoaderSimple.VAE > VAEDecode.vae', 'EmptyLatentImage.LATENT > KSampler.latent_image', 'KSampler.LATENT > VAEDecode.samples', 'VAEDecode.IMAGE > SaveImage.images',
  ])
  const values = await page.evaluate(() => Object.fromEntries(tessera.store.nodes().map(({ type, inputs }) => [type, inputs])))
  assert.equal(values.KSampler.steps, 3)
  await eventually(page, () => tessera.plan.problems.length === 0)
  await keys('Control+Enter')
  const run = await eventually(page, () => [...tessera.session.runs.values()].find(({ seconds }) => seconds !== undefined), null, 120_000)
  assert.equal(run.status, 'succeeded')
  assert.equal(await page.evaluate(() => window.pointed), undefined)
})

test('arrows walk along the wires and say where they are; Ctrl+arrows move, and undo takes back', { timeout: TIMEOUT }, async () => {
  await keys('ArrowLeft')
  assert.deepEqual(await selected(), ['VAEDecode'])
  await keys('ArrowLeft')
  assert.deepEqual(await selected(), ['KSampler'])
  assert.deepEqual((await page.evaluate(() => window.said)).slice(-2), ['VAE Decode', 'KSampler'])
  const place = () => page.evaluate(() => tessera.store.node([...tessera.selection.nodes][0]).position)
  const [x, y] = await place()
  await keys('Control+ArrowRight', 'Control+ArrowDown')
  assert.ok((await place())[0] > x && (await place())[1] > y)
  await keys('Control+z')
  assert.deepEqual(await place(), [x, y])
  await eventually(page, () => window.said.at(-1) === 'Undo: Move: KSampler')
})

test('the outline has every node with its inputs, in the order of flow, and leads to it', { timeout: TIMEOUT }, async () => {
  await keys('o')
  const outline = page.getByRole('dialog', { name: 'Outline' })
  const titles = await outline.locator('.outline-node').allTextContents()
  assert.deepEqual([...titles].sort(), ['CLIP Text Encode (Prompt)', 'CLIP Text Encode (Prompt)', 'Empty Latent Image', 'KSampler', 'Load Checkpoint', 'Save Image', 'VAE Decode'])
  assert.ok(titles.indexOf('Load Checkpoint') < titles.indexOf('KSampler') && titles.indexOf('KSampler') < titles.indexOf('Save Image'))
  const sampler = outline.locator('li[data-node]', { has: page.getByRole('button', { name: 'KSampler', exact: true }) })
  assert.deepEqual(await sampler.locator('li', { hasText: 'latent image' }).locator('.outline-value').allTextContents(), ['from Empty Latent Image · LATENT'])
  assert.deepEqual(await sampler.locator('li', { hasText: 'steps' }).locator('.outline-value').allTextContents(), ['3'])
  assert.deepEqual(await sampler.locator('.outline-state').allTextContents(), ['cached'])
  await sampler.getByRole('button', { name: 'KSampler' }).focus()
  await keys('Enter')
  assert.deepEqual(await selected(), ['KSampler'])
  await keys('Escape')
})

test('a failed run is said with its reason', { timeout: TIMEOUT }, async () => {
  await page.locator('#canvas').focus()
  await keys('Alt+n')
  await choose('Shift+A', 'fall over')
  await keys('Control+Enter')
  await page.getByRole('alert').filter({ hasText: 'this node always falls over' }).waitFor()
})

test('the page threw nothing', () => assert.deepEqual(page.errors, []))
