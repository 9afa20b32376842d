// A mask painted with a real pointer, stored by a real server, and read by a real run.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { drag, eventually, openBrowser, openEditor, runToEnd, Server, setUp, TIMEOUT } from './harness.mjs'

const WIDTH = 256
const HEIGHT = 192
let server, browser, page

setUp(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()])
  page = await openEditor(browser, server)
  await page.evaluate(makeGraph, [WIDTH, HEIGHT])
})

after(async () => {
  await browser?.close()
  await server?.close()
})

/** A picture of a ramp with a flat blue field, and a loader whose mask is shown. */
const makeGraph = async ([width, height]) => {
  const { encodePng } = await import('/kernels/png.js')
  const { uploadImage } = await import('/run/api.js')
  const { addNode, connect } = await import('/document/edits.js')
  const data = new Uint8Array(4 * width * height)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const isField = x >= 160 && x < 240 && y >= 100 && y < 160
      data.set(isField ? [20, 40, 200, 255] : [255 - y, x, 255 - x, 255], 4 * (y * width + x))
    }
  }
  await uploadImage(new File([await encodePng({ width, height, data })], 'scene.png', { type: 'image/png' }))
  const { store, catalog } = tessera
  for (const { id } of [...store.nodes()]) store.edit('Empty', (tx) => tx.remove('nodes', id))
  const add = (id, type, position, inputs = {}) => addNode(store, catalog, { id, type, position, inputs })
  add('image', 'LoadImage', [0, 0], { image: 'scene.png' })
  add('shown', 'MaskToImage', [320, 0])
  add('preview', 'PreviewImage', [640, 0])
  connect(store, catalog, { from: ['image', 'MASK'], to: ['shown', 'mask'] })
  connect(store, catalog, { from: ['shown', 'IMAGE'], to: ['preview', 'images'] })
  tessera.selection.set({ nodes: ['image'] })
  tessera.editor.frame()
}

const input = () => page.evaluate(() => tessera.store.node('image').inputs.image)
const fileOf = (name) => readFile(join(server.root, 'input', name))
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex')
/** Red, green, blue, alpha of a file, unchanged. */
const pixelsOf = (url) => page.evaluate(async (address) => {
  const { readPixels } = await import('/masks/pixels.js')
  const { width, height, data } = await readPixels(await (await fetch(address)).blob())
  return { width, height, data: [...data] }
}, url)
const canvas = () => page.locator('.mask-canvas')
/** A pixel of the picture in the window: it is fitted into the middle. */
const at = async (x, y) => {
  const box = await canvas().boundingBox()
  const zoom = Math.min((box.width - 48) / WIDTH, (box.height - 48) / HEIGHT, 16)
  return [box.x + box.width / 2 + (x - WIDTH / 2) * zoom, box.y + box.height / 2 + (y - HEIGHT / 2) * zoom]
}
const maskAt = async (x, y) => {
  await page.mouse.move(...(await at(x + 0.5, y + 0.5)))
  return Number(/mask ([\d.]+)/.exec(await page.locator('.mask-place').textContent())[1])
}
const open = async () => {
  await page.locator('#canvas').focus()
  await page.keyboard.press('p')
  await canvas().waitFor()
}
const setSlider = (label, value) => page.getByRole('slider', { name: label }).fill(String(value))

test('brush, eraser, right button, undo and keys paint; Escape asks; saving stores a new file', { timeout: TIMEOUT }, async () => {
  const original = digest(await fileOf('scene.png'))
  await open()
  await page.keyboard.press('b')
  await setSlider('Size', 40)
  await setSlider('Hardness', 100)
  await drag(page, await at(40, 60), await at(120, 60))
  assert.deepEqual([await maskAt(80, 60), await maskAt(80, 78), await maskAt(80, 84)], [1, 1, 0])
  await page.keyboard.press('Control+z')
  assert.equal(await maskAt(80, 60), 0)
  await page.keyboard.press('Control+Shift+z')
  assert.equal(await maskAt(80, 60), 1)
  await page.mouse.move(...(await at(100, 60)))
  await page.mouse.down({ button: 'right' })
  await page.mouse.move(...(await at(120, 60)))
  await page.mouse.up({ button: 'right' })
  assert.deepEqual([await maskAt(110, 60), await maskAt(60, 60)], [0, 1])
  await page.keyboard.press('g') // The field of one colour.
  await page.mouse.click(...(await at(200, 130)))
  assert.deepEqual([await maskAt(161, 101), await maskAt(239, 159), await maskAt(158, 130)], [1, 1, 0])
  await page.keyboard.press('r')
  await drag(page, await at(10.2, 120.2), await at(49.8, 169.8))
  assert.deepEqual([await maskAt(10, 120), await maskAt(49, 169), await maskAt(50, 170)], [1, 1, 0])
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Keep painting' }).click()
  const before = await page.evaluate(() => tessera.store.history.done)
  await page.getByRole('button', { name: 'Save mask' }).click()
  await canvas().waitFor({ state: 'detached' })
  assert.equal(await input(), 'scene_mask.png')
  assert.equal(await page.evaluate(() => tessera.store.history.done), before + 1)
  assert.equal(digest(await fileOf('scene.png')), original)
})

test('the file has the colours of the picture everywhere, and the run reads the mask', { timeout: TIMEOUT }, async () => {
  const [source, masked] = [await pixelsOf('/api/v1/files/input/scene.png'), await pixelsOf('/api/v1/files/input/scene_mask.png')]
  const colours = ({ data }) => data.filter((_, place) => place % 4 !== 3)
  assert.deepEqual(colours(masked), colours(source))
  const { events } = await runToEnd(page, server)
  const [made] = events.flatMap(({ artifacts }) => artifacts ?? []).filter(({ kind }) => kind === 'image')
  const result = await pixelsOf(`/api/v1/files/${made.folder}/${made.name}`)
  assert.deepEqual([result.width, result.height], [WIDTH, HEIGHT])
  const expected = masked.data.flatMap((_, place) => (place % 4 === 3 ? [255 - masked.data[place]] : []))
  assert.deepEqual(result.data.filter((_, place) => place % 4 === 0), expected)
  const share = expected.reduce((total, value) => total + value, 0) / 255
  assert.ok(share > 40 * 60 + 80 * 60 + 40 * 50, `${share} pixels are masked`)
})

test('it goes on from the mask, leaves without asking, and undo gives the picture back', { timeout: TIMEOUT }, async () => {
  await open()
  assert.deepEqual([await maskAt(60, 60), await maskAt(110, 60), await maskAt(200, 130)], [1, 0, 1])
  await page.keyboard.press('Escape')
  await canvas().waitFor({ state: 'detached' })
  await page.locator('#canvas').focus()
  await page.keyboard.press('Control+z')
  assert.equal(await input(), 'scene.png')
})

test('lasso, gradient, feather, invert and clear work, each one undo', { timeout: TIMEOUT }, async () => {
  await open()
  await page.keyboard.press('l')
  await page.mouse.move(...(await at(20, 20)))
  await page.mouse.down()
  for (const [x, y] of [[120, 20], [120, 100], [20, 100]]) await page.mouse.move(...(await at(x, y)), { steps: 4 })
  await page.mouse.up()
  assert.deepEqual([await maskAt(21, 21), await maskAt(119, 99), await maskAt(122, 50)], [1, 1, 0])
  await page.keyboard.press('f')
  const soft = await maskAt(119, 60)
  assert.ok(soft > 0.2 && soft < 0.8, `${soft}`)
  await page.keyboard.press('Control+z')
  await page.keyboard.press('i')
  assert.deepEqual([await maskAt(60, 60), await maskAt(200, 60)], [0, 1])
  await page.keyboard.press('Delete')
  assert.equal(await maskAt(200, 60), 0)
  await page.keyboard.press('d')
  await drag(page, await at(0, 96), await at(256, 96))
  assert.deepEqual([await maskAt(63, 20), await maskAt(127, 180), await maskAt(230, 50)].map((value) => Math.round(value * 10)), [8, 5, 1])
  await page.keyboard.press('v')
  assert.equal(await page.getByRole('combobox', { name: 'How the mask is shown' }).inputValue(), 'alpha')
  await page.getByRole('combobox', { name: 'How the mask is shown' }).selectOption('red')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Discard the mask' }).click()
  await canvas().waitFor({ state: 'detached' })
  assert.equal(await input(), 'scene.png')
})

test('keys alone paint: arrows carry the tool, Enter lowers and lifts it, brackets change its size', { timeout: TIMEOUT }, async () => {
  await open()
  await page.keyboard.press('b')
  await setSlider('Size', 20)
  await canvas().focus()
  await page.keyboard.press(']')
  assert.equal(await page.getByRole('slider', { name: 'Size' }).inputValue(), '24')
  await page.keyboard.press('Enter')
  for (let step = 0; step < 10; step += 1) await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  const place = await page.locator('.mask-place').textContent()
  assert.match(place, /mask 1.00/)
  assert.ok(Number(place.split(',')[0]) > WIDTH / 2, place)
  await page.keyboard.press('Enter') // Given up in the middle: nothing stays.
  for (let step = 0; step < 10; step += 1) await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Escape')
  assert.match(await page.locator('.mask-place').textContent(), /mask 0.00|mask 1.00/)
  const [x, y] = [Number(place.split(',')[0]), HEIGHT / 2]
  assert.equal(await maskAt(x, y + 18), 0)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Discard the mask' }).click()
})

test('Alt and a drag set size and hardness, the wheel zooms and Space pans', { timeout: TIMEOUT }, async () => {
  await open()
  const [x, y] = await at(128, 96)
  await page.keyboard.down('Alt')
  await drag(page, [x, y], [x + 60, y + 40])
  await page.keyboard.up('Alt')
  const zoom = parseFloat(await page.locator('.mask-foot span').last().textContent())
  const size = Number(await page.getByRole('slider', { name: 'Size' }).inputValue())
  assert.ok(Math.abs(size - (24 + 120 / (zoom / 100))) <= 1, `${size} at ${zoom} %`)
  assert.equal(await page.getByRole('slider', { name: 'Hardness' }).inputValue(), '80')
  await page.mouse.wheel(0, -400)
  await eventually(page, (before) => parseFloat(document.querySelector('.mask-foot span:last-child').textContent) > before * 1.5, zoom)
  await page.mouse.move(x, y)
  const middle = await page.locator('.mask-place').textContent()
  await page.keyboard.down('Space')
  await drag(page, [x, y], [x + 90, y])
  await page.keyboard.up('Space')
  await page.mouse.move(x + 90, y)
  assert.equal(await page.locator('.mask-place').textContent(), middle) // The picture came along.
  await page.keyboard.press('Escape')
  await canvas().waitFor({ state: 'detached' })
})

test('a pen draws as wide as it is pressed, a resting palm ends no stroke, and its other end erases', { timeout: TIMEOUT }, async () => {
  await open()
  await page.keyboard.press('b')
  await setSlider('Size', 40)
  await setSlider('Hardness', 100)
  const hand = await page.context().newCDPSession(page)
  const pen = async (type, [x, y], force) => hand.send('Input.dispatchMouseEvent', { type, x, y, force, pointerType: 'pen', button: 'left', buttons: 1, clickCount: 1 })
  const palm = (type, touchPoints) => hand.send('Input.dispatchTouchEvent', { type, touchPoints })
  await pen('mousePressed', await at(40, 60), 0.25)
  await pen('mouseMoved', await at(100, 60), 0.25) // A fifth, and a quarter of the rest: 16 pixels wide.
  const [x, y] = await at(60, 150)
  await palm('touchStart', [{ x, y, id: 1 }, { x: x + 40, y, id: 2 }])
  await palm('touchCancel', [])
  for (const [place, force] of [[140, 1], [200, 1]]) await pen('mouseMoved', await at(place, 60), force)
  await pen('mouseReleased', await at(200, 60), 0)
  const drawn = [[70, 60], [70, 67], [70, 69], [180, 60], [180, 79], [180, 81]]
  const values = []
  for (const [column, row] of drawn) values.push(await maskAt(column, row))
  assert.deepEqual(values, [1, 1, 0, 1, 1, 0])
  await page.mouse.move(...(await at(180, 60)))
  await page.evaluate(([clientX, clientY]) => {
    const event = { pointerId: 1, pointerType: 'pen', pressure: 1, button: 5, buttons: 32, clientX, clientY, bubbles: true }
    for (const kind of ['pointerdown', 'pointerup']) document.querySelector('.mask-canvas').dispatchEvent(new PointerEvent(kind, event))
  }, await at(180, 60))
  assert.deepEqual([await maskAt(180, 60), await maskAt(120, 60)], [0, 1])
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Discard the mask' }).click()
})

test('what fails is told above the sheet, leaving the page asks, and Space moves the picture whatever was pressed before', { timeout: TIMEOUT }, async () => {
  await open()
  await page.keyboard.press('r')
  await drag(page, await at(10.5, 10.5), await at(40.5, 40.5))
  await page.getByRole('button', { name: 'Brush' }).click()
  await page.mouse.move(...(await at(100, 60)))
  await page.keyboard.down('Space')
  await drag(page, await at(100, 60), await at(120, 60))
  await page.keyboard.up('Space')
  await page.keyboard.press('0')
  assert.deepEqual([await maskAt(110, 60), await maskAt(20, 20)], [0, 1])
  const asked = new Promise((resolve) => page.once('dialog', (dialog) => (resolve(dialog.type()), dialog.dismiss())))
  await page.evaluate(() => setTimeout(() => location.reload()))
  assert.equal(await asked, 'beforeunload')
  const input = join(server.root, 'input')
  await rename(input, `${input}-away`)
  await writeFile(input, 'no folder')
  await page.keyboard.press('Control+Enter')
  const told = page.locator('.toast', { hasText: 'The mask was not saved' })
  await told.getByRole('button', { name: 'Dismiss' }).click() // Nothing lies over it.
  await rm(input)
  await rename(`${input}-away`, input)
  await page.keyboard.press('Control+Enter')
  await canvas().waitFor({ state: 'detached' })
  await page.locator('.toast', { hasText: 'The mask is in' }).last().getByRole('button', { name: 'Undo' }).click()
  assert.equal(await page.evaluate(() => tessera.store.node('image').inputs.image), 'scene.png')
})

test('a sketch is drawn white on black into a loader of its own, and gone on with', { timeout: TIMEOUT }, async () => {
  await page.evaluate(() => tessera.selection.clear())
  await page.locator('#canvas').focus()
  await page.keyboard.press('d')
  await canvas().waitFor()
  assert.equal(await page.locator('.mask-foot').getByText('512 × 512').count(), 1)
  await page.keyboard.press('r')
  const box = await canvas().boundingBox()
  const middle = [box.x + box.width / 2, box.y + box.height / 2]
  await drag(page, middle, [middle[0] + 60, middle[1] + 60])
  await page.keyboard.press('Control+s')
  await canvas().waitFor({ state: 'detached' })
  const loader = () => page.evaluate(() => tessera.store.nodes().find(({ inputs }) => /^sketch/.test(inputs?.image ?? '')))
  assert.deepEqual([(await loader()).type, (await loader()).inputs.image], ['LoadImage', 'sketch.png'])
  const { width, height, data } = await pixelsOf('/api/v1/files/input/sketch.png')
  const at = (x, y) => data.slice(4 * (y * width + x), 4 * (y * width + x) + 4)
  assert.deepEqual([width, height, at(256, 256), at(250, 250)], [512, 512, [255, 255, 255, 255], [0, 0, 0, 255]])
  await page.locator('#canvas').focus()
  await page.keyboard.press('d')
  await canvas().waitFor()
  await page.keyboard.press('i')
  await page.keyboard.press('Control+s')
  await canvas().waitFor({ state: 'detached' })
  assert.match((await loader()).inputs.image, /^sketch_\d\.png$/)
  for (const wanted of ['sketch.png', undefined]) {
    await page.locator('#canvas').focus()
    await page.keyboard.press('Control+z')
    assert.equal((await loader())?.inputs.image, wanted)
  }
})

test('the frame of outpainting is dragged, typed and moved by keys around the picture, as one undo', { timeout: TIMEOUT }, async () => {
  await page.evaluate(async () => {
    const { addNode, connect } = await import('/document/edits.js')
    const { store, catalog, selection } = tessera
    addNode(store, catalog, { id: 'framed', type: 'ImagePadForOutpaint', position: [320, 200] })
    connect(store, catalog, { from: ['image', 'IMAGE'], to: ['framed', 'image'] })
    selection.set({ nodes: ['framed'] })
  })
  const sheet = page.getByRole('dialog', { name: 'Frame of outpainting' })
  const borders = () => page.evaluate(() => tessera.store.node('framed').inputs)
  const before = await borders()
  await page.locator('#canvas').focus()
  await page.keyboard.press('Shift+O')
  await sheet.locator('img').waitFor()
  assert.equal(await sheet.locator('.outpaint-size').textContent(), `${WIDTH} × ${HEIGHT} → ${WIDTH} × ${HEIGHT}`)
  const edge = await sheet.getByRole('button', { name: 'Right edge' }).boundingBox()
  const scale = (await sheet.locator('img').boundingBox()).width / WIDTH
  const hold = [edge.x + edge.width / 2, edge.y + edge.height / 2]
  await drag(page, hold, [hold[0] + 64 * scale, hold[1]])
  await sheet.getByLabel('Top', { exact: true }).fill('32')
  await sheet.getByRole('button', { name: 'Left edge' }).focus()
  for (const key of ['ArrowLeft', 'Shift+ArrowLeft', 'ArrowUp']) await page.keyboard.press(key)
  assert.equal(await sheet.locator('.outpaint-size').textContent(), `${WIDTH} × ${HEIGHT} → ${WIDTH + 136} × ${HEIGHT + 32}`)
  for (const key of ['Control+z', 'Control+z', 'Control+Shift+z']) await page.keyboard.press(key)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Set it after all' }).click()
  assert.deepEqual(await borders(), { ...before, left: 8, top: 32, right: 64, bottom: 0, feathering: 40 })
  await page.locator('#canvas').focus()
  await page.keyboard.press('Control+z')
  assert.deepEqual(await borders(), before)
})

test('the page threw nothing', () => assert.deepEqual(page.errors, []))
