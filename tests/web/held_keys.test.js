// What keys and the wheel mean while the hand holds something, in a real browser.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inPage, onCanvas, options, page } from './fixtures/canvas.js'

onCanvas(async () => {
  await page.evaluate(() => {
    window.heard = []
    addEventListener('keydown', ({ key }) => window.heard.push(key))
  })
})

const header = (node) => inPage(([id]) => {
  const { x, y, width } = window.dev.editor.bounds(id)
  return window.dev.editor.toClient(x + width * 0.6, y + 15)
}, node)
const socket = (node, kind, name) => inPage(([a, b, c]) => window.dev.editor.toClient(...window.dev.editor.socketPoint(a, b, c)), node, kind, name)
const table = (name) => inPage(([key]) => window.dev.store.toJSON()[key], name)
const camera = () => inPage(() => window.dev.editor.camera)

/** Takes hold and moves a little. */
const hold = async ([x, y], button = 'left') => {
  await page.mouse.move(x, y)
  await page.mouse.down({ button })
  await page.mouse.move(x + 40, y + 30, { steps: 3 })
}

test('undo gives up what the hand holds, and the rest of the drag is nothing', options, async () => {
  const before = await table('nodes')
  const [x, y] = await header('sampler')
  await hold([x, y])
  await page.keyboard.press('Control+z')
  await page.mouse.move(x + 90, y + 60, { steps: 4 })
  await page.mouse.up()
  assert.deepEqual(await table('nodes'), before)
  assert.deepEqual(await inPage(() => window.dev.store.history), { labels: [], done: 0, forgotten: 0 })
})

test('no command hears a key while a node or a wire is in the hand; afterwards they do again', options, async () => {
  await hold(await header('sampler'))
  await page.keyboard.press('Delete')
  await page.mouse.up()
  await hold(await socket('loader', 'output', 'VAE'))
  await page.keyboard.press('Delete')
  assert.deepEqual(await inPage(() => window.heard), [])
  await page.keyboard.press('Escape')
  await page.mouse.up()
  await page.keyboard.press('Delete')
  assert.deepEqual(await inPage(() => window.heard), ['Delete'])
})

test('a wire whose node has gone meanwhile connects nothing', options, async () => {
  await hold(await socket('loader', 'output', 'VAE'))
  await inPage(() => window.dev.store.edit('gone', (tx) => {
    for (const { id } of window.dev.store.linksFrom('loader')) tx.remove('links', id)
    tx.remove('nodes', 'loader')
  }))
  const links = await table('links')
  await page.mouse.move(...await socket('decode', 'input', 'vae'), { steps: 3 })
  await page.mouse.up()
  assert.deepEqual(await table('links'), links)
})

test('the wheel zooms while the middle button moves the view', options, async () => {
  const from = await inPage(() => window.dev.editor.toClient(100, 520))
  const { zoom } = await camera()
  await hold(from, 'middle')
  await page.mouse.wheel(0, -240)
  await page.waitForFunction((was) => window.dev.editor.camera.zoom > was * 1.2, zoom)
  const zoomed = await camera()
  await page.mouse.move(from[0] + 60, from[1] + 30)
  await page.mouse.up({ button: 'middle' })
  const now = await camera()
  assert.equal(now.zoom, zoomed.zoom)
  assert.ok(Math.abs((zoomed.x - now.x) * now.zoom - 20) < 0.01 && Math.abs(zoomed.y - now.y) < 0.01, 'by what the hand has moved since')
})

test('T makes room to the left for a node that is put into a wire; a frame around those that move comes along', options, async () => {
  await inPage(() => {
    const { store } = window.dev
    store.edit('cut', (tx) => tx.remove('links', 'link_10'))
    store.edit('frame', (tx) => tx.put('frames', { id: 'around', value: { id: 'around', title: 'F', position: [1010, 0], size: [280, 200] } }))
    store.edit('save', (tx) => tx.put('nodes', { ...store.node('save'), position: [1320, 60] }))
    window.dev.look(600, -60, 0.8)
  })
  const before = { save: await inPage(() => window.dev.store.node('save').position), decode: await inPage(() => window.dev.editor.bounds('decode')) }
  const wire = await inPage(() => {
    const [a, b] = [window.dev.editor.socketPoint('decode', 'output', 'IMAGE'), window.dev.editor.socketPoint('save', 'input', 'images')]
    return window.dev.editor.toClient((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
  })
  const from = await header('scale')
  await page.mouse.move(...from)
  await page.mouse.down()
  await page.mouse.move(...wire, { steps: 4 })
  await page.keyboard.press('t')
  await page.mouse.up()
  const after = await inPage(() => {
    const { store, editor } = window.dev
    const [scale, decode] = ['scale', 'decode'].map((id) => editor.bounds(id))
    return { save: store.node('save').position, room: scale.x - decode.x - decode.width, fed: store.linksTo('save', 'images')[0].from[0], decode: decode.x, frame: editor.bounds('around'), done: store.history.done }
  })
  assert.deepEqual([after.save, after.fed], [before.save, 'scale'])
  assert.ok(after.room >= 48, `room ${after.room}`)
  assert.equal(after.frame.x - 1010, after.decode - before.decode.x, 'the frame came along')
  await inPage(() => window.dev.store.undo())
  assert.deepEqual(await inPage(() => window.dev.editor.bounds('decode')), before.decode)
})
