// Sub-graphs by hand on the canvas, in a real browser.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inPage, onCanvas, options, page } from './fixtures/canvas.js'

onCanvas(async () => {
  await page.evaluate(async () => {
    const { makeSubgraph } = await import('/web/document/make_subgraph.js')
    makeSubgraph(window.dev.store, window.dev.catalog, { nodes: ['sampler'] })
    window.dev.editor.frame()
  })
})

const header = (node) => inPage(([id]) => {
  const { x, y, width } = window.dev.editor.bounds(id)
  return window.dev.editor.toClient(x + width * 0.6, y + 15)
}, node)
const socket = (node, kind, name) => inPage(([a, b, c]) => window.dev.editor.toClient(...window.dev.editor.socketPoint(a, b, c)), node, kind, name)
const current = () => inPage(() => window.dev.store.current)
const signature = () => inPage(() => {
  const { inputs, outputs } = window.dev.store.subgraph('subgraph')
  return [inputs.map(({ name }) => name), outputs.map(({ name }) => name)]
})
const drag = async (from, to) => {
  await page.mouse.move(...from)
  await page.mouse.down()
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, { steps: 3 })
  await page.mouse.move(...to, { steps: 3 })
  await page.mouse.up()
}
const INPUTS = ['model', 'positive', 'negative', 'latent_image', 'seed']

test('a double-click goes into an instance, and the view of each graph stays', options, async () => {
  const camera = () => inPage(() => window.dev.editor.camera)
  const outside = await camera()
  await page.mouse.dblclick(...await header('subgraph'))
  assert.equal(await current(), 'subgraph')
  assert.deepEqual(await inPage(() => window.dev.store.nodes().map(({ id }) => id)), ['@in', '@out', 'sampler'])
  await inPage(() => window.dev.editor.zoomTo(0.4))
  const inside = await camera()
  await inPage(() => window.dev.store.leave())
  assert.deepEqual(await camera(), outside)
  await page.mouse.dblclick(...await header('subgraph'))
  assert.deepEqual(await camera(), inside)
})

test('Alt+click and the tab draw what is inside, and no longer', options, async () => {
  const open = () => inPage(() => window.dev.store.node('subgraph').open ?? false)
  const tab = () => inPage(() => {
    const { x, y } = window.dev.editor.bounds('subgraph')
    return window.dev.editor.toClient(x + 20, y - 9)
  })
  const width = () => inPage(() => window.dev.editor.bounds('subgraph').width)
  const before = await width()
  await page.keyboard.down('Alt')
  await page.mouse.click(...await header('subgraph'))
  await page.keyboard.up('Alt')
  assert.equal(await open(), true)
  assert.ok(await width() > before)
  await page.mouse.click(...await tab())
  assert.deepEqual([await open(), await width()], [false, before])
})

test('a wire from the + of Inputs adds an input, one dropped on Outputs an output; undo takes wire and socket', options, async () => {
  await inPage(() => (window.dev.store.enter('subgraph'), window.dev.editor.frame()))
  await drag(await socket('@in', 'output', '+'), await socket('sampler', 'input', 'denoise'))
  assert.deepEqual(await signature(), [[...INPUTS, 'denoise'], ['LATENT']])
  await drag(await socket('sampler', 'output', 'LATENT'), await socket('@out', 'input', '+'))
  assert.deepEqual(await signature(), [[...INPUTS, 'denoise'], ['LATENT', 'LATENT_2']])
  assert.deepEqual(await inPage(() => window.dev.store.linksTo('@out').map(({ to }) => to[1])), ['LATENT', 'LATENT_2'])
  await inPage(() => (window.dev.store.undo(), window.dev.store.undo()))
  assert.deepEqual(await signature(), [INPUTS, ['LATENT']])
  await drag(await socket('@in', 'output', 'seed'), await socket('sampler', 'input', 'steps'))
  assert.deepEqual(await signature(), [INPUTS, ['LATENT']])
  assert.equal(await inPage(() => window.dev.store.linksTo('sampler', 'steps').length), 1)
})

test('the ends move like nodes and stay when all is deleted', options, async () => {
  await inPage(() => (window.dev.store.enter('subgraph'), window.dev.editor.frame()))
  const position = () => inPage(() => window.dev.store.toJSON().subgraphs[0].input_position)
  const before = await position()
  const [x, y] = await header('@in')
  await drag([x, y], [x + 60, y + 30])
  assert.notDeepEqual(await position(), before)
  await inPage(async () => {
    const { deleteSelection } = await import('/web/document/edits.js')
    window.dev.selection.selectAll()
    deleteSelection(window.dev.store, window.dev.selection)
  })
  assert.deepEqual(await inPage(() => window.dev.store.nodes().map(({ id }) => id).sort()), ['@in', '@out'])
})
