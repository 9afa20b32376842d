// A sweep from the menu of an input to a labelled grid, in a real browser with a real server.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { eventually, openBrowser, openEditor, runToEnd, Server, setUp, TIMEOUT } from './harness.mjs'

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

/** The middle of a widget on screen. */
const middle = (page, node, input) => page.evaluate(([id, name]) => {
  const { x, y, width, height } = tessera.editor.widgetBounds(id, name)
  return tessera.editor.toClient(x + width / 2, y + height / 2)
}, [node, input])

const literal = (page, node, input) => page.evaluate(([id, name]) => tessera.store.node(id).inputs[name], [node, input])

test('an input is swept from its menu, changed by its chip, run, and given one value again', { timeout: TIMEOUT }, async () => {
  const page = await openEditor(browser, server)
  await page.evaluate(async () => {
    const { setInput } = await import('/document/edits.js')
    setInput(tessera.store, 'sampler', 'steps', 2)
    tessera.editor.frame()
  })
  await page.mouse.click(...await middle(page, 'sampler', 'cfg'), { button: 'right' })
  await page.getByRole('menuitem', { name: 'Sweep cfg…' }).click()
  await page.getByRole('textbox', { name: 'Values' }).fill('4, x')
  assert.match(await page.locator('.sweep-told').textContent(), /Give numbers between commas/)
  assert.equal(await page.getByRole('button', { name: 'Done' }).isDisabled(), true)
  await page.getByRole('textbox', { name: 'Values' }).fill('2..4')
  assert.equal(await page.locator('.sweep-told').textContent(), '3 values')
  await page.getByRole('button', { name: 'Done' }).click()
  assert.deepEqual(await literal(page, 'sampler', 'cfg'), { sweep: [2, 3, 4], axis: 'cfg' })

  await page.mouse.click(...await middle(page, 'sampler', 'cfg'))
  await page.getByRole('textbox', { name: 'Values' }).fill('2, 6')
  await page.keyboard.press('Control+Enter')
  assert.deepEqual(await literal(page, 'sampler', 'cfg'), { sweep: [2, 6], axis: 'cfg' })
  await runToEnd(page, server)
  await eventually(page, () => document.querySelectorAll('.result img.loaded').length === 2)

  await page.locator('#canvas').focus()
  await page.keyboard.press('Shift+T')
  const grid = page.getByRole('dialog', { name: /a picture for each value/ })
  assert.deepEqual(await grid.locator('th[scope=col]').allInnerTexts(), ['2', '6'])
  await eventually(page, () => [...document.querySelectorAll('.grid-tile img')].filter(({ naturalWidth }) => naturalWidth > 0).length === 2)
  await grid.getByRole('button', { name: 'cfg 6' }).click({ modifiers: ['Shift'] })
  await page.locator('.viewer-differs tr', { hasText: 'cfg' }).waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await grid.waitFor({ state: 'detached' })

  await page.evaluate(() => tessera.store.undo())
  assert.deepEqual(await literal(page, 'sampler', 'cfg'), { sweep: [2, 3, 4], axis: 'cfg' })
  await page.mouse.click(...await middle(page, 'sampler', 'cfg'))
  await page.keyboard.press('Escape')
  assert.deepEqual(await literal(page, 'sampler', 'cfg'), { sweep: [2, 3, 4], axis: 'cfg' })
  await page.mouse.click(...await middle(page, 'sampler', 'cfg'))
  await page.getByRole('button', { name: 'Use one value' }).click()
  assert.equal(await literal(page, 'sampler', 'cfg'), 2)
  await page.close()
})

test('a cell that works is skipped in the grid and in the queue, and what is missing is made by a run of its own', { timeout: TIMEOUT }, async () => {
  const page = await openEditor(browser, server)
  const since = await server.lastEvent()
  const skipped = async () => (await server.events(since, 'StepSkipped')).map(({ step }) => step).filter((step) => step.startsWith('sampler'))
  await page.evaluate(async () => {
    const { setInput } = await import('/document/edits.js')
    setInput(tessera.store, 'sampler', 'seed', 7)
    setInput(tessera.store, 'sampler', 'steps', { sweep: [9000, 3, 2], axis: 'steps' })
    globalThis.heard = []
    new MutationObserver(() => heard.push(document.querySelector('#announcer').textContent)).observe(document.querySelector('#announcer'), { childList: true })
  })
  const works = () => [...tessera.session.running?.steps.values() ?? []].some(({ state, progress, coordinate }) => state === 'running' && progress && coordinate?.steps === 9000)
  await page.keyboard.press('Control+Enter')
  await eventually(page, works)
  await page.locator('#canvas').focus()
  await page.keyboard.press('Shift+T')
  const grid = page.getByRole('dialog', { name: /a picture for each value/ })
  await page.evaluate(() => {
    const said = document.querySelector('dialog.grid .only-read[role=status]')
    globalThis.tellings = []
    new MutationObserver(() => tellings.push(said.textContent)).observe(said, { childList: true })
  })
  await grid.getByRole('group', { name: 'steps 9000: Working' }).getByRole('button', { name: 'Skip steps 9000' }).press('Enter')
  await eventually(page, () => [...tessera.session.runs.values()].at(-1).status === 'succeeded')
  assert.deepEqual(await skipped(), ['sampler[steps=9000]'])
  await grid.getByRole('group', { name: 'steps 9000: Skipped' }).waitFor()
  assert.deepEqual(await grid.locator('.grid-tile').evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute('aria-label'))), ['steps 2', 'steps 3'])
  assert.equal((await page.evaluate(() => heard)).includes('steps 9000 is skipped'), true)
  assert.match(await page.evaluate(() => tellings.join('\n')), /^steps 9000: (Stopping\nsteps 9000: )?Skipped$/m)

  await grid.getByRole('button', { name: 'Make it' }).press('Enter')
  await eventually(page, works)
  await grid.getByRole('group', { name: 'steps 9000: Working' }).waitFor()
  assert.equal(await grid.locator('.grid-tile').count(), 2)
  await page.keyboard.press('Escape')
  await page.locator('#canvas').focus()
  await page.keyboard.press('q')
  await page.locator('.queue-part', { hasText: 'steps 9000' }).getByRole('button', { name: 'Skip this one' }).click()
  await eventually(page, () => tessera.session.active.length === 0)
  assert.deepEqual(await skipped(), ['sampler[steps=9000]', 'sampler[steps=9000]'])
  assert.deepEqual(page.errors, [])
  await page.close()
})
