// Editing with pointer and keyboard: search, wires, delete, undo, clipboard, problems, files.

import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { CHECKOUT, drag, emptyPoint, eventually, headerPoint, openBrowser, openEditor, ready, runToEnd, Server, setUp, socketPoint, TIMEOUT } from './harness.mjs'

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
  assert.deepEqual((await page.locator('.picker .search-title').allTextContents()).slice(0, 2), ['Save Image', 'Preview Image'], 'what is usual comes first')
  assert.deepEqual(await page.evaluate(async () => {
    const { usualAt } = await import('/kernels/usual.js')
    return [...tessera.catalog.types.keys()].flatMap((type) => ['input', 'output'].flatMap((kind) => usualAt(kind, type))).filter((id) => !tessera.catalog.nodes.has(id))
  }), [], 'all of the usual nodes are there')
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

test('a dropped link brings what it leads to on this server, the loader of a model that is here, and says of others what to do', { timeout: TIMEOUT }, async () => {
  const dropLink = (link) => page.evaluate(([address, [clientX, clientY]]) => {
    const dataTransfer = new DataTransfer()
    dataTransfer.setData('text/uri-list', address)
    document.elementFromPoint(clientX, clientY).dispatchEvent(new DragEvent('drop', { dataTransfer, clientX, clientY, bubbles: true, cancelable: true }))
  }, [link, point])
  const point = await emptyPoint(page)
  const before = (await types()).length
  await dropLink('https://models.example/files/tessera-emoji-v1.safetensors?download=true')
  await eventually(page, (count) => tessera.store.nodes().length === count + 1, before)
  assert.equal(await page.evaluate(() => tessera.store.nodes().at(-1).inputs.ckpt_name), 'tessera-emoji-v1.safetensors')
  assert.deepEqual(await page.evaluate(() => tessera.store.nodes().at(-1).position), await page.evaluate(([x, y]) => tessera.editor.toWorld(x, y).map(Math.round), point))
  await dropLink('https://models.example/other.safetensors')
  await page.locator('.toast', { hasText: 'other.safetensors: download it' }).waitFor()
  await dropLink('https://pictures.example/cat.png')
  await page.locator('.toast', { hasText: 'cat.png lies on pictures.example' }).waitFor()
  await dropLink(`${server.url}/icon.svg`)
  await page.locator('.toast', { hasText: 'icon.svg' }).waitFor()
  assert.equal(await page.evaluate(() => tessera.tabs.list.length), 1)
})

test('a dropped picture without a workflow becomes an input', { timeout: TIMEOUT }, async () => {
  const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='
  await dropFiles(await emptyPoint(page), [{ name: 'dot.png', type: 'image/png', bytes: Buffer.from(pixel, 'base64') }])
  await eventually(page, () => tessera.store.nodes().some((node) => node.type === 'LoadImage' && node.inputs.image === 'dot.png'))
  await page.locator('.toast').getByRole('button', { name: 'As mask' }).click()
  const loaders = await page.evaluate(() => tessera.store.nodes().filter(({ inputs }) => inputs?.image === 'dot.png').map(({ type }) => type))
  assert.deepEqual(loaders, ['LoadImageMask'])
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

test('several workflows are open side by side, each with its own history, and all are there after a reload', { timeout: TIMEOUT }, async () => {
  const tabs = (...names) => eventually(page, (wanted) => [...document.querySelectorAll('.tab-name')].map((tab) => tab.innerText).join() === wanted, names.join())
  const sampler = await idOf('KSampler')
  await page.evaluate(() => tessera.store.setTitle('Precious'))
  assert.equal(await page.locator('#tabs').isVisible(), false)
  await page.keyboard.press('Alt+n')
  await eventually(page, () => tessera.store.nodes().length === 0 && tessera.store.undoLabel === null)
  await tabs('Precious', 'Untitled')
  await page.evaluate(() => tessera.store.setTitle('Beside'))
  await page.keyboard.press('Alt+PageUp')
  await eventually(page, (id) => tessera.store.node(id) && tessera.store.undoLabel === 'Rename workflow', sampler)
  await page.reload()
  await ready(page)
  await tabs('Precious', 'Beside')
  assert.equal(await page.evaluate(() => tessera.store.title), 'Precious')
  await page.getByRole('button', { name: 'Close Beside' }).click()
  await page.keyboard.press('Alt+w')
  await eventually(page, () => tessera.store.nodes().length === 0 && tessera.tabs.list.length === 1)
  await page.reload()
  await ready(page)
  await page.getByRole('button', { name: /^Templates/ }).first().click()
  await page.getByRole('button', { name: /^Precious/ }).click()
  await eventually(page, (count) => tessera.store.nodes().length === count, start.nodes.length)
})

test('templates say what they need; one opens beside the workflow, and undo closes it again', { timeout: TIMEOUT }, async () => {
  await page.evaluate(() => tessera.store.setTitle('Mine'))
  await page.keyboard.press('Alt+t')
  const group = (heading) => page.locator('.templates h3', { hasText: heading }).locator('+ ul')
  await group('Ready to run').getByRole('button', { name: /^Text to image/ }).locator('img').waitFor()
  await group('Needs models').getByRole('button', { name: /^ControlNet.*Needs v1-5-pruned-emaonly.safetensors/s }).locator('canvas').waitFor()
  await page.locator('.template-topics').getByRole('button', { name: 'Inpainting' }).click()
  await group('Ready to run').getByRole('button', { name: /^Text to image/ }).waitFor({ state: 'detached' })
  await group('Ready to run').getByRole('button', { name: /^Outpaint/ }).waitFor()
  await page.locator('.template-topics').getByRole('button', { name: 'All' }).click()
  await page.locator('.templates input').focus()
  await page.keyboard.type('large picture')
  await page.keyboard.press('Enter')
  await eventually(page, () => tessera.tabs.list.length === 2 && tessera.store.title !== 'Mine' && tessera.store.nodes().length > 5)
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).last().click()
  await eventually(page, () => tessera.tabs.list.length === 1 && tessera.store.title === 'Mine')
})

test('a workflow kept on the server is found among the templates, opens as itself, and is taken away again', { timeout: TIMEOUT }, async () => {
  await page.evaluate(() => tessera.store.setTitle('Kept: here/there'))
  await page.route('**/api/v1/workflows/*', async (route) => {
    if (route.request().method() === 'PUT') await page.evaluate(() => tessera.store.setTitle('Named meanwhile'))
    await route.continue()
  })
  await page.keyboard.press('Control+Shift+S')
  await page.locator('.toast', { hasText: 'Kept on the server as Kept here there' }).waitFor()
  await page.unroute('**/api/v1/workflows/*')
  assert.equal(await page.evaluate(() => tessera.tabs.isChanged), true, 'what is edited while it is on its way is not kept')
  await page.keyboard.press('Control+z')
  assert.equal(await page.evaluate(() => tessera.tabs.isChanged), false)
  const id = await page.evaluate(() => tessera.store.identity)
  await page.keyboard.press('Alt+n')
  await page.evaluate(() => tessera.store.setTitle('Kept: here/there'))
  await page.keyboard.press('Control+Shift+S') // Another workflow of this title takes nothing's place.
  const other = page.locator('.toast', { hasText: 'Kept on the server as Kept here there 2' })
  await other.getByRole('button', { name: 'Undo' }).click()
  for (const end = Date.now() + 30_000; (await server.get('/api/v1/workflows')).workflows.filter(({ saved }) => saved).length > 1;) {
    assert.ok(Date.now() < end, 'undo takes the second one away again')
    await page.waitForTimeout(50)
  }
  await page.keyboard.press('Alt+PageUp')
  await page.keyboard.press('Alt+w')
  await page.keyboard.press('Alt+t')
  const group = page.locator('.templates h3', { hasText: 'On the server' }).locator('+ ul')
  await group.getByRole('button', { name: /^Kept: here/ }).click()
  await eventually(page, (wanted) => tessera.store.identity === wanted && tessera.store.title === 'Kept: here/there', id)
  await page.locator('#canvas').focus()
  await page.keyboard.press('Alt+t')
  await group.getByRole('button', { name: 'Remove Kept: here/there' }).click()
  await page.locator('.toast', { hasText: 'no longer on the server' }).waitFor()
  assert.equal((await server.get('/api/v1/workflows')).workflows.some(({ saved }) => saved), false)
})

test('a marked version tells what changed since, and comes back as one edit', { timeout: TIMEOUT }, async () => {
  const sampler = await idOf('KSampler')
  const seed = await page.evaluate((id) => tessera.store.node(id).inputs.seed, sampler)
  await page.keyboard.press('Control+Alt+s')
  await page.evaluate(async (id) => (await import('/document/edits.js')).setInput(tessera.store, id, 'seed', 987), sampler)
  await page.keyboard.press('Shift+V')
  await page.locator('.version').first().click()
  assert.deepEqual(await page.locator('.diff li').allInnerTexts(), [`~\nKSampler · seed: ${seed} → 987`])
  await page.getByRole('button', { name: 'Go back to it' }).click()
  await eventually(page, ([id, value]) => tessera.store.node(id).inputs.seed === value, [sampler, seed])
  await page.locator('#canvas').focus()
  await page.keyboard.press('Control+z')
  assert.equal(await page.evaluate((id) => tessera.store.node(id).inputs.seed, sampler), 987)
})

test('keys alone walk, connect, add, set and take apart', { timeout: TIMEOUT }, async () => {
  const selected = () => page.evaluate(() => [...tessera.selection.nodes][0])
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  await page.evaluate((id) => tessera.selection.set({ nodes: [id] }), await idOf('VAEDecode'))
  await press('ArrowLeft')
  assert.equal(await selected(), await idOf('KSampler'))
  await press('Enter')
  await page.keyboard.type('steps')
  await press('Enter')
  await page.keyboard.type('7+2')
  await press('Enter')
  await eventually(page, (id) => tessera.store.node(id).inputs.steps === 9, await idOf('KSampler'))
  await press('ArrowRight')
  assert.equal(await selected(), await idOf('VAEDecode'))
  await press('a')
  await page.keyboard.type('upscale image by')
  await press('Enter')
  await eventually(page, () => tessera.store.nodes().some(({ type }) => type === 'ImageScaleBy'))
  const added = await idOf('ImageScaleBy')
  assert.deepEqual([await selected(), await page.evaluate((id) => tessera.store.linksTo(id).map(({ to }) => to[1]), added)], [added, ['image']])
  await press('k')
  await page.keyboard.type('save image')
  await press('Enter')
  await eventually(page, ([save, from]) => tessera.store.linksTo(save, 'images')[0].from[0] === from, [await idOf('SaveImage'), added])
  await press('Shift+X')
  assert.deepEqual(await links(), start.links.map(({ from, to }) => `${from.join('.')} > ${to.join('.')}`).sort())
  const before = await page.evaluate((id) => tessera.store.node(id).position, added)
  await press('Control+ArrowRight', 'Control+ArrowRight')
  assert.deepEqual(await page.evaluate((id) => tessera.store.node(id).position, added), [before[0] + 32, before[1]])
})

test('a wire\'s points travel through the server and back; pasted parameters of A1111 open as a workflow', { timeout: TIMEOUT }, async () => {
  await page.evaluate(async () => {
    const { addReroute } = await import('/document/reroutes.js')
    addReroute(tessera.store, tessera.store.links()[0].id, 0, [12, 34])
    await tessera.store.setTitle('Routed')
  })
  const { problems, made } = await page.evaluate(async () => {
    const { planWorkflow, readRecipe } = await import('/run/api.js')
    const { problems } = await planWorkflow(tessera.store.toJSON())
    const { workflow } = await readRecipe(new File([JSON.stringify(tessera.store.toJSON())], 'routed.json'))
    return { problems, made: workflow.links[0].via }
  })
  assert.deepEqual([problems, made], [[], [[12, 34]]])
  const text = 'an apple\nNegative prompt: blurry\nSteps: 12, Sampler: Euler a, CFG scale: 5, Seed: 99, Size: 128x128'
  const paste = (pasted) => page.evaluate((said) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', said)
    document.querySelector('#canvas').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, pasted)
  await paste(text)
  await eventually(page, () => [99, 12, 'an apple'].every((value) => tessera.store.nodes().some(({ inputs }) => Object.values(inputs ?? {}).includes(value))))
  assert.equal(await page.evaluate(() => tessera.tabs.list.length), 2)
  await page.locator('.tab-active', { hasText: 'Pasted parameters' }).waitFor()
  await paste('{red|blue} fox') // Words that say nothing else are a constant.
  await eventually(page, () => tessera.store.nodes().at(-1).inputs.value === '{red|blue} fox' && tessera.store.undoLabel === 'Add String')
  await page.keyboard.press('Alt+w')
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

test('of a long history what is around the present edit is listed, and the ends of the list lead on', { timeout: TIMEOUT }, async () => {
  const forgotten = await page.evaluate(() => {
    const [first] = tessera.store.nodes()
    for (let at = 1; at <= 700; at += 1) tessera.store.edit(`Edit ${at}`, (tx) => tx.put('nodes', { ...first, position: [at, 0] }))
    tessera.store.goTo(tessera.store.history.labels.length - 350)
    return tessera.store.history.labels.length - 700
  })
  await page.keyboard.press('Shift+H')
  const listed = () => page.evaluate(() => {
    const rows = [...document.querySelectorAll('.history-row')].map(({ textContent }) => textContent)
    return [rows.length, rows[0], rows[1], rows.at(-2), rows.at(-1)]
  })
  assert.deepEqual(await listed(), [203, '250 newer edits', 'Edit 450', 'Edit 250', `${250 + forgotten} older edits`])
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Edit 350')
  assert.equal(await page.evaluate(() => document.activeElement.parentElement.getAttribute('aria-posinset')), '351', 'a screen reader hears which of all it is')
  await page.keyboard.press('End')
  await page.keyboard.press('Enter')
  assert.deepEqual(await listed(), [403, '250 newer edits', 'Edit 450', 'Edit 50', `${50 + forgotten} older edits`])
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate(() => tessera.store.undoLabel), 'Edit 50')
  const seenAt = () => page.evaluate(() => document.querySelector(`[data-row="${tessera.store.history.labels.length - 250}"]`).getBoundingClientRect().top)
  await page.keyboard.press('Home')
  const before = await seenAt()
  await page.keyboard.press('Enter')
  await page.evaluate(() => tessera.refresh()) // As a plan that arrives does: what was opened stays open.
  assert.deepEqual((await listed()).slice(1, 2), ['Edit 700'])
  assert.ok(Math.abs(await seenAt() - before) < 1, 'what one sees stays where it is')
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Edit 700')
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate(() => tessera.store.redoLabel), null)
  await page.keyboard.press('Escape')
})

test('Shift+G frames what is selected and asks its name; N writes a note; the map moves the view', { timeout: TIMEOUT }, async () => {
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Shift+G')
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

test('whatever was done to a document, the server plans it or names Problems', { timeout: TIMEOUT }, async () => {
  const [{ COMMANDS, generator }, { Store }, { indexCatalog }, { documentCatalog }] = await Promise.all(['tests/web/fixtures/random_walk.js', 'web/document/store.js', 'web/document/catalog.js', 'web/document/subgraphs.js'].map((file) => import(join(CHECKOUT, file))))
  const [store, random] = [new Store(start), generator(6)]
  const catalog = documentCatalog(indexCatalog(await server.get('/api/v1/nodes')), store)
  for (let step = 0; step < 600; step += 1) {
    const ids = store.nodes().map(({ id }) => id)
    COMMANDS[random.one(Object.keys(COMMANDS))]({ store, catalog, random, ids, link: random.one(store.links()) })
    if (step % 20) continue
    const answer = await fetch(`${server.url}/api/v1/plan`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ workflow: store.toJSON() }) })
    const { problems, steps } = await answer.json()
    assert.equal(answer.status, 200)
    assert.ok(steps.length || problems.every(({ code, message }) => code && message && code !== 'internal_error'), JSON.stringify(problems))
  }
})

test('a saved pack is there at once, F1 tells of its nodes, and one that breaks is a problem', { timeout: TIMEOUT }, async () => {
  const file = join(server.root, 'custom_nodes/saved.py')
  await writeFile(file, 'from graph import node\n\n@node()\ndef just_saved(value: int = 7) -> int:\n    """First words.\n\n    And more."""\n    return value\n')
  await eventually(page, () => tessera.catalog.nodes.has('JustSaved'))
  await page.evaluate(async () => {
    const { addNode } = await import('/document/edits.js')
    tessera.selection.set({ nodes: [addNode(tessera.store, tessera.catalog, { type: 'JustSaved', position: [0, 0] })] })
  })
  await page.keyboard.press('F1')
  const sheet = page.locator('dialog.node-page')
  await sheet.waitFor()
  assert.deepEqual(await sheet.locator('p').allTextContents(), ['Just Saved. First words.', 'And more.', 'Gives INT.'])
  assert.deepEqual(await sheet.locator('tbody td').allTextContents(), ['value', 'INT', '7', ''])
  await page.keyboard.press('Escape')
  await writeFile(file, '1 / 0\n')
  const problem = page.locator('.problem', { hasText: 'custom_nodes/saved.py does not load' })
  await eventually(page, () => tessera.catalog.problems.length === 1)
  await page.waitForTimeout(300)
  if (!await problem.isVisible()) await page.locator('.badge-button.has-errors').click() // An earlier test may have opened it.
  await problem.locator('summary').click()
  assert.match(await problem.locator('pre').textContent(), /saved\.py", line 1.*ZeroDivisionError/s)
  assert.ok(await page.evaluate(() => tessera.catalog.nodes.has('JustSaved')), 'its nodes stay what they were')
  await rm(file)
  await eventually(page, () => !tessera.catalog.nodes.has('JustSaved') && tessera.catalog.problems.length === 0)
})

test('the page threw nothing', () => assert.deepEqual(page.errors, []))
