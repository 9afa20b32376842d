// For everyone: the size and look that people set, keys of their own, what a crash leaves, and the first steps.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { eventually, openBrowser, openEditor, ready, Server, setUp, TIMEOUT } from './harness.mjs'

let server, browser, page

setUp(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()])
  page = await openEditor(browser, server)
})

after(async () => {
  await browser?.close()
  await server?.close()
})

const press = async (...keys) => {
  await page.locator('#canvas').focus()
  for (const key of keys) await page.keyboard.press(key)
}
const settings = () => page.locator('dialog.preferences')
const openSettings = async () => {
  await press('Control+,')
  await settings().waitFor()
}
const leave = async () => {
  await page.keyboard.press('Escape')
  await page.locator('dialog[open]').waitFor({ state: 'detached' })
}

test('the interface grows without the canvas, and stays in the window', { timeout: TIMEOUT }, async () => {
  const before = await page.evaluate(() => ({ zoom: tessera.editor.camera.zoom, run: document.querySelector('#run').getBoundingClientRect().height }))
  await openSettings()
  await settings().getByLabel('Size of the interface').fill('150')
  await page.waitForFunction(() => getComputedStyle(document.documentElement).getPropertyValue('--ui-scale') === '1.5')
  await leave()
  const grown = await page.evaluate(() => ({ zoom: tessera.editor.camera.zoom, run: document.querySelector('#run').getBoundingClientRect().height }))
  assert.equal(grown.zoom, before.zoom)
  assert.ok(Math.abs(grown.run / before.run - 1.5) < 0.05, `${grown.run} of ${before.run}`)
  for (const [selector, keys] of [['.picker', ['Control+p']], ['dialog.shortcuts', ['?']], ['dialog.templates', ['Alt+t']], ['.popover', ['o']]]) {
    await press(...keys)
    const box = await page.locator(selector).boundingBox()
    assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= 1441 && box.y + box.height <= 861, `${selector} ${JSON.stringify(box)}`)
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await page.locator('dialog[open]').waitFor({ state: 'detached' })
  }
  await openSettings()
  await settings().getByLabel('Size of the interface').fill('100')
  await leave()
})

test('Run and what stops it stay in the window while runs wait, however large the interface or small the window', { timeout: TIMEOUT }, async () => {
  await page.evaluate(async () => (await import('/run/api.js')).pauseQueue(true))
  await page.evaluate(() => tessera.store.setTitle('A workflow with quite a long name'))
  await press('Control+Enter')
  await page.locator('.queue-count', { hasText: 'Paused, 1 waiting' }).waitFor()
  for (const [width, size] of [[1440, 200], [1000, 100], [720, 100], [390, 100]]) {
    await page.setViewportSize({ width, height: 860 })
    await page.evaluate((scale) => document.documentElement.style.setProperty('--ui-scale', scale / 100), size)
    const ends = await page.locator('#bar button:visible').evaluateAll((buttons) => buttons.map((button) => Math.round(button.getBoundingClientRect().right)))
    assert.ok(Math.max(...ends) <= width, `${ends} in ${width} at ${size} %`)
  }
  await page.evaluate(() => document.documentElement.style.setProperty('--ui-scale', 1))
  await page.setViewportSize({ width: 1440, height: 860 })
  await press('Control+p')
  await page.evaluate(() => document.documentElement.style.setProperty('--ui-scale', 2))
  const box = await page.locator('.picker').boundingBox()
  assert.ok(box.y + box.height <= 861 && box.x + box.width <= 1441, JSON.stringify(box))
  await page.keyboard.press('Escape')
  await page.evaluate(() => document.documentElement.style.setProperty('--ui-scale', 1))
  await page.evaluate(async () => {
    const { cancelAllRuns, pauseQueue } = await import('/run/api.js')
    await cancelAllRuns()
    await pauseQueue(false)
  })
  await eventually(page, () => !tessera.session.paused && tessera.session.active.length === 0)
})

test('contrast and stillness can be wished for here alone', { timeout: TIMEOUT }, async () => {
  await openSettings()
  const faint = () => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--text-faint'))
  const before = await faint()
  for (const name of ['More contrast', 'Less motion']) await settings().getByLabel(name).check()
  assert.notEqual(await faint(), before)
  assert.deepEqual(await page.evaluate(() => ({ ...document.documentElement.dataset })), { theme: 'dark', contrast: 'more', motion: 'less' })
  for (const name of ['More contrast', 'Less motion']) await settings().getByLabel(name).uncheck()
  assert.equal(await faint(), before)
  await leave()
})

test('a command gets another key, who had it is told, and all of it comes back', { timeout: TIMEOUT }, async () => {
  const keys = page.locator('dialog.shortcuts')
  await press('?')
  const row = (id) => keys.locator(`[data-command="${id}"]`)
  const addTo = async (id) => {
    await row(id).hover()
    await row(id).getByRole('button', { name: /^Add a key/ }).click()
  }
  await addTo('minimap')
  await page.keyboard.press('Alt+m')
  assert.deepEqual(await row('minimap').locator('kbd').allTextContents(), ['Shift+M', 'Alt+M'])
  await addTo('minimap')
  await page.keyboard.press('Control+s')
  await row('minimap').getByText('Ctrl+S is taken by Save the workflow as a file').waitFor()
  await row('minimap').getByRole('button', { name: 'Take it' }).click()
  assert.deepEqual([await row('minimap').locator('kbd').allTextContents(), await row('save').locator('kbd').allTextContents()], [['Shift+M', 'Alt+M', 'Ctrl+S'], []])
  await addTo('minimap')
  await page.keyboard.press('Control+t')
  await row('minimap').getByText('Ctrl+T belongs to the browser').waitFor()
  await row('minimap').getByRole('button', { name: 'Close' }).click()
  await row('minimap').hover()
  await row('minimap').getByRole('button', { name: 'Take Shift+M from Show the map' }).click()
  await leave()
  await page.reload()
  await ready(page)
  await press('Alt+m')
  await page.locator('.minimap').waitFor({ state: 'visible' })
  await press('Shift+M')
  assert.equal(await page.locator('.minimap').isVisible(), true)
  await press('Control+p')
  await page.keyboard.type('show the map')
  assert.equal(await page.locator('.picker-row kbd').first().textContent(), 'Alt+M')
  await page.keyboard.press('Escape')
  await press('Alt+m', '?')
  await keys.getByRole('button', { name: 'Reset all keys' }).click()
  assert.deepEqual([await row('minimap').locator('kbd').allTextContents(), await row('save').locator('kbd').allTextContents()], [['Shift+M'], ['Ctrl+S']])
  await leave()
})

test('another browser finds keys and wishes; the size of the interface stays; what was changed offline wins', { timeout: TIMEOUT }, async () => {
  const change = (on, settings) => on.evaluate(async (wanted) => (await import('/app/settings.js')).changeSettings(wanted), settings)
  await change(page, { keys: { minimap: ['Alt+m'] }, linkStyle: 'straight', scale: 110 })
  const kept = async () => (await server.get('/api/v1/settings')).settings
  for (let wait = 0; wait < 60 && (await kept()).linkStyle !== 'straight'; wait += 1) await page.waitForTimeout(50)
  assert.deepEqual([(await kept()).keys, 'scale' in (await kept())], [{ minimap: ['Alt+m'] }, false])
  const other = await openEditor(browser, server)
  const held = (on) => on.evaluate(async () => {
    const { settings } = await import('/app/settings.js')
    return [settings.linkStyle, settings.keys, settings.scale]
  })
  await eventually(other, async () => (await import('/app/settings.js')).settings.linkStyle === 'straight')
  assert.deepEqual(await held(other), ['straight', { minimap: ['Alt+m'] }, 100])
  await other.context().setOffline(true)
  await change(other, { linkStyle: 'curved' })
  await other.waitForTimeout(1000)
  assert.equal((await kept()).linkStyle, 'straight')
  await other.context().setOffline(false)
  await other.reload()
  await ready(other)
  for (let wait = 0; wait < 60 && (await kept()).linkStyle !== 'curved'; wait += 1) await other.waitForTimeout(50)
  assert.equal((await kept()).linkStyle, 'curved')
  assert.deepEqual(other.errors, [])
  await other.context().close()
  await change(page, { keys: {}, linkStyle: 'curved', scale: 100 })
})

test('keys go into a file and come back from it; a file that holds none is told, and changes nothing', { timeout: TIMEOUT }, async () => {
  const keys = page.locator('dialog.shortcuts')
  const row = (id) => keys.locator(`[data-command="${id}"] kbd`)
  await press('?')
  const load = async (text) => {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), keys.getByRole('button', { name: 'Load a file' }).click()])
    await chooser.setFiles({ name: 'keys.json', mimeType: 'application/json', buffer: Buffer.from(text) })
  }
  await load(JSON.stringify({ 'tessera.keys': { minimap: ['Alt+M'], fly: ['F9'] } }))
  await keys.getByText('The keys of keys.json hold now, without fly').waitFor()
  assert.deepEqual(await row('minimap').allTextContents(), ['Alt+M'])
  const [download] = await Promise.all([page.waitForEvent('download'), keys.getByRole('button', { name: 'Save as a file' }).click()])
  assert.deepEqual(JSON.parse(await (await import('node:fs/promises')).readFile(await download.path(), 'utf8')), { 'tessera.keys': { minimap: ['Alt+M'] } })
  await load('{"tessera.keys": 4}')
  await keys.getByText('keys.json was not taken: it has no "tessera.keys" with keys by command').waitFor()
  assert.deepEqual(await row('minimap').allTextContents(), ['Alt+M'])
  await load('{"tessera.keys": {}}')
  await keys.getByText('The keys of keys.json hold now').waitFor()
  await keys.locator('.key-told').getByRole('button', { name: 'Undo' }).click()
  assert.deepEqual(await row('minimap').allTextContents(), ['Alt+M'])
  await keys.getByRole('button', { name: 'Reset all keys' }).click()
  await leave()
})

test('a letter that is given to running does not run while one writes, nor does a key that an input method has', { timeout: TIMEOUT }, async () => {
  await page.evaluate(async () => {
    const { changeSettings } = await import('/app/settings.js')
    changeSettings({ keys: { run: ['X'] } })
  })
  await page.reload()
  await ready(page)
  const since = await server.lastEvent()
  await page.locator('.document-title').fill('')
  await page.keyboard.type('x')
  await page.locator('#canvas').focus()
  await page.evaluate(() => document.querySelector('#canvas').dispatchEvent(new KeyboardEvent('keydown', { key: 'Process', code: 'KeyX', bubbles: true, cancelable: true })))
  assert.equal((await server.events(since, 'RunQueued')).length, 0)
  await page.keyboard.press('x')
  await eventually(page, (seq) => [...tessera.session.runs.values()].some((run) => run.seq > seq), since)
  assert.equal((await server.events(since, 'RunQueued')).length, 1)
  await page.evaluate(async () => (await import('/app/settings.js')).changeSettings({ keys: {} }))
})

test('what was open in a page that broke off is offered by picture, once; a page that was left in peace offers nothing', { timeout: TIMEOUT }, async () => {
  const context = await browser.newContext({ locale: 'en-US' })
  const broken = await context.newPage()
  await broken.goto(server.url)
  await ready(broken)
  await broken.evaluate(async () => {
    const [{ copyOf }] = await Promise.all([import('/app/documents.js')])
    for (const title of ['Lost one', 'Lost two']) {
      tessera.tabs.open(copyOf({ ...tessera.store.toJSON(), title }))
      tessera.store.setTitle(`${title} edited`)
      tessera.autosave.write()
    }
    Object.defineProperty(Object.getPrototypeOf(tessera.autosave), 'write', { value: () => {} })
    addEventListener('pagehide', (event) => event.stopImmediatePropagation(), { capture: true }) // It breaks off: nothing of its own runs any more.
  })
  const journals = await broken.evaluate(() => ({ ...localStorage }))
  await broken.close()
  const next = await context.newPage()
  await next.goto(`${server.url}/logo.svg`)
  await next.evaluate((kept) => Object.entries(kept).forEach(([name, value]) => localStorage.setItem(name, value)), journals)
  await next.goto(server.url)
  await ready(next)
  const sheet = next.locator('dialog.lost')
  await sheet.waitFor()
  const opened = await next.evaluate(() => tessera.store.title)
  assert.deepEqual([opened, ...(await sheet.locator('strong').allTextContents())].sort(), ['Lost one edited', 'Lost two edited', 'Text to image'])
  await sheet.getByRole('button', { name: 'Open all' }).click()
  assert.equal(await next.evaluate(() => tessera.tabs.list.length), 3)
  await next.close()
  const last = await context.newPage()
  await last.goto(server.url)
  await ready(last)
  assert.equal(await last.locator('dialog.lost').count(), 0)
  await context.close()
})

test('where changes run by themselves, one runs the branch that it touched', { timeout: TIMEOUT }, async () => {
  const text = await page.evaluate(async () => {
    const { addNode, connect } = await import('/document/edits.js')
    const { store, catalog } = tessera
    const own = addNode(store, catalog, { type: 'PrimitiveString', position: [0, 600], inputs: { value: 'one' } })
    const shown = addNode(store, catalog, { type: 'PreviewAny', position: [300, 600] })
    connect(store, catalog, { from: [own, catalog.nodes.get('PrimitiveString').outputs[0].name], to: [shown, catalog.nodes.get('PreviewAny').inputs[0].name] })
    return { own, shown }
  })
  const ended = (seq) => eventually(page, (after) => [...tessera.session.runs.values()].some((run) => run.seq > after && run.seconds !== undefined), seq, 90_000)
  const before = await server.lastEvent()
  await press('Shift+R')
  await ended(before)
  const since = await server.lastEvent()
  await page.evaluate(async (id) => (await import('/document/edits.js')).setInput(tessera.store, id, 'value', 'two'), text.own)
  await ended(since)
  await press('Shift+R')
  const [queued] = await server.events(since, 'RunQueued')
  assert.deepEqual((await server.get(`/api/v1/runs/${queued.run}`)).targets, [text.shown])
})

test('the first steps go on by doing them, and are not shown again', { timeout: TIMEOUT }, async () => {
  await press('Control+p')
  await page.keyboard.type('first steps')
  await page.keyboard.press('Enter')
  const guide = page.locator('.guide')
  assert.match(await guide.locator('strong').textContent(), /Write what you want/)
  await guide.getByRole('button', { name: 'Show the prompt' }).click()
  await eventually(page, () => tessera.editor.isEditing)
  await page.keyboard.press('Control+a')
  await page.keyboard.type('a blue apple')
  await page.keyboard.press('Tab')
  await guide.getByText('Run it').waitFor()
  await guide.getByRole('button', { name: 'Run' }).click()
  await guide.getByText('Watch it appear').waitFor()
  await guide.getByText('Another one', { exact: true }).waitFor({ timeout: 90_000 })
  await guide.getByRole('button', { name: 'Show the seed' }).click()
  assert.ok(await page.evaluate(() => [...tessera.selection.nodes].some((id) => tessera.store.node(id).type === 'KSampler')))
  await guide.getByRole('button', { name: 'Skip' }).click()
  await guide.getByText('That is all there is to it').waitFor()
  await guide.getByRole('button', { name: 'Done' }).click()
  assert.equal(await guide.count(), 0)
  assert.equal(await page.evaluate(() => JSON.parse(localStorage.getItem('tessera.settings')).greeted), true)
})

test('the page threw nothing', () => assert.deepEqual(page.errors, []))
