// Running: previews, pictures, what is executed again, cancelling, reloading, and a server that goes away.

import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { drag, eventually, openBrowser, openEditor, ready, runToEnd, Server, setUp, TIMEOUT } from './harness.mjs'

let server, browser, page

setUp(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()])
  page = await openEditor(browser, server)
})

after(async () => {
  await browser?.close()
  await server?.close()
})

const idOf = (type) => page.evaluate((name) => tessera.store.nodes().find((node) => node.type === name)?.id, type)
const setInput = (node, input, value) => page.evaluate(async ([id, name, given]) => {
  const { setInput } = await import('/document/edits.js')
  setInput(tessera.store, id, name, given)
}, [node, input, value])
const isShown = (name) => eventually(page, (wanted) =>
  [...document.querySelectorAll('.result')].some((tile) => tile.dataset.name === wanted && tile.querySelector('img.loaded')), name)

let first
test('Run shows previews, then the picture', { timeout: TIMEOUT }, async () => {
  await page.evaluate(() => {
    window.seen = { previews: 0, live: false, titles: new Set() }
    tessera.session.subscribe((event) => {
      if (event?.type === 'StepPreview') window.seen.previews += 1
      window.seen.titles.add(document.title)
    })
  })
  first = await runToEnd(page, server)
  const saved = first.events.flatMap(({ artifacts }) => artifacts ?? []).filter(({ kind }) => kind === 'image')
  assert.ok(saved.length > 0, 'the run saved a picture')
  await isShown(saved[0].name)
  const seen = await page.evaluate(() => ({ previews: window.seen.previews, titles: [...window.seen.titles] }))
  assert.ok(seen.previews > 0, 'preview frames came')
  assert.ok(seen.titles.some((title) => /^\d+% · /.test(title)), `the tab shows progress: ${seen.titles}`)
})

test('a new seed executes only sampler, decoder and sink', { timeout: TIMEOUT }, async () => {
  const [sampler, decoder, sink] = await Promise.all(['KSampler', 'VAEDecode', 'SaveImage'].map(idOf))
  await setInput(sampler, 'seed', 4242)
  await eventually(page, (id) => tessera.plan.steps.find((step) => step.id === id)?.state === 'will_run', sampler)
  const planned = await page.evaluate(() => tessera.plan.steps.filter(({ state }) => state !== 'cached').map(({ id }) => id))
  assert.deepEqual(planned.sort(), [sampler, decoder, sink].sort())
  const second = await runToEnd(page, server)
  assert.deepEqual(second.executed, [sampler, decoder, sink])
})

test('undo takes the seed back and leaves the pictures', { timeout: TIMEOUT }, async () => {
  const count = await page.locator('.result img').count()
  await page.locator('#canvas').focus()
  await page.keyboard.press('Control+z')
  const sampler = await idOf('KSampler')
  assert.notEqual(await page.evaluate((id) => tessera.store.node(id).inputs.seed, sampler), 4242)
  assert.equal(await page.locator('.result img').count(), count)
  await page.keyboard.press('Control+Shift+z')
  assert.equal(await page.evaluate((id) => tessera.store.node(id).inputs.seed, sampler), 4242)
})

test('a reload keeps the document and the results', { timeout: TIMEOUT }, async () => {
  const before = await page.evaluate(() => tessera.store.toJSON())
  const count = await page.locator('.result img').count()
  await page.reload()
  await ready(page)
  await eventually(page, (wanted) => document.querySelectorAll('.result img').length === wanted, count)
  const now = await page.evaluate(() => tessera.store.toJSON())
  assert.deepEqual(now.nodes, before.nodes)
  const sink = await idOf('SaveImage')
  await eventually(page, async (id) => {
    const { buildOverlay } = await import('/run/overlay.js')
    const { ownRuns } = await import('/app/app.js')
    return buildOverlay(ownRuns(tessera), [], []).nodes.get(id)?.pictures?.length
  }, sink)
})

test('a past picture opens large and brings its workflow back', { timeout: TIMEOUT }, async () => {
  const sampler = await idOf('KSampler')
  await page.locator('.result button').last().click()
  await page.getByRole('button', { name: 'Restore the workflow' }).click()
  await eventually(page, (id) => tessera.store.node(id).inputs.seed !== 4242, sampler)
  await page.getByRole('button', { name: 'Undo', exact: true }).click()
  await eventually(page, (id) => tessera.store.node(id).inputs.seed === 4242, sampler)
})

test('two pictures are wiped, subtracted and read pixel by pixel', { timeout: TIMEOUT }, async () => {
  await page.locator('.result button').last().click({ modifiers: ['Shift'] })
  const viewer = page.locator('.viewer')
  const stage = viewer.locator('.viewer-stage')
  await page.waitForFunction(() => document.querySelector('.viewer')?.dataset.shown)
  assert.equal(await viewer.getByRole('button', { name: 'Wipe' }).getAttribute('aria-pressed'), 'true')
  const { x, y, width, height } = await stage.boundingBox()
  const middle = [x + width / 2, y + height / 2]
  // What the wipe shows left and right of its edge are the two files' own pixels.
  const seen = async (dx) => {
    await page.mouse.move(middle[0] + dx, middle[1])
    await viewer.locator('.viewer-colour').nth(1).waitFor()
    return viewer.locator('.viewer-hex').allInnerTexts()
  }
  await drag(page, middle, [middle[0] + 60, middle[1]])
  const [a, b] = await seen(30)
  const painted = await page.evaluate(async ([px, py]) => {
    const canvas = document.querySelector('.viewer-stage')
    const box = canvas.getBoundingClientRect()
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    const at = (left) => [...canvas.getContext('2d').getImageData((left - box.x) * devicePixelRatio, (py - box.y) * devicePixelRatio, 1, 1).data.slice(0, 3)]
    return { left: at(px + 30), right: at(px + 90) }
  }, middle)
  const near = (hex, colour) => [1, 3, 5].every((from, index) => Math.abs(Number.parseInt(hex.slice(from, from + 2), 16) - colour[index]) < 40)
  assert.ok(near(a, painted.left), `${a} against ${painted.left}`)
  const right = (await seen(90))[1]
  assert.ok(near(right, painted.right), `${right} against ${painted.right}, not ${b}`)
  await page.keyboard.press('d')
  await viewer.locator('.viewer-told', { hasText: /[1-9][\d.]* % of the pixels differ/ }).waitFor()
  await page.keyboard.press('Shift+ArrowRight') // With itself.
  await page.keyboard.press('Shift+ArrowRight')
  await page.keyboard.press('q')
  await page.keyboard.press('Escape')
  await viewer.waitFor({ state: 'detached' })
})

test('the gallery finds a picture by a value, whose values come back without its workflow', { timeout: TIMEOUT }, async () => {
  const sampler = await idOf('KSampler')
  const { seed } = await page.evaluate(async (run) => {
    const { document } = await (await fetch(`/api/v1/runs/${run}`)).json()
    return document.nodes.find(({ type }) => type === 'KSampler').inputs
  }, first.run)
  await page.evaluate(() => tessera.store.setTitle('Kept'))
  await page.locator('#canvas').focus()
  await page.keyboard.press('g')
  await page.keyboard.type(`seed:${seed} -nonsense`)
  await eventually(page, () => document.querySelectorAll('.gallery-grid button').length === 1 && !document.querySelector('.gallery-told').textContent.includes('reading'))
  // What the page never heard of, the log still knows.
  await page.evaluate((run) => tessera.session.runs.delete(run), first.run)
  await page.keyboard.press('Escape')
  await page.locator('#canvas').focus()
  await page.keyboard.press('g')
  await page.keyboard.type(`seed:${seed} -nonsense`)
  await eventually(page, () => document.querySelectorAll('.gallery-grid button').length === 1 && !document.querySelector('.gallery-told').textContent.includes('reading'))
  await page.locator('.gallery-grid button').click()
  await page.locator('.viewer-values', { hasText: `seed ${seed}` }).waitFor()
  await page.getByRole('button', { name: 'Use its values' }).click()
  await eventually(page, ([id, wanted]) => tessera.store.node(id).inputs.seed === wanted, [sampler, seed])
  assert.equal(await page.evaluate(() => tessera.store.title), 'Kept')
  await page.keyboard.press('Escape')
  await page.locator('.gallery').waitFor({ state: 'detached' })
  await page.locator('#canvas').focus()
  await page.keyboard.press('Control+z')
  assert.equal(await page.evaluate((id) => tessera.store.node(id).inputs.seed, sampler), 4242)
})

test('a node that fails says so on itself, in the panel and in a message', { timeout: TIMEOUT }, async () => {
  await page.evaluate(async () => {
    const { addNode } = await import('/document/edits.js')
    addNode(tessera.store, tessera.catalog, { type: 'FallOver', position: [0, 600] })
  })
  await runToEnd(page, server, 'failed')
  await page.locator('.toast-error', { hasText: 'falls over' }).getByRole('button', { name: 'Show' }).click()
  await page.locator('.problem', { hasText: 'falls over' }).locator('.problem-node').click()
  assert.deepEqual(await page.evaluate(() => [...tessera.selection.nodes]), ['fall_over'])
  await page.keyboard.press('Control+z')
  await page.locator('.problem').waitFor({ state: 'hidden' })
  await page.keyboard.press('Escape')
})

test('a run is cancelled in the middle', { timeout: TIMEOUT }, async () => {
  const sampler = await idOf('KSampler')
  await setInput('prompt', 'text', 'a key')
  await setInput(sampler, 'steps', 1000)
  const since = await server.lastEvent()
  await page.getByRole('button', { name: /^Run/ }).click()
  await eventually(page, (id) => tessera.session.running?.steps.get(id)?.progress?.done > 1, sampler, 60_000)
  // The plan follows the run: what it has done is cached, although the plan before it said that it will run.
  await eventually(page, () => tessera.plan.steps.find(({ id }) => id === 'prompt')?.state === 'cached')
  await page.getByRole('button', { name: /^Cancel the run/ }).click()
  await eventually(page, () => tessera.session.active.length === 0)
  const finished = await server.events(since, 'RunFinished')
  assert.deepEqual(finished.map(({ status }) => status), ['cancelled'])
  await page.locator('#canvas').focus()
  await page.keyboard.press('Control+z')
  await page.keyboard.press('Control+z')
})

test('a paused queue is put in order and goes on; what was stopped runs again', { timeout: TIMEOUT }, async () => {
  const sampler = await idOf('KSampler')
  const panel = page.getByRole('dialog', { name: 'Queue' })
  await page.locator('#canvas').focus()
  await page.keyboard.press('Shift+P')
  await eventually(page, () => tessera.session.paused)
  for (const [title, seed] of [['First', 1], ['Second', 2], ['Third', 3]]) {
    await page.evaluate((text) => tessera.store.setTitle(text), title)
    await setInput(sampler, 'seed', seed)
    await page.locator('#canvas').focus()
    await page.keyboard.press('Control+Enter')
    await eventually(page, (text) => tessera.session.active.some((run) => run.title === text), title)
  }
  const titles = () => page.evaluate(() => tessera.session.active.map(({ title }) => title))
  assert.deepEqual(await titles(), ['First', 'Second', 'Third'])
  await page.locator('.queue-count', { hasText: 'Paused, 3 waiting' }).click()
  await panel.getByRole('button', { name: 'Run Third next' }).click()
  await eventually(page, () => tessera.session.active.map(({ title }) => title).join() === 'Third,First,Second')
  await panel.locator('[data-run]', { hasText: 'Second' }).dragTo(panel.locator('[data-run]', { hasText: 'First' }))
  await eventually(page, () => tessera.session.active.map(({ title }) => title).join() === 'Third,Second,First')
  await panel.getByRole('button', { name: 'Cancel First' }).click()
  const since = await server.lastEvent()
  await panel.getByRole('button', { name: 'Go on' }).click()
  await eventually(page, () => tessera.session.active.length === 0 && !tessera.session.paused)
  await panel.getByRole('button', { name: 'Run First again' }).first().click()
  await eventually(page, () => tessera.session.active.length === 0 && [...tessera.session.runs.values()].filter(({ title }) => title === 'First').length === 2, null, 60_000)
  const started = await server.events(since, 'RunStarted')
  const done = await page.evaluate((ids) => ids.map((id) => tessera.session.runs.get(id).title), started.map(({ run }) => run))
  assert.deepEqual(done, ['Third', 'Second', 'First'])
  await page.keyboard.press('Escape')
})

test('where one wants it, a change runs by itself, and another one takes its place', { timeout: TIMEOUT }, async () => {
  const sampler = await idOf('KSampler')
  await page.locator('#canvas').focus()
  await page.keyboard.press('Shift+R')
  await eventually(page, () => document.querySelector('.run-label').textContent === 'Auto')
  const since = await server.lastEvent()
  await setInput(sampler, 'seed', 501)
  await eventually(page, () => tessera.session.active.length > 0)
  await eventually(page, () => tessera.session.active.length === 0)
  await page.keyboard.press('Shift+R')
  await setInput(sampler, 'seed', 502)
  await page.waitForTimeout(1200)
  const [queued, ...others] = await server.events(since, 'RunQueued')
  assert.deepEqual(others, [])
  assert.equal((await server.get(`/api/v1/runs/${queued.run}`)).document.nodes.find(({ id }) => id === sampler).inputs.seed, 501)
})

test('a picture whose file was deleted on disk is shown no more, in the strip and on its node', { timeout: TIMEOUT }, async () => {
  const [name, sink] = [await page.evaluate(() => document.querySelector('.result[data-name]').dataset.name), await idOf('SaveImage')]
  await rm(join(server.root, 'output', name))
  await page.reload()
  await ready(page)
  const shown = () => page.evaluate((file) => [...document.querySelectorAll('.result[data-name]')].filter((tile) => tile.dataset.name === file).length, name)
  await eventually(page, (file) => document.querySelectorAll('.result img.loaded').length > 0 && ![...document.querySelectorAll('.result')].some((tile) => tile.dataset.name === file), name)
  await page.evaluate(() => tessera.refresh())
  await page.waitForTimeout(200)
  assert.equal(await shown(), 0)
  assert.ok(await page.evaluate(([id, file]) => tessera.editor.picturesOf(id).every(({ url }) => !url.includes(file)), [sink, name]))
})

test('the page comes back by itself after the server was restarted', { timeout: TIMEOUT }, async () => {
  await server.stop('SIGKILL')
  await page.waitForSelector('.connection-offline, .connection-connecting')
  await page.locator('#canvas').focus()
  for (const keys of ['Alt+n', 'n', 'Escape', 'Alt+w', 'Alt+t']) await page.keyboard.press(keys) // What was closed opens again without it, if only a note.
  await page.locator('.templates .template', { hasText: 'Untitled' }).first().waitFor()
  await page.keyboard.press('Escape')
  await server.start()
  await ready(page)
  await page.waitForFunction(() => document.querySelectorAll('.result img').length > 0)
  const sampler = await idOf('KSampler')
  await setInput(sampler, 'seed', 777) // What was known before the restart may be known after it.
  await page.locator('#canvas').focus()
  const again = await runToEnd(page, server)
  assert.ok(again.executed.includes(sampler))
})

test('the page threw nothing', () => assert.deepEqual(page.errors, []))
