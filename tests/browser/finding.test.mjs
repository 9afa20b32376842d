// Finding everything by its name, replacing values everywhere, and two sets of values to compare.

import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { eventually, headerPoint, openBrowser, openEditor, ready, runToEnd, Server, setUp, TIMEOUT } from './harness.mjs'

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

test('the button of a message takes back its own edit, never one that came since', { timeout: TIMEOUT }, async () => {
  await page.keyboard.press('Control+Shift+f')
  const sheet = page.locator('dialog.replace')
  await sheet.getByLabel('Find a value').fill('128')
  await sheet.getByLabel('Replace it by').fill('256')
  await sheet.getByRole('button', { name: 'Replace' }).click()
  await page.evaluate(() => tessera.store.setTitle('Named since'))
  const content = async () => ({ ...await documents(), view: null }) // Where one looks may still be on its way.
  const since = await content()
  await page.locator('.toast', { hasText: '2 values replaced' }).getByRole('button', { name: 'Undo' }).click()
  await page.locator('.toast', { hasText: 'Other edits came since' }).waitFor()
  assert.deepEqual(await content(), since)
  await page.locator('#canvas').focus()
  for (const _ of 'ab') await page.keyboard.press('Control+z')
  assert.deepEqual(await input('EmptyLatentImage', 'width'), [128])
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

test('the search tells of the node that is chosen what it takes, gives and does', { timeout: TIMEOUT }, async () => {
  await page.keyboard.press('Shift+A')
  await page.keyboard.type('ksampler')
  assert.match(await page.locator('.picker .search-help').innerText(), /\w+ \w+/)
  assert.deepEqual(await page.locator('.picker .search-sockets .type-chip').allTextContents(), ['MODEL', 'CONDITIONING', 'CONDITIONING', 'LATENT', 'LATENT'])
  await page.keyboard.press('ArrowDown')
  assert.notEqual(await page.locator('.picker [aria-selected=true] .search-title').innerText(), 'KSampler')
  await page.keyboard.press('Escape')
})

test('a search for nodes finds what is drawn around them too, and makes it', { timeout: TIMEOUT }, async () => {
  await page.keyboard.press('Shift+A')
  await page.keyboard.type('comment')
  await page.locator('.picker .search-title', { hasText: 'Note' }).click()
  await eventually(page, () => tessera.store.toJSON().notes?.length === 1)
})

test('one key selects what feeds a node, what it feeds, and all that hangs together; others show it and all', { timeout: TIMEOUT }, async () => {
  const after = async (node, key) => {
    await page.evaluate((id) => tessera.selection.set({ nodes: [id] }), node)
    await page.keyboard.press(key)
    return page.evaluate(() => [...tessera.selection.nodes].sort().join(' '))
  }
  await page.evaluate(async () => (await import('/document/edits.js')).addNode(tessera.store, tessera.catalog, { id: 'alone', type: 'VAEDecode', position: [2400, 900] }))
  assert.deepEqual([await after('sampler', '['), await after('sampler', ']'), await after('save', 'Shift+C')],
    ['loader negative prompt sampler size', 'decode sampler save', 'decode loader negative prompt sampler save size'])
  const seen = () => page.evaluate(() => tessera.store.nodes().filter(({ id }) => {
    const { x, y, width, height } = tessera.editor.bounds(id)
    const { view } = tessera.editor.map()
    return x >= view.x && y >= view.y && x + width <= view.x + view.width && y + height <= view.y + view.height
  }).map(({ id }) => id))
  await after('alone', '.')
  await eventually(page, () => tessera.editor.camera.zoom === 1)
  assert.deepEqual(await seen(), ['alone'])
  await page.keyboard.press('Home')
  assert.equal((await seen()).length, start.nodes.length + 1)
  await page.keyboard.press('Shift+Digit0')
  assert.equal(await page.evaluate(() => tessera.editor.camera.zoom), 1)
})

test('a command for a frame is for all that stands in it: it is muted, copied and cut whole, and what is pasted is selected', { timeout: TIMEOUT }, async () => {
  await page.evaluate(() => tessera.selection.set({ nodes: ['decode', 'save'] }))
  await page.keyboard.press('Shift+G')
  await page.keyboard.type('Out')
  await page.keyboard.press('Enter')
  await page.keyboard.press('m')
  assert.deepEqual(await page.evaluate(() => tessera.store.nodes().filter(({ mode }) => mode === 'muted').map(({ id }) => id).sort()), ['decode', 'save'])
  await page.keyboard.press('Control+x')
  assert.deepEqual(await page.evaluate(() => [tessera.store.nodes().length, tessera.store.carried('frames').length]), [start.nodes.length - 2, 0])
  await page.keyboard.press('Control+v')
  await eventually(page, () => tessera.store.carried('frames').length === 1)
  assert.deepEqual(await page.evaluate(() => [[...tessera.selection.nodes].sort(), [...tessera.selection.annotations].length, tessera.store.links().some(({ from, to }) => from[0] === 'decode' && to[0] === 'save')]), [['decode', 'save'], 1, true])
})

test('a picture that is pasted becomes a loader, or goes into the one that is selected', { timeout: TIMEOUT }, async () => {
  const pastePicture = (name, before = {}) => page.evaluate(async ([called, texts]) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 })
    canvas.getContext('2d').fillRect(0, 0, 8, 8)
    const blob = await new Promise((resolve) => canvas.toBlob(resolve))
    const clipboardData = new DataTransfer()
    for (const [each, text] of Object.entries(texts)) clipboardData.items.add(new File([text], each, { type: each.endsWith('png') ? 'image/png' : '' }))
    clipboardData.items.add(new File([blob], called, { type: 'image/png' }))
    document.querySelector('#canvas').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, [name, before])
  const loaded = () => page.evaluate(() => tessera.store.nodes().filter(({ type }) => type === 'LoadImage').map(({ inputs }) => inputs.image))
  await pastePicture('first.png')
  await eventually(page, () => tessera.store.nodes().some(({ type }) => type === 'LoadImage'))
  assert.deepEqual(await loaded(), ['first.png'])
  await pastePicture('second.png')
  await eventually(page, () => tessera.store.nodes().some(({ inputs }) => inputs?.image === 'second.png'))
  assert.deepEqual(await loaded(), ['second.png'])
  await page.keyboard.press('Escape') // Beside a workflow that opens, the others are meant for what is open; what is no picture is told.
  await pastePicture('third.png', { 'flow.json': JSON.stringify({ format: 'tessera.workflow', version: 1, nodes: [{ id: 'only', type: 'KSampler' }] }), 'fake.png': 'garbage' })
  await page.locator('.toast', { hasText: 'fake.png was not taken in: this is no picture that can be read' }).waitFor()
  await page.locator('.tab-active', { hasText: 'flow' }).waitFor()
  assert.deepEqual(await page.evaluate(() => tessera.store.nodes().map(({ id }) => id)), ['only'])
  await page.keyboard.press('Alt+w')
  assert.deepEqual(await loaded(), ['second.png', 'third.png'])
})

test('a picture of the strip is dragged onto a node that loads one', { timeout: TIMEOUT }, async () => {
  await runToEnd(page, server)
  await page.evaluate(async () => {
    (await import('/document/edits.js')).addNode(tessera.store, tessera.catalog, { id: 'loads', type: 'LoadImage', position: [40, 900] })
    tessera.editor.frame()
  })
  const [x, y] = await headerPoint(page, 'loads')
  const box = await page.locator('#canvas').boundingBox()
  await page.locator('.result img.loaded').first().dragTo(page.locator('#canvas'), { targetPosition: { x: x - box.x, y: y - box.y } })
  await eventually(page, () => /^Tessera_\d+_?\.png$/.test(tessera.store.node('loads').inputs.image ?? ''))
  assert.equal(await page.evaluate(() => tessera.tabs.list.length), 1)
})

test('a tab says by a dot that it has changed since it was saved, and shows its picture where one points', { timeout: TIMEOUT }, async () => {
  const dots = () => page.locator('.tab-dot').count()
  await Promise.all([page.waitForResponse((answer) => answer.url().endsWith('/plan')), page.keyboard.press('Alt+n')])
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
  assert.equal(await page.locator('[data-command="problems"]').isVisible(), false, 'an empty workflow is no mistake')
  await page.keyboard.press('Alt+PageUp')
  await eventually(page, () => document.querySelectorAll('.tab').length === 2)
  assert.equal(await dots(), 0)
  await page.evaluate(() => tessera.store.setTitle('Changed'))
  await page.locator('.tab-dot').waitFor()
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Control+s')])
  await download.delete()
  await page.locator('.tab-dot').waitFor({ state: 'detached' })
  await page.keyboard.press('Control+z')
  await page.evaluate(() => tessera.store.setTitle('As many edits, but others'))
  await page.locator('.tab-dot').waitFor()
  await page.locator('.tab').nth(1).hover()
  await page.locator('.tab-peek canvas').waitFor()
  await page.mouse.move(700, 500)
  await page.locator('.tab-peek').waitFor({ state: 'hidden' })
  await page.keyboard.press('Alt+PageDown')
  await page.reload()
  await ready(page)
  await page.locator('.tab').first().hover()
  await page.locator('.tab-peek canvas.sketch').waitFor() // Nobody has looked at it since the page opened.
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
