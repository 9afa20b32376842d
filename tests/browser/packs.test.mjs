// Nodes of packs by hand, in a real browser with a real server: rows that grow, choices that bring inputs, new names;
// and sub-graphs that no node uses.

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { CHECKOUT, drag, eventually, openBrowser, openEditor, Server, setUp, socketPoint, TIMEOUT } from './harness.mjs'

/** @type {Server} */
let server
let browser
let page
setUp(async () => {
  server = await Server.start({ packs: { 'growing.py': await readFile(join(CHECKOUT, 'tests/compat/nodes/packs/growing.py'), 'utf8'), 'renamed.py': PACK('', 'much') } })
  browser = await openBrowser()
  page = await openEditor(browser, server)
  await eventually(page, () => tessera.catalog.nodes.has('GrowStacked'))
})
after(async () => {
  await browser?.close()
  await server?.close()
})

/** A tab of its own. */
const open = (document) => page.evaluate((given) => (tessera.tabs.open({ format: 'tessera.workflow', version: 1, title: 'Packs', links: [], ...given }), tessera.editor.frame()), document)
const shown = (id) => page.evaluate(async (node) => {
  const { inputsNow } = await import('/document/dynamic_inputs.js')
  return inputsNow(tessera.catalog, tessera.store, tessera.store.node(node)).map(({ name }) => name)
}, id)
const links = () => page.evaluate(() => tessera.store.toJSON().links.map(({ from, to }) => [...from, ...to].join(' ')))

test('a row grows with the wires that are drawn, and a choice shows what its option asks for', { timeout: TIMEOUT }, async () => {
  await open({ nodes: [
    { id: 'a', type: 'EmptyImage', position: [0, 0] }, { id: 's', type: 'GrowStacked', position: [360, 0] },
    { id: 'r', type: 'GrowResized', position: [360, 200], inputs: { resize: 'exact', 'resize.width': 32 } },
  ] })
  const names = (count) => Array.from({ length: count }, (_, place) => `images.image${place}`)
  assert.deepEqual(await shown('s'), names(2))
  for (const place of [0, 1, 2]) await drag(page, await socketPoint(page, 'a', 'output', 'IMAGE'), await socketPoint(page, 's', 'input', `images.image${place}`))
  assert.deepEqual(await shown('s'), names(4))
  await drag(page, await socketPoint(page, 's', 'input', 'images.image2'), [700, 800])
  await page.keyboard.press('Escape')
  assert.deepEqual(await shown('s'), names(3))

  await drag(page, await socketPoint(page, 'a', 'output', 'IMAGE'), [800, 760])
  await page.keyboard.type('GrowStacked')
  await page.keyboard.press('Enter')
  assert.ok((await links()).some((link) => /^a IMAGE \w+ images\.image0$/.test(link) && !link.includes(' s ')), String(await links()))

  assert.deepEqual(await shown('r'), ['resize', 'resize.width', 'resize.height', 'after'])
  const choose = async (option) => {
    await page.evaluate(() => tessera.editor.editWidget('r', 'resize'))
    await page.keyboard.type(option)
    await page.keyboard.press('Enter')
  }
  await choose('scaled')
  assert.deepEqual(await shown('r'), ['resize', 'resize.unit', 'resize.unit.width', 'after'])
  await choose('exact')
  assert.deepEqual(await page.evaluate(() => tessera.store.node('r').inputs['resize.width']), 32)
  assert.deepEqual(page.errors, [])
})

const PACK = (names, input) => `
from graph import node
${names ? 'from graph.migrate import formerly\n' : ''}
${names}
@node(category="test", id="${names ? 'Twofold' : 'TwiceAsMuch'}")
def twice(${input}: int = 1) -> int:
    """Two of it."""
    return 2 * ${input}
`

test('a pack that renames its node while a workflow is open takes the workflow along, back to its first edit', { timeout: TIMEOUT }, async () => {
  await open({ nodes: [{ id: 't', type: 'TwiceAsMuch', position: [0, 0], inputs: { much: 3 } }] })
  await page.evaluate(async () => (await import('/document/edits.js')).setInput(tessera.store, 't', 'much', 4))
  await writeFile(join(server.root, 'custom_nodes/renamed.py'), PACK('@formerly("TwiceAsMuch", inputs={"much": "value"})', 'value'))
  await eventually(page, () => tessera.store.node('t').type === 'Twofold')
  assert.equal(await page.getByText('A node had a former name').count(), 1)
  assert.deepEqual(await page.evaluate(() => tessera.store.node('t').inputs), { value: 4 })
  await page.keyboard.press('Control+z')
  assert.deepEqual(await page.evaluate(() => [tessera.store.node('t').type, tessera.store.node('t').inputs]), ['Twofold', { value: 3 }])
  await page.keyboard.press('Shift+a')
  await page.keyboard.type('TwiceAs')
  await page.getByText('Twofold').first().waitFor()
  await page.keyboard.press('Escape')
  assert.deepEqual(page.errors, [])
})

test('a sub-graph that no node uses is entered from the palette, added and deleted from the outline', { timeout: TIMEOUT }, async () => {
  await open({ nodes: [{ id: 'n', type: 'PrimitiveInt', position: [0, 0] }], subgraphs: [
    { id: 'spare', title: 'Spare part', inputs: [], outputs: [{ name: 'y', type: 'INT' }], nodes: [{ id: 'inner', type: 'PrimitiveInt', position: [0, 0], inputs: { value: 5 } }], links: [{ from: ['inner', 'INT'], to: ['@out', 'y'] }] },
  ] })
  await page.keyboard.press('Control+p')
  await page.keyboard.type('Spare part')
  await page.locator('.picker-row').filter({ hasText: 'not used' }).click()
  await page.locator('.breadcrumb li', { hasText: 'Not used' }).waitFor()
  assert.deepEqual(await page.locator('.breadcrumb li').allTextContents(), ['Packs', 'Spare partNot used'])
  await page.keyboard.press('Escape')
  await page.keyboard.press('o')
  const row = page.locator('[data-subgraph="spare"]')
  await row.filter({ hasText: 'not used' }).waitFor()
  await row.getByRole('button', { name: 'Add Spare part' }).press('Enter')
  assert.equal(await page.evaluate(() => document.activeElement.closest('[data-subgraph]')?.getAttribute('data-subgraph')), 'spare')
  await row.filter({ hasText: 'used once' }).waitFor() // The outline follows in the next frame.
  assert.equal(await page.evaluate(() => tessera.store.nodes().at(-1).type), '@spare')
  await page.evaluate(() => tessera.store.undo())
  await row.getByRole('button', { name: 'Delete Spare part' }).click()
  assert.deepEqual(await page.evaluate(() => [tessera.store.subgraphs().length, tessera.store.undoLabel]), [0, 'Delete Spare part'])
  await page.evaluate(() => tessera.store.undo())
  assert.equal(await page.evaluate(() => tessera.store.graph('spare').node('inner').inputs.value), 5)
  assert.deepEqual(page.errors, [])
})
