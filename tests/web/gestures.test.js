// The hand on the canvas, in a real browser.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, beforeEach, test } from 'node:test'
import { CHROMIUM, launchCanvas } from '../../tools/canvas_page.mjs'

const options = { skip: existsSync(CHROMIUM) ? false : 'needs Chromium', timeout: 60000 }
let canvas
let page

before(async () => {
  if (!options.skip) canvas = await launchCanvas()
})
after(async () => canvas?.close())
beforeEach(async () => {
  if (options.skip) return
  await page?.close()
  ;({ page } = await canvas.open())
})

const inPage = (fn, ...args) => page.evaluate(fn, args)
const client = (x, y) => inPage(([a, b]) => window.dev.editor.toClient(a, b), x, y)
const socket = (node, kind, name) => inPage(([a, b, c]) => window.dev.editor.toClient(...window.dev.editor.socketPoint(a, b, c)), node, kind, name)
const header = (node) => inPage(([id]) => {
  const { x, y, width } = window.dev.editor.bounds(id)
  return window.dev.editor.toClient(x + width * 0.6, y + 15)
}, node)
const field = (node, input) => inPage(([id, name]) => {
  const { x, y, width, height } = window.dev.editor.widgetBounds(id, name)
  return window.dev.editor.toClient(x + width * 0.45, y + height / 2)
}, node, input)
const document_ = () => inPage(() => window.dev.store.toJSON())
const node = (id) => inPage(([name]) => window.dev.store.node(name), id)
const selected = () => inPage(() => [...window.dev.selection.nodes])
const linksTo = (id, input) => inPage(([a, b]) => window.dev.store.linksTo(a, b).map(({ from }) => from), id, input)
const undo = () => inPage(() => window.dev.store.undo())
const drag = async (from, to, { release = true } = {}) => {
  await page.mouse.move(...from)
  await page.mouse.down()
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, { steps: 3 })
  await page.mouse.move(...to, { steps: 3 })
  if (release) await page.mouse.up()
}
const away = ([x, y], dx, dy) => [x + dx, y + dy]

test('dragging a node moves it, as one undo entry', options, async () => {
  const before = await document_()
  const zoom = await inPage(() => window.dev.editor.camera.zoom)
  const at = await header('sampler')
  await drag(at, away(at, 80, 40))
  const moved = await node('sampler')
  assert.ok(Math.abs(moved.position[0] - 712 - 80 / zoom) <= 1 && Math.abs(moved.position[1] - 60 - 40 / zoom) <= 1)
  assert.deepEqual(await selected(), ['sampler'])
  await undo()
  assert.deepEqual((await document_()).nodes, before.nodes)
})

test('Escape and the right button give a drag up without a trace', options, async () => {
  const before = await document_()
  const at = await header('sampler')
  await drag(at, away(at, 80, 40), { release: false })
  await page.keyboard.press('Escape')
  await page.mouse.up()
  await drag(await socket('loader', 'output', 'VAE'), await header('save'), { release: false })
  await page.mouse.down({ button: 'right' })
  await page.mouse.up({ button: 'right' })
  await page.mouse.up()
  const after = await document_()
  assert.deepEqual([after.nodes, after.links], [before.nodes, before.links])
  assert.equal(await inPage(() => window.dev.store.undoLabel), null)
})

test('a box drawn to the left selects what it touches, to the right what it encloses; Shift adds; a click clears', options, async () => {
  await drag(await client(150, -40), await client(350, 30))
  assert.deepEqual(await selected(), [])
  await drag(await client(350, 30), await client(150, -40))
  assert.deepEqual((await selected()).sort(), ['prompt'])
  await page.keyboard.down('Shift')
  await drag(await client(1400, 90), await client(1300, 20))
  await page.keyboard.up('Shift')
  assert.deepEqual((await selected()).sort(), ['prompt', 'save'])
  await page.mouse.click(...await client(100, 520))
  assert.deepEqual(await selected(), [])
})

test('a wire dropped anywhere on a node finds its best socket and replaces the one there', options, async () => {
  await drag(await socket('negative', 'output', 'CONDITIONING'), await header('sampler'))
  assert.deepEqual(await linksTo('sampler', 'negative'), [['negative', 'CONDITIONING']])
  await drag(await socket('negative', 'output', 'CONDITIONING'), await socket('sampler', 'input', 'positive'))
  assert.deepEqual(await linksTo('sampler', 'positive'), [['negative', 'CONDITIONING']])
  await undo()
  assert.deepEqual(await linksTo('sampler', 'positive'), [['prompt', 'CONDITIONING']])
})

test('a wire fits no other type and closes no circle', options, async () => {
  const before = await document_()
  await drag(await socket('loader', 'output', 'VAE'), await socket('sampler', 'input', 'model'))
  await drag(await socket('scale', 'output', 'IMAGE'), await socket('scale', 'input', 'image'))
  assert.deepEqual((await document_()).links, before.links)
})

test('a wire is drawn backwards from a free input, and picked up from an occupied one', options, async () => {
  await drag(await socket('sampler', 'input', 'negative'), await client(940, 560))
  assert.deepEqual(await linksTo('sampler', 'negative'), [])
  await drag(await socket('sampler', 'input', 'negative'), await header('negative'))
  assert.deepEqual(await linksTo('sampler', 'negative'), [['negative', 'CONDITIONING']])
  await drag(await socket('decode', 'input', 'vae'), away(await header('sampler'), 0, 0))
  assert.deepEqual(await linksTo('decode', 'vae'), [['loader', 'VAE']])
})

test('a widget takes a wire', options, async () => {
  await inPage(() => window.dev.store.edit('add', (tx) => tx.put('nodes', { id: 'number', type: 'Numbers', position: [320, 620] })))
  await inPage(() => window.dev.editor.setCatalog({ ...window.dev.catalog, nodes: new Map([...window.dev.catalog.nodes, ['Numbers', { id: 'Numbers', title: 'Numbers', category: 'values', inputs: [], outputs: [{ name: 'INT', type: 'INT' }] }]]) }))
  await drag(await socket('number', 'output', 'INT'), await field('sampler', 'steps'))
  assert.deepEqual(await linksTo('sampler', 'steps'), [['number', 'INT']])
})

test('a wire dropped on the canvas asks for a node that fits, adds it and connects it, as one entry', options, async () => {
  const before = await document_()
  await drag(await socket('decode', 'output', 'IMAGE'), await client(1240, 560))
  const pending = await inPage(() => window.dev.requests[0].pending)
  assert.deepEqual([pending.kind, pending.node, pending.socket, pending.type], ['output', 'decode', 'IMAGE', 'IMAGE'])
  await inPage(() => window.dev.requests[0].resolve({ type: 'PreviewImage' }))
  await page.waitForTimeout(50)
  assert.deepEqual(await linksTo('preview', 'images'), [['decode', 'IMAGE']])
  assert.deepEqual(await selected(), ['preview'])
  await undo()
  const after = await document_()
  assert.deepEqual([after.nodes, after.links], [before.nodes, before.links])
})

test('closing that search leaves nothing', options, async () => {
  await drag(await socket('decode', 'output', 'IMAGE'), await client(1240, 560))
  await inPage(() => window.dev.requests[0].resolve(null))
  assert.equal(await inPage(() => window.dev.store.undoLabel), null)
})

test('a double click on the canvas asks for any node', options, async () => {
  await page.mouse.dblclick(...await client(100, 520))
  assert.equal(await inPage(() => window.dev.requests.length), 1)
  await inPage(() => window.dev.requests[0].resolve({ type: 'VAEDecode' }))
  await page.waitForTimeout(50)
  assert.equal((await node('decode_2')).type, 'VAEDecode')
})

test('numbers are scrubbed, typed and calculated', options, async () => {
  const steps = await field('sampler', 'steps')
  await drag(steps, away(steps, 40, 0))
  assert.equal((await node('sampler')).inputs.steps, 30)
  await page.mouse.click(...steps)
  assert.equal(await inPage(() => window.dev.editor.isEditing), true)
  await page.keyboard.type('12*3')
  await page.keyboard.press('Enter')
  assert.equal((await node('sampler')).inputs.steps, 36)
  await page.mouse.click(...steps)
  await page.keyboard.type('nonsense')
  await page.keyboard.press('Enter')
  assert.equal((await node('sampler')).inputs.steps, 36)
  await page.mouse.click(...steps)
  await page.keyboard.type('9')
  await page.keyboard.press('Tab')
  await page.keyboard.type('3.5')
  await page.keyboard.press('Escape')
  assert.deepEqual([(await node('sampler')).inputs.steps, (await node('sampler')).inputs.cfg], [9, 7])
  await undo()
  await undo()
  assert.equal((await node('sampler')).inputs.steps, 30)
  await undo()
  assert.equal((await node('sampler')).inputs.steps, 20)
})

test('text is typed in place, live; each time is an undo entry, and Escape keeps it', options, async () => {
  const text = await field('negative', 'text')
  await page.mouse.click(...text)
  await page.keyboard.type('blurry')
  assert.equal((await node('negative')).inputs.text, 'blurry')
  await page.mouse.click(...await client(100, 520))
  assert.equal(await inPage(() => window.dev.editor.isEditing), false)
  await page.mouse.click(...text)
  await page.keyboard.type(', dark')
  await page.keyboard.press('Escape')
  assert.deepEqual([(await node('negative')).inputs.text, await inPage(() => window.dev.editor.isEditing)], ['blurry, dark', false])
  await undo()
  assert.equal((await node('negative')).inputs.text, 'blurry')
  await undo()
  assert.equal((await node('negative')).inputs.text, '')
})

test('a choice is filtered and chosen, a toggle flipped, a seed rolled', options, async () => {
  await page.mouse.click(...await field('sampler', 'sampler_name'))
  await page.keyboard.type('2m sde')
  await page.keyboard.press('Enter')
  assert.equal((await node('sampler')).inputs.sampler_name, 'dpmpp_2m_sde')
  await page.mouse.click(...await field('sampler', 'scheduler'))
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  assert.equal((await node('sampler')).inputs.scheduler, 'exponential')
  await page.mouse.click(...await field('scale', 'tiled'))
  assert.equal((await node('scale')).inputs.tiled, false)
  const die = await inPage(() => {
    const { x, y, width, height } = window.dev.editor.widgetBounds('sampler', 'seed')
    return window.dev.editor.toClient(x + width - 14, y + height / 2)
  })
  await page.mouse.click(...die)
  assert.notEqual((await node('sampler')).inputs.seed, 42)
})

test('the wheel zooms to the pointer exactly; the middle button and Space pan', options, async () => {
  const at = [400, 300]
  const world = () => inPage(() => window.dev.editor.toWorld(400, 300))
  const before = await world()
  await page.mouse.move(...at)
  await page.mouse.wheel(0, -360)
  await page.waitForTimeout(50)
  const after = await world()
  assert.ok(Math.hypot(after[0] - before[0], after[1] - before[1]) < 1e-6)
  const camera = await inPage(() => window.dev.editor.camera)
  await page.mouse.down({ button: 'middle' })
  await page.mouse.move(460, 280)
  await page.mouse.up({ button: 'middle' })
  const panned = await inPage(() => window.dev.editor.camera)
  assert.ok(Math.abs((camera.x - panned.x) * camera.zoom - 60) < 1e-6 && Math.abs((camera.y - panned.y) * camera.zoom + 20) < 1e-6)
  await page.keyboard.down('Space')
  await drag([460, 280], [400, 300])
  await page.keyboard.up('Space')
  const back = await inPage(() => window.dev.editor.camera)
  assert.ok(Math.abs(back.x - camera.x) < 1e-6 && Math.abs(back.y - camera.y) < 1e-6)
})

test('a title is edited in place and a corner resizes', options, async () => {
  await page.mouse.dblclick(...await header('save'))
  await page.keyboard.type('Keep')
  await page.keyboard.press('Enter')
  assert.equal((await node('save')).title, 'Keep')
  const corner = await inPage(() => {
    const { x, y, width, height } = window.dev.editor.bounds('save')
    return window.dev.editor.toClient(x + width - 4, y + height - 4)
  })
  await drag(corner, away(corner, 60, 0))
  assert.ok((await node('save')).size[0] > 340)
})

test('a canvas at rest draws no frame', options, async () => {
  await page.waitForTimeout(500)
  const before = await inPage(() => window.dev.editor.stats.frames)
  await page.waitForTimeout(700)
  assert.equal(await inPage(() => window.dev.editor.stats.frames), before)
})

test('one finger pans, two pinch, a tap selects', options, async () => {
  const session = await page.context().newCDPSession(page)
  const touch = (type, ...points) => session.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) })
  const camera = () => inPage(() => window.dev.editor.camera)
  const before = await camera()
  const empty = await client(100, 520)
  await touch('touchStart', empty)
  await touch('touchMove', away(empty, 30, 10))
  await touch('touchMove', away(empty, 60, 20))
  await touch('touchEnd')
  const panned = await camera()
  assert.ok(Math.abs((before.x - panned.x) * panned.zoom - 60) < 1e-6)
  await touch('touchStart', [300, 300])
  await touch('touchStart', [300, 300], [500, 300])
  await touch('touchMove', [200, 300], [600, 300])
  await touch('touchEnd')
  assert.ok(Math.abs((await camera()).zoom / panned.zoom - 2) < 0.01)
  const at = await header('prompt')
  await touch('touchStart', at)
  await touch('touchEnd')
  assert.deepEqual(await selected(), ['prompt'])
  assert.equal(await inPage(() => window.dev.store.undoLabel), null)
})

test('a picture of a strip is shown by a click, Alt-drag leaves the original', options, async () => {
  await inPage(() => window.dev.done())
  const before = await inPage(() => window.dev.editor.bounds('save'))
  await page.mouse.click(...await client(before.x + 80, before.y + before.height - 20))
  await page.keyboard.down('Alt')
  const at = await header('decode')
  await drag(at, away(at, 0, 200))
  await page.keyboard.up('Alt')
  assert.deepEqual((await node('decode')).position, [1032, 60])
  assert.deepEqual(await selected(), ['decode_2'])
  await undo()
  assert.equal(await node('decode_2'), undefined)
})

test('a node dropped on a wire is put into it as one undo entry; with Ctrl it is only moved', options, async () => {
  await inPage(() => {
    const { store } = window.dev
    store.edit('cut', (tx) => tx.remove('links', 'link_10'))
    window.dev.look(600, -60, 0.8)
  })
  const before = await document_()
  const from = await header('scale')
  const wire = await inPage(() => {
    const [a, b] = [window.dev.editor.socketPoint('decode', 'output', 'IMAGE'), window.dev.editor.socketPoint('save', 'input', 'images')]
    return window.dev.editor.toClient((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
  })
  await drag(from, wire)
  assert.deepEqual([await linksTo('scale', 'image'), await linksTo('save', 'images')], [[['decode', 'IMAGE']], [['scale', 'IMAGE']]])
  const [scale, save] = [await inPage(() => window.dev.editor.bounds('scale')), await inPage(() => window.dev.editor.bounds('save'))]
  assert.ok(save.x >= scale.x + scale.width + 48, 'its neighbour made room')
  await undo()
  const after = await document_()
  assert.deepEqual([after.nodes, after.links], [before.nodes, before.links])
  await page.keyboard.down('Shift')
  await page.keyboard.up('Shift')
  await drag(await header('scale'), wire, { release: false })
  await page.keyboard.down('Control')
  await page.mouse.move(wire[0] + 1, wire[1])
  await page.mouse.up()
  await page.keyboard.up('Control')
  assert.deepEqual((await document_()).links, before.links)
})

test('a frame moves what it holds; Ctrl moves it alone; a note is written in place', options, async () => {
  await inPage(() => window.dev.framed())
  // Where the editor looks is written into the document a little later, and is nothing to undo.
  const content = async () => ({ ...(await document_()), view: null })
  const before = await content()
  const position = async (id) => (await node(id)).position
  const title = () => inPage(() => {
    const { x, y } = window.dev.editor.bounds('frame_3')
    return window.dev.editor.toClient(x + 100, y + 12)
  })
  const zoom = await inPage(() => window.dev.editor.camera.zoom)
  const at = await title()
  await drag(at, away(at, 0, -50 * zoom))
  assert.deepEqual([await position('decode'), await position('scale'), await position('save')], [[1032, 10], [1032, 210], [1340, 60]])
  await undo()
  assert.deepEqual(await content(), before)
  await page.keyboard.down('Control')
  await drag(at, away(at, 0, -50 * zoom))
  await page.keyboard.up('Control')
  assert.deepEqual(await position('decode'), [1032, 60])
  await undo()
  const note = await inPage(() => {
    const { x, y } = window.dev.editor.bounds('note_1')
    return window.dev.editor.toClient(x + 60, y + 60)
  })
  await page.mouse.dblclick(...note)
  await page.keyboard.press('Control+A')
  await page.keyboard.type('Mind the seed')
  await page.mouse.click(...await client(100, 520))
  assert.equal((await document_()).notes[0].text, 'Mind the seed')
  assert.equal(await inPage(() => window.dev.store.undoLabel), 'Edit note')
})

const middleOf = (link) => inPage(async ([id]) => {
  const { routeCurves } = await import('/web/kernels/routes.js')
  const { pointOn } = await import('/web/kernels/link_path.js')
  const { store, editor } = window.dev
  const { from, to } = store.link(id)
  const [curve] = routeCurves(editor.socketPoint(from[0], 'output', from[1]), [], editor.socketPoint(to[0], 'input', to[1]))
  return editor.toClient(...pointOn(curve, 0.5))
}, link)
const via = (link) => inPage(([id]) => window.dev.store.link(id)?.extra.via, link)

test('a double-click puts a point into a wire, a drag moves it, Alt and a click takes it away', options, async () => {
  const before = await document_()
  const at = await middleOf('link_9')
  await page.mouse.dblclick(...at)
  assert.equal((await via('link_9')).length, 1)
  await drag(at, away(at, 10, 60))
  const [[x, y]] = await via('link_9')
  assert.deepEqual((await client(x, y)).map(Math.round), away(at, 10, 60).map(Math.round))
  await page.keyboard.down('Alt')
  await page.mouse.click(...away(at, 10, 60))
  await page.keyboard.up('Alt')
  assert.equal(await via('link_9'), undefined)
  for (let undone = 0; undone < 3; undone += 1) await undo()
  assert.deepEqual((await document_()).links, before.links)
})

/** Draws a line with the right button, and a key held. */
const slash = async (key, from, to) => {
  await page.keyboard.down(key)
  await page.mouse.move(...from)
  await page.mouse.down({ button: 'right' })
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, { steps: 2 })
  await page.mouse.move(...to, { steps: 2 })
  await page.mouse.up({ button: 'right' })
  await page.keyboard.up(key)
}

test('a line with the right button cuts wires, puts points into them, or connects two nodes', options, async () => {
  const before = await document_()
  const at = await middleOf('link_9')
  await slash('Shift', away(at, 0, -12), away(at, 0, 12))
  assert.equal((await via('link_9')).length, 1)
  await slash('Control', away(at, 3, -12), away(at, 3, 12))
  assert.deepEqual(await linksTo('save', 'images'), [])
  assert.equal(await inPage(() => window.dev.store.undoLabel), 'Cut wires')
  await slash('Alt', await header('scale'), await header('save'))
  assert.deepEqual(await linksTo('save', 'images'), [['scale', 'IMAGE']])
  for (let undone = 0; undone < 3; undone += 1) await undo()
  assert.deepEqual([(await document_()).links, await inPage(() => window.dev.store.undoLabel)], [before.links, null])
})

test('Ctrl and a drag move all wires of an output to another one', options, async () => {
  await page.keyboard.down('Control')
  await drag(await socket('decode', 'output', 'IMAGE'), await socket('loader', 'output', 'VAE'))
  assert.deepEqual(await linksTo('save', 'images'), [['decode', 'IMAGE']])
  await inPage(() => window.dev.store.edit('add', (tx) => tx.put('nodes', { id: 'other', type: 'LoadImage', position: [1032, 500], inputs: {} })))
  await drag(await socket('decode', 'output', 'IMAGE'), await socket('other', 'output', 'IMAGE'))
  await page.keyboard.up('Control')
  assert.deepEqual([await linksTo('save', 'images'), await linksTo('scale', 'image')], [[['other', 'IMAGE']], [['other', 'IMAGE']]])
  await undo()
  assert.deepEqual([await linksTo('save', 'images'), await linksTo('scale', 'image')], [[['decode', 'IMAGE']], [['decode', 'IMAGE']]])
})

test('a node that is shaken leaves its wires, which heal; it is one entry with the move', options, async () => {
  await inPage(() => window.dev.store.edit('through', (tx) => {
    tx.remove('links', 'link_9')
    tx.put('links', { id: 'link_99', from: ['scale', 'IMAGE'], to: ['save', 'images'] })
  }))
  const before = await document_()
  const [x, y] = await header('scale')
  await page.mouse.move(x, y)
  await page.mouse.down()
  for (const side of [1, -1, 1, -1, 1, -1]) await page.mouse.move(x + side * 40, y + 20)
  await page.mouse.up()
  assert.deepEqual([await linksTo('scale', 'image'), await linksTo('save', 'images')], [[], [['decode', 'IMAGE']]])
  await undo()
  assert.deepEqual([(await document_()).nodes, (await document_()).links], [before.nodes, before.links])
})

test('Ctrl and an arrow weigh the word at the caret; it is part of one edit of the text', options, async () => {
  await page.mouse.click(...await field('negative', 'text'))
  await page.keyboard.type('a red cat')
  await page.keyboard.press('Control+ArrowUp')
  await page.keyboard.press('Control+ArrowUp')
  assert.equal((await node('negative')).inputs.text, 'a red (cat:1.2)')
  await page.keyboard.press('End')
  await page.keyboard.type(' (')
  assert.equal(await page.locator('.text-warning').textContent(), '(')
  await page.mouse.click(...await client(100, 520))
  assert.equal((await node('negative')).inputs.text, 'a red (cat:1.2) (')
  await undo()
  assert.equal((await node('negative')).inputs.text, '')
})
