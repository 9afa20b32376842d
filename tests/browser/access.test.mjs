// For everyone: axe-core finds nothing wrong with any panel in either look, keys reach everything, nothing moves where
// motion is unwanted, and runs are told to screen readers.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { CHECKOUT, eventually, openBrowser, openEditor, runToEnd, Server, setUp, TIMEOUT } from './harness.mjs'

let server, browser, page, axe

setUp(async () => {
  [server, browser, axe] = await Promise.all([Server.start({ input: true }), openBrowser(), readFile(join(CHECKOUT, 'node_modules/axe-core/axe.min.js'), 'utf8')])
  page = await openEditor(browser, server)
  await page.evaluate(axe)
  await runToEnd(page, server)
  await page.evaluate(async () => (await import('/document/edits.js')).setInput(tessera.store, tessera.store.nodes().find(({ type }) => type === 'KSampler').id, 'seed', 5))
  await runToEnd(page, server)
})

after(async () => {
  await browser?.close()
  await server?.close()
})

/** What axe finds wrong, in a line each. */
const violations = () => page.evaluate(async () => {
  const { violations } = await window.axe.run(document, { resultTypes: ['violations'] })
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary.split('\n').slice(1, 3).join(' ')}`))
})

const focusCanvas = () => page.locator('#canvas').focus()

/** Opens each panel and closes it again. */
const PANELS = {
  'the page alone': [],
  'adding a node': ['Shift+A'],
  'the command palette': ['Control+p'],
  'finding a node': ['Control+f'],
  'the keys': ['?'],
  'the settings': ['Control+,'],
  'replacing values': ['Control+Shift+f'],
  'the templates': ['Alt+t'],
  'the gallery': ['g'],
  'the versions': ['Shift+V'],
  'the outline': ['o'],
  'the history': ['Shift+H'],
  'the problems': ['Control+Shift+M'],
  'what a node made': ['Control+a', 'ArrowLeft', 'ArrowRight', 'i'],
  'the queue': ['q'],
  'the values of a node': ['Control+a', 'ArrowLeft', 'ArrowRight', 'k'],
}

for (const colorScheme of ['dark', 'light']) {
  test(`axe-core finds nothing wrong in the ${colorScheme} look`, { timeout: TIMEOUT }, async () => {
    await page.emulateMedia({ colorScheme })
    await eventually(page, (wanted) => document.documentElement.dataset.theme === wanted, colorScheme)
    const found = {}
    for (const [name, keys] of Object.entries(PANELS)) {
      await focusCanvas()
      for (const key of keys) await page.keyboard.press(key)
      if (name === 'the templates') await page.locator('dialog.templates').waitFor() // It asks the server first.
      await page.waitForTimeout(250)
      const wrong = await violations()
      if (wrong.length) found[name] = wrong
      await page.keyboard.press('Escape')
      await page.keyboard.press('Escape')
      await page.locator('dialog[open]').waitFor({ state: 'detached' })
    }
    await page.locator('.result button').first().click()
    await page.waitForFunction(() => document.querySelector('.viewer')?.dataset.shown)
    await page.keyboard.press('w')
    const wrong = await violations()
    if (wrong.length) found['the viewer'] = wrong
    await page.keyboard.press('Escape')
    assert.deepEqual(found, {})
  })
}

test('axe-core finds nothing wrong while a run waits, on the sheets that one paints on, and where the server is away', { timeout: TIMEOUT }, async () => {
  const found = {}
  const look = async (name) => {
    await page.waitForTimeout(250) // Colours change smoothly.
    const wrong = await violations()
    if (wrong.length) found[name] = wrong
  }
  await focusCanvas()
  await page.keyboard.press('Shift+P')
  await eventually(page, () => tessera.session.paused)
  await page.evaluate(async () => {
    const { addNode, connect, setInput } = await import('/document/edits.js')
    const { store, catalog } = tessera
    setInput(store, store.nodes().find(({ type }) => type === 'KSampler').id, 'seed', 991)
    addNode(store, catalog, { id: 'picture', type: 'LoadImage', position: [0, 900], inputs: { image: 'example.png' } })
    addNode(store, catalog, { id: 'pad', type: 'ImagePadForOutpaint', position: [300, 900] })
    connect(store, catalog, { from: ['picture', 'IMAGE'], to: ['pad', 'image'] })
  })
  await focusCanvas()
  await page.keyboard.press('Control+Enter')
  await page.locator('.queue-count', { hasText: '1 waiting' }).waitFor()
  await look('a run that waits')
  for (const [name, node, key, part] of [['the mask', 'picture', 'p', '.mask-canvas'], ['the sketch', 'picture', 'd', '.mask-canvas'], ['the frame', 'pad', 'Shift+O', '.outpaint img']]) {
    await page.evaluate((id) => tessera.selection.set({ nodes: [id] }), node)
    await focusCanvas()
    await page.keyboard.press(key)
    await page.locator(part).waitFor()
    for (const colorScheme of ['dark', 'light']) {
      await page.emulateMedia({ colorScheme })
      await eventually(page, (wanted) => document.documentElement.dataset.theme === wanted, colorScheme)
      await look(`${name}, ${colorScheme}`)
    }
    await page.keyboard.press('Escape')
    await page.locator('dialog[open]').waitFor({ state: 'detached' })
  }
  await page.evaluate(() => tessera.session.setConnection('offline'))
  await page.locator('.connection-away', { hasText: 'No connection' }).waitFor()
  await look('the server away')
  await page.evaluate(() => tessera.session.setConnection('open'))
  await focusCanvas()
  for (let undone = 0; undone < 4; undone += 1) await page.keyboard.press('Control+z')
  await page.evaluate(async () => {
    const { cancelAllRuns, pauseQueue } = await import('/run/api.js')
    await cancelAllRuns()
    await pauseQueue(false)
  })
  await eventually(page, () => !tessera.session.paused && tessera.session.active.length === 0)
  assert.deepEqual(found, {})
})

test('a workflow is a form: by its parameters, on a phone, found sound by axe-core in both looks', { timeout: TIMEOUT }, async () => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.setViewportSize({ width: 400, height: 800 })
  await focusCanvas()
  await page.keyboard.press('Shift+F')
  const form = page.locator('.form')
  await form.getByLabel('Seed', { exact: true }).fill('77')
  await form.getByLabel('Prompt', { exact: true }).fill('a key')
  await form.getByRole('button', { name: 'Run' }).click()
  await eventually(page, () => tessera.session.active.length > 0)
  await eventually(page, () => tessera.session.active.length === 0)
  const made = await page.evaluate(async () => {
    const run = [...tessera.session.runs.values()].at(-1)
    const { document } = await (await fetch(`/api/v1/runs/${run.id}`)).json()
    return document.nodes.map(({ inputs }) => inputs.seed ?? inputs.text).filter((value) => value === 77 || value === 'a key')
  })
  assert.deepEqual(made.sort(), ['a key', 77].sort())
  await form.locator('.form-picture img').waitFor()
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme })
    await page.waitForTimeout(250)
    assert.deepEqual(await violations(), [])
  }
  await page.setViewportSize({ width: 1440, height: 860 })
  await form.getByRole('button', { name: 'Back to the canvas' }).click()
  await eventually(page, () => tessera.editor.map().view.width * tessera.editor.camera.zoom > 1000) // The canvas has taken its new size.
  await form.waitFor({ state: 'hidden' })
  const before = await page.evaluate(() => tessera.store.carried('parameters').length)
  const cfg = await page.evaluate(() => {
    const { id } = tessera.store.nodes().find(({ type }) => type === 'KSampler')
    tessera.editor.frame([id])
    const { x, y, width, height } = tessera.editor.widgetBounds(id, 'cfg')
    return tessera.editor.toClient(x + width / 2, y + height / 2)
  })
  await page.mouse.click(...cfg, { button: 'right' })
  await page.getByRole('menuitem', { name: 'Show in the form' }).click()
  await focusCanvas()
  await page.keyboard.press('Shift+F')
  await eventually(page, () => [...document.querySelectorAll('.form label')].at(-1)?.textContent === 'cfg')
  await form.getByLabel('cfg', { exact: true }).fill('-3')
  await form.locator('.form-problem', { hasText: /below 0/ }).waitFor()
  await focusCanvas()
  await page.keyboard.press('Shift+F')
  await form.waitFor({ state: 'hidden' })
  for (let undone = 0; undone < 2; undone += 1) await page.keyboard.press('Control+z')
  assert.equal(await page.evaluate(() => tessera.store.carried('parameters').length), before)
})

test('Tab goes through the bar, every stop has a name and shows the focus', { timeout: TIMEOUT }, async () => {
  await page.locator('.brand').focus()
  for (const key of ['Tab', 'Shift+Tab']) await page.keyboard.press(key) // Focus by keys is shown, by script perhaps not.
  const stops = []
  for (let step = 0; step < 30 && !stops.some(({ id }) => id === 'canvas'); step += 1) {
    stops.push(await page.evaluate(() => {
      const { activeElement: node } = document
      const { outlineStyle, boxShadow } = getComputedStyle(node)
      return { name: node.getAttribute('aria-label') || node.title || node.textContent.trim(), id: node.id, tag: node.outerHTML.slice(0, 80), shown: outlineStyle !== 'none' || boxShadow !== 'none' }
    }))
    await page.keyboard.press('Tab')
  }
  assert.deepEqual(stops.filter(({ name }) => !name), [])
  assert.deepEqual(stops.filter(({ shown, id }) => !shown && id !== 'canvas'), [])
  assert.ok(stops.some(({ id }) => id === 'run') && stops.some(({ id }) => id === 'canvas'), JSON.stringify(stops))
})

test('where motion is unwanted nothing blinks by itself, and Space flips instead', { timeout: TIMEOUT }, async () => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.locator('.result button').first().click()
  await page.waitForFunction(() => document.querySelector('.viewer')?.dataset.shown)
  await page.keyboard.press('b')
  const shot = () => page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(document.querySelector('.viewer-stage').toDataURL())))))
  await page.waitForTimeout(200)
  const before = await shot()
  await page.waitForTimeout(900)
  assert.equal(await shot(), before)
  await page.keyboard.press('Space')
  assert.notEqual(await shot(), before)
  await page.keyboard.press('Escape')
  const longest = await page.evaluate(() => Math.max(...[...document.querySelectorAll('*')].map((node) => Number.parseFloat(getComputedStyle(node).transitionDuration))))
  assert.ok(longest <= 0.002, `${longest} s`)
})

test('what a run does is said to screen readers, and a problem is read with its node', { timeout: TIMEOUT }, async () => {
  await focusCanvas()
  await page.evaluate(() => {
    window.said = []
    new MutationObserver(() => window.said.push(document.querySelector('#announcer').textContent)).observe(document.querySelector('#announcer'), { childList: true, characterData: true, subtree: true })
  })
  await page.evaluate(async () => (await import('/document/edits.js')).setInput(tessera.store, tessera.store.nodes().find(({ type }) => type === 'KSampler').id, 'seed', 6))
  await runToEnd(page, server)
  await eventually(page, () => window.said.some((text) => /^The run is done after/.test(text)))
  assert.ok((await page.evaluate(() => window.said)).includes('The run has started'))
})

test('the page threw nothing', () => assert.deepEqual(page.errors, []))
