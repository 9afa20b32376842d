// Sub-graphs and zones by hand, in a real browser with a real server: made, entered, run, inspected, unpacked, kept.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { drag, eventually, headerPoint, openBrowser, openEditor, runToEnd, Server, setUp, socketPoint, TIMEOUT } from './harness.mjs'

/** @type {Server} */
let server
let browser
setUp(async () => {
  server = await Server.start()
  browser = await openBrowser()
})
after(async () => {
  await browser?.close()
  await server?.close()
})

/** An editor with the first template, two steps of sampling. */
const open = async () => {
  const page = await openEditor(browser, server)
  await page.evaluate(async () => {
    const { setInput } = await import('/document/edits.js')
    setInput(tessera.store, 'sampler', 'steps', 2)
    tessera.editor.frame()
  })
  return page
}

const select = (page, ...nodes) => page.evaluate((ids) => tessera.selection.set({ nodes: ids }), nodes)

/** By the palette, as nobody knows all keys. */
const command = async (page, words) => {
  await page.keyboard.press('Control+p')
  await page.keyboard.type(words)
  await page.locator('.picker-row').first().filter({ hasText: words }).click()
}

/** What a run computes, in an order of its own. */
const graph = (page) => page.evaluate(() => {
  const { nodes, links } = tessera.store.toJSON()
  return { nodes: nodes.toSorted((a, b) => a.id.localeCompare(b.id)), links: links.map(({ from, to }) => [...from, ...to].join(' ')).sort() }
})

test('a sub-graph is made, named, entered, edited and unpacked; the engine knows all of it from before', { timeout: TIMEOUT }, async () => {
  const page = await open()
  await runToEnd(page, server)
  const before = await graph(page)
  await select(page, 'sampler', 'decode')
  await page.keyboard.press('Control+g')
  await page.keyboard.type('Paint')
  await page.keyboard.press('Enter')
  assert.deepEqual(await page.evaluate(() => [tessera.store.subgraph('subgraph').title, tessera.store.history.done]), ['Paint', 2])
  assert.deepEqual((await runToEnd(page, server)).executed, [])

  await page.mouse.dblclick(...await headerPoint(page, 'subgraph'))
  assert.deepEqual(await page.locator('.breadcrumb li button').allTextContents(), ['Text to image', 'Paint'])
  await drag(page, await socketPoint(page, '@in', 'output', '+'), await socketPoint(page, 'sampler', 'input', 'denoise'))
  assert.deepEqual(await page.evaluate(() => tessera.store.subgraph('subgraph').inputs.at(-1)), { name: 'denoise', type: 'FLOAT' })
  await page.keyboard.press('Shift+I')
  const name = page.getByRole('textbox', { name: 'Name of denoise' })
  await name.fill('strength')
  await name.press('Enter')
  await page.getByRole('button', { name: 'Label and default: strength' }).click()
  await page.getByRole('textbox', { name: 'Label of strength' }).fill('How much')
  await page.keyboard.press('Tab')
  await page.keyboard.type('0.5+0.25')
  await page.keyboard.press('Enter')
  assert.deepEqual(await page.evaluate(() => tessera.store.subgraph('subgraph').inputs.at(-1)), { name: 'strength', type: 'FLOAT', label: 'How much', default: 0.75 })
  await page.evaluate(() => void (tessera.store.undo(), tessera.store.undo()))
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  assert.deepEqual(await page.evaluate(() => [tessera.store.current, ...tessera.selection.nodes]), ['', 'subgraph'])
  assert.equal(await page.locator('.breadcrumb').isVisible(), false)
  assert.ok(await page.evaluate(() => tessera.editor.widgetBounds('subgraph', 'strength') !== null))

  await page.keyboard.press('Control+Shift+G')
  assert.deepEqual(await graph(page), before)
  assert.deepEqual((await runToEnd(page, server)).executed, [])
  for (let undone = 0; undone < 4; undone += 1) await page.keyboard.press('Control+z')
  assert.deepEqual(await graph(page), before)
  assert.deepEqual(page.errors, [])
  await page.close()
})

test('a zone counts its turns and shows each; a Problem leads inside, and its fix changes the sub-graph', { timeout: TIMEOUT }, async () => {
  const page = await open()
  await select(page, 'sampler')
  await command(page, 'Make a zone that repeats')
  await page.keyboard.press('Escape')
  const { executed } = await runToEnd(page, server)
  assert.deepEqual(executed.filter((step) => step.startsWith('repeat')), ['repeat/sampler[repeat=0]', 'repeat/sampler[repeat=1]', 'repeat'])

  await page.mouse.click(...await page.evaluate(() => {
    const { x, y } = tessera.editor.bounds('repeat')
    return tessera.editor.toClient(x + 20, y - 9)
  }))
  assert.equal(await page.evaluate(() => tessera.store.node('repeat').open), true)
  await select(page, 'repeat')
  await page.keyboard.press('e')
  await page.locator('.breadcrumb .turn').selectOption({ label: 'Turn 2' })
  const seconds = (turn) => page.evaluate((at) => [...tessera.session.runs.values()].at(-1).steps.get(`repeat/sampler[repeat=${at}]`).seconds, turn)
  assert.deepEqual(await page.evaluate(() => [...tessera.turns]), [['repeat', 1]])
  assert.ok(await seconds(1) > 0)
  await page.evaluate(async () => (await import('/document/edits.js')).setInput(tessera.store, 'sampler', 'sampler_name', 'eulr'))
  await page.keyboard.press('Shift+E')
  await eventually(page, () => tessera.plan.problems.length === 1)
  await page.keyboard.press('Control+Shift+M')
  await page.getByRole('button', { name: 'Repeat › KSampler · sampler_name' }).click()
  assert.deepEqual(await page.evaluate(() => [tessera.store.current, ...tessera.selection.nodes]), ['repeat', 'sampler'])
  await page.getByRole('button', { name: 'Set to euler' }).click()
  assert.equal(await page.evaluate(() => tessera.store.graph('repeat').node('sampler').inputs.sampler_name), 'euler')

  const since = await server.lastEvent()
  await page.evaluate(async () => {
    const { setInput } = await import('/document/edits.js')
    tessera.store.within('', () => setInput(tessera.store, 'repeat', 'steps', 9000))
  })
  await page.locator('#canvas').focus()
  await page.keyboard.press('Control+Enter')
  await page.locator('.breadcrumb .turn').selectOption({ label: 'All turns' })
  await page.locator('.breadcrumb').getByRole('button', { name: 'Skip turn 1 and go on with the others' }).click()
  await eventually(page, () => tessera.session.active.length === 0)
  assert.deepEqual((await server.events(since, 'StepSkipped')).map(({ step }) => step).sort(), ['decode', 'repeat', 'repeat/sampler[repeat=0]', 'save'])
  assert.equal(await page.locator('.breadcrumb .turn').isHidden(), true) // A loop cannot go on.
  assert.equal(await page.evaluate(() => [...tessera.session.runs.values()].at(-1).steps.get('repeat').state), 'skipped')
  assert.deepEqual(page.errors, [])
  await page.close()
})

test('a sub-graph kept on the server is a node of another workflow; templates are inserted beside what is there', { timeout: TIMEOUT }, async () => {
  const page = await open()
  await select(page, 'sampler', 'decode')
  await page.keyboard.press('Control+g')
  await page.keyboard.type('Paint')
  await page.keyboard.press('Enter')
  await command(page, 'Keep the sub-graph on the server')
  await page.getByText('Paint is a node for every workflow now').waitFor()
  await page.keyboard.press('Alt+n')
  const add = async (words) => {
    await page.keyboard.press('Shift+A')
    await page.keyboard.type(words)
    await page.keyboard.press('Enter')
  }
  await add('Paint')
  assert.deepEqual(await page.evaluate(() => [tessera.store.nodes().map(({ type }) => type), tessera.store.subgraph('subgraph').title, tessera.store.history.done]), [['@subgraph'], 'Paint', 1])
  await add('While (zone)')
  assert.deepEqual(await page.evaluate(() => tessera.store.nodes().map(({ type }) => type)), ['@subgraph', '@while'])
  await add('Insert Upscale')
  await eventually(page, () => tessera.store.nodes().length > 4)
  assert.equal(await page.evaluate(() => tessera.store.undoLabel), 'Insert Upscale')
  await command(page, 'Remove a sub-graph from the server')
  await page.locator('.picker-row').filter({ hasText: 'Paint' }).click()
  await page.getByText('Paint is no longer on the server').waitFor()
  assert.deepEqual(await server.get('/api/v1/subgraphs'), { subgraphs: [] })
  assert.deepEqual(page.errors, [])
  await page.close()
})
