// Editing with pointer and keyboard: search, wires, delete, undo, clipboard, problems, files.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { drag, emptyPoint, eventually, headerPoint, openBrowser, openEditor, ready, runToEnd, Server, setUp, socketPoint, TIMEOUT } from './harness.mjs'

let server, browser, page, start

setUp(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()])
  page = await openEditor(browser, server)
  start = await page.evaluate(() => tessera.store.toJSON())
})

beforeEach(async () => {
  await page.evaluate((document) => {
    tessera.store.load(document)
    tessera.editor.frame()
  }, start)
  await page.locator('#canvas').focus()
})

after(async () => {
  await browser?.close()
  await server?.close()
})

const types = () => page.evaluate(() => tessera.store.nodes().map(({ type }) => type).sort())
const links = () => page.evaluate(() => tessera.store.links().map(({ from, to }) => `${from.join('.')} > ${to.join('.')}`).sort())
const idOf = (type) => page.evaluate((name) => tessera.store.nodes().find((node) => node.type === name)?.id, type)

/** Drops files as the system does. */
const dropFiles = async (point, files) => {
  const data = await page.evaluateHandle((given) => {
    const transfer = new DataTransfer()
    for (const { name, type, bytes } of given) transfer.items.add(new File([new Uint8Array(bytes)], name, { type }))
    return transfer
  }, files.map((file) => ({ ...file, bytes: [...file.bytes] })))
  await page.evaluate(([transfer, [clientX, clientY]]) => {
    const target = document.elementFromPoint(clientX, clientY)
    for (const kind of ['dragenter', 'dragover', 'drop']) {
      target.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, clientX, clientY, bubbles: true, cancelable: true }))
    }
  }, [data, point])
}

test('double-click finds a node by a synonym, Enter adds it, undo takes it back', { timeout: TIMEOUT }, async () => {
  const before = await types()
  await page.mouse.dblclick(...(await emptyPoint(page)))
  await page.keyboard.type('decode')
  await page.keyboard.press('Enter')
  await eventually(page, (count) => tessera.store.nodes().length === count + 1, before.length)
  assert.equal((await types()).filter((type) => type === 'VAEDecode').length, 2)
  await page.keyboard.press('Control+z')
  assert.deepEqual(await types(), before)
  await page.keyboard.press('Control+Shift+z')
  assert.equal((await types()).length, before.length + 1)
})

test('Esc leaves the search without a trace', { timeout: TIMEOUT }, async () => {
  const before = await types()
  await page.keyboard.press('Space')
  await page.keyboard.type('save')
  await page.keyboard.press('Escape')
  assert.equal(await page.locator('.picker').count(), 0)
  assert.deepEqual(await types(), before)
})

test('a wire is dragged between sockets; one that does not fit is refused', { timeout: TIMEOUT }, async () => {
  const [loader, decoder, prompt] = await Promise.all(['CheckpointLoaderSimple', 'VAEDecode', 'CLIPTextEncode'].map(idOf))
  const before = await links()
  const vae = await page.evaluate((id) => tessera.store.linksTo(id, 'vae')[0].id, decoder)
  await page.evaluate(async (id) => (await import('/document/edits.js')).disconnect(tessera.store, id), vae)
  assert.equal((await links()).length, before.length - 1)
  await drag(page, await socketPoint(page, loader, 'output', 'VAE'), await socketPoint(page, decoder, 'input', 'vae'))
  assert.deepEqual(await links(), before)
  await drag(page, await socketPoint(page, loader, 'output', 'MODEL'), await socketPoint(page, prompt, 'input', 'clip'))
  await page.keyboard.press('Escape')
  assert.deepEqual(await links(), before)
})

test('a wire dragged into the open asks for what fits, adds and connects it in one step', { timeout: TIMEOUT }, async () => {
  const before = { types: await types(), links: await links() }
  const decoder = await idOf('VAEDecode')
  await drag(page, await socketPoint(page, decoder, 'output', 'IMAGE'), await emptyPoint(page))
  await page.locator('.picker-hint', { hasText: 'IMAGE' }).waitFor()
  await page.keyboard.type('save')
  await page.keyboard.press('Enter')
  await eventually(page, (count) => tessera.store.links().length === count + 1, before.links.length)
  assert.equal((await types()).filter((type) => type === 'SaveImage').length, 2)
  await page.keyboard.press('Control+z')
  assert.deepEqual({ types: await types(), links: await links() }, before)
})

test('delete, copy and paste', { timeout: TIMEOUT }, async () => {
  const before = { types: await types(), links: await links() }
  const decoder = await idOf('VAEDecode')
  await page.mouse.click(...(await headerPoint(page, decoder)))
  await page.keyboard.press('Control+c')
  await page.keyboard.press('Delete')
  assert.ok(!(await types()).includes('VAEDecode'))
  await page.keyboard.press('Control+z')
  assert.deepEqual({ types: await types(), links: await links() }, before)
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Control+c')
  await page.keyboard.press('Control+v')
  await eventually(page, (count) => tessera.store.nodes().length === 2 * count, before.types.length)
  assert.equal((await links()).length, 2 * before.links.length)
  await page.keyboard.press('Control+z')
  assert.deepEqual({ types: await types(), links: await links() }, before)
})

test('a problem stands on its input and in the panel, and its fix mends it', { timeout: TIMEOUT }, async () => {
  const sampler = await idOf('KSampler')
  await page.evaluate(async (id) => (await import('/document/edits.js')).setInput(tessera.store, id, 'steps', 0), sampler)
  await eventually(page, (id) => tessera.plan.problems.some(({ node, input }) => node === id && input === 'steps'), sampler)
  await page.locator('.badge-button.has-errors').click()
  await page.locator('.problem', { hasText: 'steps' }).waitFor()
  const since = await server.lastEvent()
  await page.keyboard.press('Control+Enter')
  await page.waitForTimeout(300)
  assert.deepEqual(await server.events(since), [], 'nothing was queued')
  await page.locator('.problem .fix').first().click()
  await eventually(page, (id) => tessera.store.node(id).inputs.steps >= 1 && tessera.plan.problems.length === 0, sampler)
  await page.locator('.badge-button').waitFor({ state: 'hidden' })
})

test('a dropped picture gives its workflow back, and undo the former one', { timeout: TIMEOUT }, async () => {
  const made = await runToEnd(page, server)
  const { name } = made.events.flatMap(({ artifacts }) => artifacts ?? []).find(({ kind }) => kind === 'image')
  const bytes = await readFile(join(server.root, 'output', name))
  await page.mouse.click(...(await headerPoint(page, await idOf('VAEDecode'))))
  await page.keyboard.press('Delete')
  const before = await types()
  await dropFiles(await headerPoint(page, await idOf('KSampler')), [{ name: 'dropped.png', type: 'image/png', bytes }])
  await eventually(page, (count) => tessera.store.nodes().length === count, start.nodes.length)
  assert.deepEqual(await links(), start.links.map(({ from, to }) => `${from.join('.')} > ${to.join('.')}`).sort())
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).last().click()
  assert.deepEqual(await types(), before)
})

test('a dropped picture without a workflow becomes an input', { timeout: TIMEOUT }, async () => {
  const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='
  await dropFiles(await emptyPoint(page), [{ name: 'dot.png', type: 'image/png', bytes: Buffer.from(pixel, 'base64') }])
  await eventually(page, () => tessera.store.nodes().some((node) => node.type === 'LoadImage' && node.inputs.image === 'dot.png'))
})

test('a saved workflow is a file that opens again', { timeout: TIMEOUT }, async () => {
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Control+s')])
  const saved = JSON.parse(await readFile(await download.path(), 'utf8'))
  assert.deepEqual(saved.nodes, start.nodes)
  const bytes = new TextEncoder().encode(JSON.stringify({ ...saved, title: 'Another' }))
  await dropFiles(await emptyPoint(page), [{ name: 'another.json', type: 'application/json', bytes }])
  await eventually(page, () => tessera.store.title === 'Another')
  assert.equal(await page.locator('.document-title').inputValue(), 'Another')
})

test('a replaced workflow can be opened again, even after a reload', { timeout: TIMEOUT }, async () => {
  await page.evaluate(() => tessera.store.setTitle('Precious'))
  await page.keyboard.press('Alt+n')
  await eventually(page, () => tessera.store.nodes().length === 0)
  await page.reload()
  await ready(page)
  await page.getByRole('button', { name: /^Templates/ }).first().click()
  await page.getByRole('button', { name: /^Precious/ }).click()
  assert.deepEqual((await types()).length, start.nodes.length)
})

test('an edit survives a crash of the page', { timeout: TIMEOUT }, async () => {
  const sampler = await idOf('KSampler')
  await page.evaluate(async (id) => (await import('/document/edits.js')).setInput(tessera.store, id, 'seed', 31337), sampler)
  await page.waitForTimeout(600)
  await page.reload()
  await ready(page)
  assert.equal(await page.evaluate((id) => tessera.store.node(id).inputs.seed, sampler), 31337)
})

test('the outline says in words what the canvas draws, and leads to a node', { timeout: TIMEOUT }, async () => {
  await page.keyboard.press('o')
  const rows = page.locator('.outline-list > li')
  await eventually(page, (count) => document.querySelectorAll('.outline-list > li').length === count, start.nodes.length)
  assert.match(await rows.last().innerText(), /Save Image[^]*images\s*from VAE Decode · IMAGE/)
  await rows.last().getByRole('button').press('Enter')
  assert.deepEqual(await page.evaluate(() => [...tessera.selection.nodes]), [await idOf('SaveImage')])
  await page.keyboard.press('Escape')
})

test('the shortcut sheet and the command palette know every command', { timeout: TIMEOUT }, async () => {
  await page.keyboard.press('?')
  await page.locator('.shortcuts', { hasText: 'Ctrl+Enter' }).waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+p')
  await page.keyboard.type('select all')
  await page.keyboard.press('Enter')
  await eventually(page, () => tessera.selection.nodes.size === tessera.store.nodes().length)
})

test('Ctrl+F finds a node by a value and shows it', { timeout: TIMEOUT }, async () => {
  await page.evaluate(() => tessera.store.edit('set', (tx) => tx.put('nodes', { ...tessera.store.nodes()[0], title: 'Needle' })))
  await page.keyboard.press('Control+f')
  await page.keyboard.type('needle')
  await page.keyboard.press('Enter')
  await eventually(page, () => tessera.selection.nodes.has(tessera.store.nodes()[0].id))
})

test('the history names edits, goes back to one by a click, and forth again', { timeout: TIMEOUT }, async () => {
  const title = () => page.evaluate(() => tessera.store.title)
  const before = await title()
  await page.evaluate(() => {
    tessera.store.setTitle('One')
    tessera.store.edit('Move', (tx) => tx.put('nodes', { ...tessera.store.nodes()[0], position: [1, 2] }))
  })
  await page.keyboard.press('Shift+H')
  const rows = page.locator('.history-row')
  await eventually(page, () => document.querySelectorAll('.history-row').length === 3)
  assert.deepEqual(await rows.allInnerTexts(), ['Move', 'Rename workflow', 'As opened'])
  await rows.last().click()
  assert.equal(await title(), before)
  await eventually(page, () => document.querySelectorAll('.history-row.undone').length === 2)
  await rows.first().click()
  assert.equal(await title(), 'One')
  await page.keyboard.press('Escape')
})

test('Ctrl+G frames what is selected and asks its name; N writes a note; the map moves the view', { timeout: TIMEOUT }, async () => {
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Control+g')
  await page.keyboard.type('All of it')
  await page.keyboard.press('Enter')
  await page.locator('#canvas').focus()
  await page.mouse.move(...(await emptyPoint(page)))
  await page.keyboard.press('n')
  await page.keyboard.type('Mind the seed')
  await page.evaluate(() => document.activeElement.blur())
  await page.locator('#canvas').focus()
  const { frames, notes } = await page.evaluate(() => tessera.store.toJSON())
  assert.deepEqual([frames.at(-1).title, notes.at(-1).text], ['All of it', 'Mind the seed'])
  assert.deepEqual(await page.evaluate(() => tessera.store.history.labels), ['Add frame', 'Add note'])
  await page.keyboard.press('Shift+M')
  const map = page.locator('.minimap')
  await map.waitFor()
  const { x, y } = await map.boundingBox()
  const camera = () => page.evaluate(() => tessera.editor.camera)
  const earlier = await camera()
  await page.mouse.click(x + 4, y + 4)
  const later = await camera()
  assert.ok(later.x < earlier.x && later.y < earlier.y && later.zoom === earlier.zoom)
  await page.keyboard.press('Shift+M')
  await map.waitFor({ state: 'hidden' })
})

test('the page threw nothing', () => assert.deepEqual(page.errors, []))
