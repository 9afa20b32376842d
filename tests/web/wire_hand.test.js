// Wires in the hand, at the edge of the screen, hidden ones, and what the map knows; in a real browser.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inPage, onCanvas, options, page } from './fixtures/canvas.js'

onCanvas()

const client = (x, y) => inPage(([a, b]) => window.dev.editor.toClient(a, b), x, y)
const socket = (node, kind, name) => inPage(([a, b, c]) => window.dev.editor.toClient(...window.dev.editor.socketPoint(a, b, c)), node, kind, name)
const between = async (from, to) => {
  const [a, b] = [await socket(...from), await socket(...to)]
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]
}
const history = () => inPage(() => window.dev.store.history.labels)
const drag = async (from, to, { release = true } = {}) => {
  await page.mouse.move(...from)
  await page.mouse.down()
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, { steps: 3 })
  await page.mouse.move(...to, { steps: 3 })
  if (release) await page.mouse.up()
}
const held = async (key, act) => {
  await page.keyboard.down(key)
  await act()
  await page.keyboard.up(key)
}
const WIRE = [['decode', 'output', 'IMAGE'], ['save', 'input', 'images']]

test('a wire from an input into the open asks for a node that gives it, and connects that one, as one entry', options, async () => {
  await inPage(() => window.dev.store.edit('cut', (tx) => tx.remove('links', window.dev.store.linksTo('sampler', 'positive')[0].id)))
  await drag(await socket('sampler', 'input', 'positive'), await client(900, 620))
  const [pending] = await inPage(() => window.dev.requests.map((request) => request.pending))
  assert.deepEqual([pending.kind, pending.type, pending.socket], ['input', 'CONDITIONING', 'positive'])
  await inPage(() => window.dev.requests[0].resolve({ type: 'CLIPTextEncode' }))
  await page.waitForFunction(() => window.dev.store.linksTo('sampler', 'positive').length === 1)
  const { type, id } = await inPage(() => window.dev.store.nodes().at(-1))
  assert.deepEqual([type, await inPage(() => window.dev.store.linksTo('sampler', 'positive')[0].from), (await history()).length], ['CLIPTextEncode', [id, 'CONDITIONING'], 2])
})

test('Alt and a click on a wire delete it', options, async () => {
  const at = await between(...WIRE)
  await held('Alt', () => page.mouse.click(...at))
  assert.deepEqual([await inPage(() => window.dev.store.linksTo('save').length), await history()], [0, ['Disconnect']])
})

test('where wires are hidden, one that is not seen is not under the hand: only those of selected nodes are', options, async () => {
  await inPage(() => window.dev.editor.setLinkStyle('hidden'))
  const at = await between(...WIRE)
  await held('Alt', () => page.mouse.click(...at))
  await page.mouse.dblclick(...at)
  assert.deepEqual([await history(), await inPage(() => window.dev.requests.length)], [[], 1], 'a double-click there asks for a node')
  const cut = () => held('Control', async () => {
    await page.mouse.move(at[0], at[1] - 30)
    await page.mouse.down({ button: 'right' })
    await page.mouse.move(at[0], at[1] + 30, { steps: 3 })
    await page.mouse.up({ button: 'right' })
  })
  await inPage(() => window.dev.requests[0].resolve(null))
  await cut()
  assert.deepEqual(await history(), [])
  await inPage(() => window.dev.selection.set({ nodes: ['save'] }))
  await cut()
  assert.deepEqual(await history(), ['Cut wires'])
})

test('a hand that drags near the edge pulls the canvas along, and what it holds follows', options, async () => {
  const [x, y] = await inPage(() => {
    const { x: left, y: top, width } = window.dev.editor.bounds('sampler')
    return window.dev.editor.toClient(left + width * 0.6, top + 15)
  })
  const before = await inPage(() => ({ camera: window.dev.editor.camera, position: window.dev.store.node('sampler').position }))
  const right = await inPage(() => document.getElementById('host').getBoundingClientRect().right)
  await drag([x, y], [right - 4, y], { release: false })
  await page.waitForFunction((was) => window.dev.editor.camera.x > was + 60, before.camera.x)
  await page.mouse.move(right - 400, y)
  await page.mouse.up()
  const after = await inPage(() => ({ camera: window.dev.editor.camera, position: window.dev.store.node('sampler').position }))
  const expected = before.position[0] + (right - 400 - x) / before.camera.zoom + after.camera.x - before.camera.x
  assert.ok(Math.abs(after.position[0] - expected) <= 1, `${after.position[0]} instead of ${expected}`)
})

test('a box drawn with Ctrl takes out of the selection what it touches, and adds the rest', options, async () => {
  await inPage(() => window.dev.selection.set({ nodes: ['prompt', 'loader'] }))
  await held('Control', async () => drag(await client(650, 240), await client(300, -20)))
  assert.deepEqual(await inPage(() => [...window.dev.selection.nodes].sort()), ['loader', 'negative'])
})

test('the map knows what runs, what fails and what is selected', options, async () => {
  const known = () => inPage(() => window.dev.editor.map().nodes.flatMap(({ state, faulty, selected }) => (state === 'running' || faulty || selected ? [[state, faulty, selected]] : [])))
  await inPage(() => window.dev.running())
  assert.deepEqual((await known()).filter(([state]) => state === 'running'), [['running', false, true], ['running', false, false]])
  await inPage(() => window.dev.failed())
  assert.deepEqual((await known()).map(([, faulty, selected]) => [faulty, selected]), [[true, false], [true, true]])
})
