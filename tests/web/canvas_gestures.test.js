// How the canvas is drawn and looked at, by hand, in a real browser.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inPage, onCanvas, options, page } from './fixtures/canvas.js'

onCanvas()

const client = (x, y) => inPage(([a, b]) => window.dev.editor.toClient(a, b), x, y)
/** What glides or flies has come to rest. */
const rested = () => inPage(async () => {
  const { editor, store } = window.dev
  const drawn = () => JSON.stringify([editor.camera, store.nodes().map(({ id }) => editor.bounds(id))])
  const begun = performance.now()
  for (let before = ''; before !== drawn() || performance.now() - begun < 300;) {
    before = drawn()
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
})

test('a click on a portal\'s tag brings its other end under the pointer, and another one leads back', options, async () => {
  await inPage(async () => {
    const { togglePortals } = await import('/web/document/portals.js')
    const { store } = window.dev
    togglePortals(store, [store.linksTo('decode', 'vae')[0].id])
    window.dev.look(900, -40, 1)
  })
  const camera = () => inPage(() => window.dev.editor.camera)
  const before = await camera()
  const [x, y] = await inPage(() => window.dev.editor.socketPoint('decode', 'input', 'vae'))
  const at = await client(x - 30, y)
  await page.mouse.click(...at)
  await rested()
  const there = await inPage(([a, b]) => window.dev.editor.toWorld(a, b), ...at)
  const output = await inPage(() => window.dev.editor.socketPoint('loader', 'output', 'VAE'))
  assert.ok(Math.hypot(there[0] - output[0] - 36, there[1] - output[1]) < 30, `${there} is not at ${output}`)
  await page.mouse.click(...at)
  await rested()
  const back = await camera()
  assert.ok(Math.hypot(back.x - before.x, back.y - before.y) < 40)
  await inPage(() => window.dev.store.edit('add', (tx) => tx.put('nodes', { id: 'second', type: 'VAEDecode', position: [1300, 500], inputs: {} })))
  await drag(at, await header('second')) // The tag at the input: its wire is picked up.
  assert.deepEqual(await inPage(() => ['decode', 'second'].map((id) => window.dev.store.linksTo(id, 'vae').map(({ from, extra }) => [from[0], extra?.portal]))), [[], [['loader', 'vae']]])
})

const drag = async (from, to) => {
  await page.mouse.move(...from)
  await page.mouse.down()
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, { steps: 3 })
  await page.mouse.move(...to, { steps: 3 })
  await page.mouse.up()
}
const header = (node) => inPage(([id]) => {
  const { x, y, width } = window.dev.editor.bounds(id)
  return window.dev.editor.toClient(x + width * 0.6, y + 15)
}, node)
const away = ([x, y], dx, dy) => [x + dx, y + dy]

test('a file that is stored when another workflow is open goes into none of its nodes', options, async () => {
  await inPage(() => {
    const { store, services } = window.dev
    window.dev.said = []
    services.upload = () => new Promise((resolve) => { window.dev.stored = resolve })
    services.notify = (text) => window.dev.said.push(text)
    const document = { ...store.toJSON(), nodes: [{ id: 'image', type: 'LoadImage', position: [0, 0], inputs: { image: 'before.png' } }], links: [] }
    window.dev.open = (id) => store.load({ ...document, id })
    window.dev.open('first')
    window.dev.look(-60, -60, 1)
  })
  const chosen = page.waitForEvent('filechooser')
  const { x, y, width, height } = await inPage(() => window.dev.editor.widgetBounds('image', 'image'))
  await page.mouse.click(...(await client(x + width - 12, y + height / 2)))
  await (await chosen).setFiles({ name: 'cat.png', mimeType: 'image/png', buffer: Buffer.from('cat') })
  await page.waitForFunction(() => window.dev.stored)
  const [value, said] = await inPage(async () => {
    window.dev.open('second')
    window.dev.stored({ name: 'cat.png' })
    await new Promise((resolve) => setTimeout(resolve))
    return [window.dev.store.node('image').inputs.image, window.dev.said]
  })
  assert.deepEqual([value, said], ['before.png', ['cat.png was not taken in: its workflow is no longer the open one']])
})

test('a hand does not move what is pinned; the rest of the selection moves', options, async () => {
  await inPage(async () => {
    const { setPinned } = await import('/web/document/drawing.js')
    setPinned(window.dev.store, { nodes: ['sampler'], annotations: [] }, true)
  })
  const positions = () => inPage(() => ['sampler', 'decode'].map((id) => window.dev.store.node(id).position))
  const at = await header('sampler')
  await drag(at, away(at, 60, 30))
  assert.deepEqual(await positions(), [[712, 60], [1032, 60]])
  assert.equal(await inPage(() => window.dev.store.undoLabel), 'Pin')
  await inPage(() => window.dev.selection.set({ nodes: ['sampler', 'decode'] }))
  await drag(at, away(at, 60, 30))
  const [sampler, decode] = await positions()
  assert.deepEqual(sampler, [712, 60])
  assert.ok(decode[0] > 1032 && decode[1] > 60)
})

test('Alt and Shift at the start move a copy that is fed like the original', options, async () => {
  await page.keyboard.down('Alt')
  await page.keyboard.down('Shift')
  const at = await header('decode')
  await drag(at, away(at, 0, 300))
  await page.keyboard.up('Shift')
  await page.keyboard.up('Alt')
  assert.deepEqual(await inPage(() => window.dev.store.linksTo('decode_2').map(({ from }) => from)), [['sampler', 'LATENT'], ['loader', 'VAE']])
})

test('a compact node shows the rest after a click on how much that is', options, async () => {
  await inPage(async () => {
    const { setCompact } = await import('/web/document/drawing.js')
    setCompact(window.dev.store, ['sampler'], true)
    window.dev.look(600, 0, 1)
  })
  const { x, y, height } = await inPage(() => window.dev.editor.bounds('sampler'))
  await page.mouse.click(...await client(x + 30, y + height - 13))
  assert.equal(await inPage(() => window.dev.store.node('sampler').compact), undefined)
})

test('what a command arranges glides to its place, and is drawn there in the end', options, async () => {
  const before = await inPage(() => {
    window.dev.editor.arrange(['loader', 'latent', 'sampler'])
    return ['loader', 'latent', 'sampler'].map((id) => ({ drawn: window.dev.editor.bounds(id), said: window.dev.store.node(id).position }))
  })
  assert.ok(before.some(({ drawn, said }) => Math.hypot(drawn.x - said[0], drawn.y - said[1]) > 1), 'it starts where it was')
  await rested()
  const after = await inPage(() => ['loader', 'latent', 'sampler'].map((id) => ({ drawn: window.dev.editor.bounds(id), said: window.dev.store.node(id).position })))
  for (const { drawn, said } of after) assert.deepEqual([drawn.x, drawn.y], said)
})

test('arranging takes frames along with what stands in them, open or folded, as one entry', options, async () => {
  await inPage(() => window.dev.framed())
  const before = await inPage(() => window.dev.store.toJSON())
  const [prompts] = await inPage(() => window.dev.store.carried('frames').filter(({ value }) => value.title === 'What to paint').map(({ id }) => id))
  await inPage(([id]) => {
    window.dev.editor.toggleFold([id])
    window.dev.editor.arrange()
  }, prompts)
  await rested()
  const after = await inPage(() => {
    const { editor, store } = window.dev
    const inside = (outer, rect) => rect.x >= outer.x && rect.y >= outer.y && rect.x + rect.width <= outer.x + outer.width && rect.y + rect.height <= outer.y + outer.height
    const [picture] = store.carried('frames').filter(({ value }) => value.title === 'Picture')
    const held = store.nodes().filter(({ id }) => inside(editor.bounds(picture.id), editor.bounds(id))).map(({ id }) => id)
    return { held, labels: store.history.labels.slice(-2) }
  })
  assert.deepEqual(after, { held: ['decode', 'scale'], labels: ['Fold frame', 'Arrange'] })
  await inPage(([id]) => window.dev.editor.toggleFold([id]), prompts)
  const { frame, nodes } = await inPage(([id]) => ({ frame: window.dev.editor.bounds(id), nodes: ['prompt', 'negative'].map((each) => window.dev.editor.bounds(each)) }), prompts)
  for (const node of nodes) assert.ok(node.x >= frame.x && node.y >= frame.y && node.x + node.width <= frame.x + frame.width)
  for (let undone = 0; undone < 3; undone += 1) await inPage(() => window.dev.store.undo())
  assert.deepEqual(await inPage(() => window.dev.store.toJSON().nodes), before.nodes)
})

test('the button above a node that is pointed at, and Ctrl with a click on a socket, run up to there', options, async () => {
  await inPage(() => {
    window.ran = []
    window.dev.services.runTo = (node) => window.ran.push(node)
    window.dev.look(600, -60, 1)
  })
  const { x, y, width } = await inPage(() => window.dev.editor.bounds('sampler'))
  const button = await client(x + width - 13, y - 11)
  await page.mouse.click(...button)
  assert.deepEqual(await inPage(() => window.ran), [], 'there is none before the node is pointed at')
  await page.mouse.move(...await client(x + width - 13, y + 60))
  await page.mouse.move(...await client(x + width - 13, y - 1), { steps: 4 })
  await page.mouse.click(...button)
  assert.deepEqual(await inPage(() => window.ran), ['sampler'])
  await page.keyboard.down('Control')
  for (const [node, kind, name] of [['decode', 'output', 'IMAGE'], ['sampler', 'input', 'positive']]) {
    await page.mouse.click(...await inPage(([a, b, c]) => window.dev.editor.toClient(...window.dev.editor.socketPoint(a, b, c)), node, kind, name))
  }
  await page.keyboard.up('Control')
  assert.deepEqual(await inPage(() => window.ran), ['sampler', 'decode', 'prompt'])
})

test('F lifts a dragged node out of its frame, which closes around the rest, as one entry with the move', options, async () => {
  await inPage(() => window.dev.framed())
  const frame = () => inPage(() => window.dev.editor.bounds('frame_3'))
  const before = { frame: await frame(), history: await inPage(() => window.dev.store.history.done) }
  await inPage(() => window.dev.selection.set({}))
  const at = await header('scale')
  await page.mouse.move(...at)
  await page.mouse.down()
  await page.mouse.move(...away(at, 30, 60), { steps: 3 })
  await page.keyboard.press('f')
  await page.mouse.move(...away(at, 40, 120), { steps: 3 })
  await page.mouse.up()
  const after = await frame()
  const decode = await inPage(() => window.dev.editor.bounds('decode'))
  assert.deepEqual(after, { x: decode.x - 20, y: decode.y - 54, width: decode.width + 40, height: decode.height + 74 })
  assert.equal(await inPage(() => window.dev.store.history.done), before.history + 1)
  await inPage(() => window.dev.store.undo())
  assert.deepEqual(await frame(), before.frame)
})

test('the arrow of a frame folds it, and what it holds moves with it', options, async () => {
  await inPage(() => window.dev.framed())
  const { x, y } = await inPage(() => window.dev.editor.bounds('frame_3'))
  await page.mouse.click(...await client(x + 15, y + 15))
  assert.deepEqual(await inPage(() => [...Object(window.dev.store.carried('frames')[2].value).folded]), ['decode', 'scale'])
  const at = await client(x + 120, y + 15)
  await drag(at, away(at, 0, 60))
  const zoom = await inPage(() => window.dev.editor.camera.zoom)
  const moved = await inPage(() => window.dev.store.node('decode').position)
  assert.deepEqual(moved, [1032, Math.round(60 + 60 / zoom)])
})

test('a pointer that rests on a wire brings the way of its value forward; one that passes, or that presses, does not', options, async () => {
  await inPage(() => window.dev.look(-60, -60, 1))
  const [from, to] = await Promise.all([inPage(() => window.dev.editor.socketPoint('prompt', 'output', 'CONDITIONING')), inPage(() => window.dev.editor.socketPoint('sampler', 'input', 'positive'))])
  const at = await client((from[0] + to[0]) / 2, (from[1] + to[1]) / 2)
  const graphFrames = () => inPage(() => window.dev.editor.stats.graphFrames)
  const rest = () => page.waitForTimeout(220)
  await page.mouse.move(5, 5)
  await rest()
  const before = await graphFrames()
  await page.mouse.move(...at)
  await page.mouse.move(5, 5)
  await rest()
  assert.equal(await graphFrames(), before, 'it only passed over')
  await page.mouse.move(...at)
  await rest()
  assert.equal(await graphFrames(), before + 1, 'the wires stepped back once')
  await page.mouse.move(at[0] + 1, at[1])
  await rest()
  assert.equal(await graphFrames(), before + 1, 'nothing is drawn again on the same wire')
  await page.mouse.move(5, 5)
  await rest()
  assert.equal(await graphFrames(), before + 2, 'and came back once')
  assert.equal(await inPage(() => window.dev.editor.showPath(window.dev.store.linksTo('sampler', 'positive')[0].id)), 'from Prompt to KSampler')
})

test('of many wires only those of what changed are traced again, and the picture is the one that all of them give', options, async () => {
  const seen = await inPage(async () => {
    const { editor, store } = window.dev
    const nodes = Array.from({ length: 600 }, (_, at) => ({ id: `n${at}`, type: 'KSampler', inputs: {}, position: [(at % 30) * 400, Math.floor(at / 30) * 500] }))
    const links = nodes.slice(1).map(({ id }, at) => ({ from: [`n${at}`, 'LATENT'], to: [id, 'latent_image'], via: at % 40 ? undefined : [[at * 10, 900]] }))
    store.load({ format: 'tessera.workflow', version: 1, nodes, links, view: { x: -100, y: -100, zoom: 0.08 } })
    let traced = 0
    const { Path2D: kept } = window
    window.Path2D = class extends kept {
      constructor() {
        super()
        traced += 1
      }
    }
    const drawn = async () => {
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
      const count = traced
      traced = 0
      return [count, editor.picture.toDataURL()]
    }
    const change = (id, how) => store.edit('Change', (tx) => tx.put('nodes', { ...store.node(id), ...how }))
    const whole = async () => {
      editor.setLinkStyle('curved')
      return drawn()
    }
    const acts = { move: () => change('n300', { position: [4000, 7000] }), mute: () => change('n200', { mode: 'muted' }), remove: () => store.edit('Cut', (tx) => tx.remove('links', store.links()[450].id)), undo: () => store.goTo(0), look: () => editor.setCamera({ x: 900, y: 800, zoom: 0.5 }) }
    const told = {}
    await drawn()
    for (const [name, act] of Object.entries(acts)) {
      act()
      const [[some, after], [all, anew]] = [await drawn(), await whole()]
      told[name] = { isSame: after === anew, fewer: some < all / 2 }
    }
    window.Path2D = kept
    return told
  })
  const right = { isSame: true, fewer: true }
  assert.deepEqual(seen, { move: right, mute: right, remove: right, undo: right, look: right })
})
