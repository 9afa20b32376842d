// Widgets with a real server behind them: prompts that are counted and completed, files that are told, values that travel.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { CHECKOUT, eventually, openBrowser, openEditor, ready, runToEnd, Server, setUp, TIMEOUT } from './harness.mjs'

let server, browser, page, start

setUp(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()])
  const embeddings = join(server.root, 'models/embeddings')
  await mkdir(embeddings, { recursive: true })
  await writeFile(join(embeddings, 'easynegative.pt'), 'no vectors')
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

const field = (node, input, part = 0.45) => page.evaluate(([id, name, share]) => {
  const { x, y, width, height } = tessera.editor.widgetBounds(id, name)
  return tessera.editor.toClient(x + width * share, y + height / 2)
}, [node, input, part])
const inputs = (node) => page.evaluate((id) => tessera.store.node(id).inputs, node)

/** Types into a text of the canvas, in the place of what it says. */
const write = async (node, text) => {
  await page.mouse.click(...(await field(node, 'text')))
  await page.keyboard.press('Control+a')
  await page.keyboard.type(text)
}

test('a prompt is counted by the real tokenizer, its windows and faults are marked, and words are completed', { timeout: TIMEOUT }, async () => {
  await write('prompt', 'a red apple on a blue background, '.repeat(12))
  await page.locator('.token-meter', { hasText: '75 + 21' }).waitFor()
  assert.equal(await page.locator('.text-window').count(), 1)
  await page.keyboard.press('Control+a')
  await page.keyboard.type('a straw')
  await page.locator('.completion', { hasText: 'strawberry' }).waitFor()
  await page.keyboard.press('Tab')
  assert.equal((await inputs('prompt')).text, 'a strawberry')
  await page.keyboard.type(', embedding:easynegativ, (soft:abc)')
  await page.locator('.text-error', { hasText: 'easynegativ' }).waitFor()
  assert.equal(await page.locator('.text-warning').textContent(), ':abc')
  await page.keyboard.press('Home')
  assert.match(await page.locator('.prompt-told').textContent(), /There is no embedding easynegativ in models\/embeddings\. Did you mean easynegative\?/)
  await page.keyboard.press('Escape')
})

test('undo goes from inside of a text to before it, and the large editor has the same history', { timeout: TIMEOUT }, async () => {
  const before = (await inputs('prompt')).text
  await page.evaluate(() => tessera.store.setTitle('Renamed'))
  await write('prompt', 'a fox')
  await page.keyboard.press('Control+e')
  const large = page.getByRole('dialog', { name: 'Prompt' })
  await large.getByRole('textbox').pressSequentially(' in snow')
  assert.equal((await inputs('prompt')).text, 'a fox in snow')
  await page.keyboard.press('Control+z')
  assert.equal(await large.getByRole('textbox').inputValue(), 'a fox')
  await page.keyboard.press('Control+z')
  assert.deepEqual([await large.getByRole('textbox').inputValue(), await page.evaluate(() => tessera.store.title)], [before, 'Renamed'])
  await page.keyboard.press('Control+z')
  assert.notEqual(await page.evaluate(() => tessera.store.title), 'Renamed')
  await page.keyboard.press('Control+Shift+z')
  await page.keyboard.press('Control+e')
  assert.equal(await large.count(), 0)
})

test('an input method composes without the help getting in its way', { timeout: TIMEOUT }, async () => {
  await write('prompt', 'a ')
  const session = await page.context().newCDPSession(page)
  await session.send('Input.imeSetComposition', { text: 'ね', selectionStart: 1, selectionEnd: 1 })
  await session.send('Input.imeSetComposition', { text: 'ねこ', selectionStart: 2, selectionEnd: 2 })
  assert.equal(await page.locator('.completion').count(), 0)
  await session.send('Input.insertText', { text: '猫' })
  assert.equal((await inputs('prompt')).text, 'a 猫')
  await page.locator('.token-meter', { hasText: '/ 75' }).waitFor()
})

test('another tab, a run, a reload and a page that is left in the midst of typing lose nothing', { timeout: TIMEOUT }, async () => {
  await write('prompt', 'a fox that')
  await page.evaluate(() => tessera.tabs.open({ format: 'tessera.workflow', version: 1, id: 'other', nodes: [], links: [] }))
  await page.evaluate(() => tessera.tabs.step(-1))
  assert.equal((await inputs('prompt')).text, 'a fox that')
  await page.mouse.click(...(await field('sampler', 'steps')))
  await page.keyboard.type('3')
  const since = await server.lastEvent()
  await page.keyboard.press('Control+Enter')
  await eventually(page, (seq) => [...tessera.session.runs.values()].some((run) => run.seq > seq), since)
  const { runs: [{ id }] } = await server.get('/api/v1/runs?limit=1')
  assert.deepEqual((await server.get(`/api/v1/runs/${id}`)).document.nodes.find((node) => node.id === 'sampler').inputs.steps, 3)
  await page.evaluate(async () => {
    const { addNote } = await import('/document/annotations.js')
    tessera.editor.editTitle(addNote(tessera.store, [0, 900], ''))
  })
  await page.keyboard.type('words of a note')
  await page.reload()
  await ready(page)
  assert.deepEqual(await page.evaluate(() => [tessera.store.carried('notes').at(-1).value.text, tessera.store.node('sampler').inputs.steps]), ['words of a note', 3])
  await page.mouse.click(...(await field('sampler', 'cfg')))
  await page.keyboard.type('4.5')
  await page.evaluate(() => dispatchEvent(new Event('pagehide')))
  assert.equal((await inputs('sampler')).cfg, 4.5)
  await write('prompt', '')
  for (let typed = 0; typed < 24; typed += 1) await page.keyboard.type('word ', { delay: 20 }) // Never a pause as long as the journal waits.
  const kept = await page.evaluate(() => Object.keys(localStorage).map((key) => localStorage.getItem(key)).find((text) => text.includes('word word word')) !== undefined)
  assert.ok(kept, 'a crash now would have lost the text')
})

test('a model shows its family, its size and how it looks; few letters find it', { timeout: TIMEOUT }, async () => {
  const folder = join(server.root, 'models/checkpoints')
  await mkdir(join(folder, 'sub'), { recursive: true })
  for (let index = 0; index < 300; index += 1) await writeFile(join(folder, `sub/model_${index}.safetensors`), 'x')
  await writeFile(join(folder, 'sub/dreamshaper_8.safetensors'), 'x'.repeat(2_000_000))
  await copyFile(join(CHECKOUT, 'input/example.png'), join(folder, 'sub/dreamshaper_8.preview.png'))
  await page.evaluate(() => tessera.reloadCatalog())
  await page.mouse.click(...(await field('loader', 'ckpt_name')))
  await page.locator('.choice-badge', { hasText: 'SD1' }).waitFor()
  assert.ok(await page.locator('.choice-item').count() < 40)
  await page.keyboard.type('ds8')
  await page.locator('.choice-active', { hasText: '2 MB' }).waitFor()
  await eventually(page, () => document.querySelector('.choice-active img')?.naturalWidth > 0)
  await page.keyboard.press('Enter')
  assert.equal((await inputs('loader')).ckpt_name, 'sub/dreamshaper_8.safetensors')
})

test('a file is found by its hash, and offered again after it was renamed', { timeout: TIMEOUT }, async () => {
  const folder = join(server.root, 'models/checkpoints/sub')
  const hash = createHash('sha256').update('x'.repeat(2_000_000)).digest('hex')
  await eventually(page, async (sha256) => (await (await fetch('/api/v1/digests')).json()).digests.some((each) => each.sha256 === sha256), hash)
  await page.mouse.click(...(await field('loader', 'ckpt_name')))
  await page.keyboard.type(hash.slice(0, 10))
  await page.locator('.choice-active', { hasText: 'dreamshaper_8' }).locator('.choice-hash', { hasText: hash.slice(0, 10) }).waitFor()
  await page.keyboard.press('Enter')
  await rename(join(folder, 'dreamshaper_8.safetensors'), join(folder, 'other.safetensors'))
  await page.evaluate(() => tessera.reloadCatalog().then(() => tessera.plan.schedule(0)))
  await eventually(page, () => tessera.plan.problems.some(({ code }) => code === 'file_not_found'))
  await page.keyboard.press('Control+Shift+M')
  await page.getByRole('button', { name: 'Use sub/other.safetensors, the same file' }).click()
  assert.equal((await inputs('loader')).ckpt_name, 'sub/other.safetensors')
})

test('a number is a formula of other inputs; values are copied from one input to another', { timeout: TIMEOUT }, async () => {
  await page.mouse.click(...(await field('size', 'height')))
  await page.keyboard.type('=width*1.5')
  assert.equal(await page.locator('.field-told').textContent(), '= 192')
  await page.keyboard.press('Enter')
  await page.mouse.click(...(await field('sampler', 'steps')))
  await page.keyboard.type('size.height / 8')
  await page.keyboard.press('Enter')
  assert.deepEqual([(await inputs('size')).height, (await inputs('sampler')).steps], [192, 24])
  await page.evaluate(() => tessera.selection.clear())
  await page.mouse.move(...(await field('sampler', 'steps')))
  await page.keyboard.press('Control+c')
  await page.mouse.move(...(await field('sampler', 'cfg')))
  await page.keyboard.press('Control+v')
  assert.equal((await inputs('sampler')).cfg, 24)
  await page.mouse.click(...(await field('sampler', 'cfg')), { button: 'right' })
  await page.getByRole('menuitem', { name: /Reset to/ }).click()
  assert.equal((await inputs('sampler')).cfg, await page.evaluate(() => tessera.catalog.nodes.get('KSampler').inputs.find(({ name }) => name === 'cfg').widget.default))
})

test('what another program copied goes into the number, the size or the choice under the pointer', { timeout: TIMEOUT }, async () => {
  const paste = (text) => page.evaluate((pasted) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', pasted)
    document.querySelector('#canvas').dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData }))
  }, text)
  await page.evaluate(() => tessera.selection.clear())
  const before = await page.evaluate(() => tessera.store.history.done)
  for (const [node, input, text] of [['size', 'width', '256x192'], ['sampler', 'steps', ' 12 steps'], ['sampler', 'steps', '12px'], ['sampler', 'cfg', '4,5'], ['sampler', 'sampler_name', 'heun']]) {
    await page.mouse.move(...(await field(node, input)))
    await paste(text)
  }
  await page.locator('.toast', { hasText: 'steps cannot be what was pasted' }).waitFor()
  const { width, height } = await inputs('size')
  const { steps, cfg, sampler_name: sampler } = await inputs('sampler')
  assert.deepEqual([width, height, steps, cfg, sampler, await page.evaluate(() => tessera.store.history.done) - before], [256, 192, 12, 4.5, 'heun', 4])
})

test('a wheel over a number that is typed steps it, over any other it zooms', { timeout: TIMEOUT }, async () => {
  const at = await field('sampler', 'steps')
  await page.mouse.click(...at)
  await page.mouse.wheel(0, -100)
  await page.keyboard.press('Enter')
  assert.equal((await inputs('sampler')).steps, 21)
  await page.mouse.wheel(0, -100)
  assert.equal((await inputs('sampler')).steps, 21)
})

test('the size is set as a whole, and the last seed that ran comes back', { timeout: TIMEOUT }, async () => {
  await runToEnd(page, server)
  const { seed } = await inputs('sampler')
  await page.mouse.click(...(await field('sampler', 'seed', 0.95)))
  assert.notEqual((await inputs('sampler')).seed, seed)
  await page.mouse.move(...(await field('sampler', 'seed', 0.5)))
  const [x, y] = await field('sampler', 'seed', 1)
  const zoom = await page.evaluate(() => tessera.editor.camera.zoom)
  await page.mouse.click(x - 41 * zoom, y)
  await eventually(page, (number) => tessera.store.node('sampler').inputs.seed === number, seed)
  await page.mouse.click(...(await field('size', 'width', 0.95)))
  await page.getByRole('button', { name: 'Keep the shape' }).click()
  await page.getByLabel('width', { exact: true }).fill('256')
  await page.keyboard.press('Tab')
  await page.getByRole('button', { name: /Wide 16:9/ }).click()
  await page.getByRole('button', { name: 'Swap the sides' }).click()
  await page.keyboard.press('Escape')
  const { width, height } = await inputs('size')
  assert.ok(height > width && width % 8 === 0 && height % 8 === 0)
  await page.keyboard.press('Control+z')
  assert.deepEqual(await inputs('size'), start.nodes.find(({ id }) => id === 'size').inputs)
})

test('inputs that may rest are inputs of the catalogue', { timeout: TIMEOUT }, async () => {
  const gone = await page.evaluate(async () => {
    const { restingInputs } = await import('/kernels/relevance.js')
    return restingInputs().filter((name) => {
      const [type, input] = name.split('.')
      return !tessera.catalog.nodes.get(type)?.inputs.some((each) => each.name === input)
    })
  })
  assert.deepEqual(gone, [])
})

test('axe-core finds nothing wrong with what hangs on widgets, in either look', { timeout: TIMEOUT }, async () => {
  await page.evaluate(await readFile(join(CHECKOUT, 'node_modules/axe-core/axe.min.js'), 'utf8'))
  const wrong = (selector) => page.evaluate(async (within) => (await window.axe.run(within)).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 90))}`), selector)
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme })
    await write('prompt', 'a straw')
    await page.locator('.completion').first().waitFor()
    assert.deepEqual([...(await wrong('.completions')), ...(await wrong('.field-foot'))], [])
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+e')
    await page.locator('.large-area').waitFor()
    assert.deepEqual(await wrong('.large-text'), [])
    await page.keyboard.press('Escape')
    await page.mouse.click(...(await field('loader', 'ckpt_name')))
    await page.locator('.choice-badge').waitFor()
    assert.deepEqual(await wrong('.choice-list'), [])
    await page.keyboard.press('Escape')
    await page.mouse.click(...(await field('size', 'width', 0.95)))
    assert.deepEqual(await wrong('.size-panel'), [])
    await page.keyboard.press('Escape')
  }
})
