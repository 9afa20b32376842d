// What is typed over the canvas and how it is left: nothing that is longer than a word is lost.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, beforeEach, test } from 'node:test'
import { CHROMIUM, launchCanvas } from '../../tools/canvas_page.mjs'

const options = { skip: existsSync(CHROMIUM) ? false : 'needs Chromium', timeout: 60000 }
let canvas
let page

before(async () => {
  if (options.skip) return
  canvas = await launchCanvas()
  ;({ page } = await canvas.open())
  await inPage(() => {
    window.start = window.dev.store.toJSON()
    window.dev.services.notify = (text) => window.said.push(text)
  })
})
after(async () => canvas?.close())
beforeEach(async () => {
  if (options.skip) return
  await inPage(() => {
    window.said = []
    window.dev.editor.settle()
    window.dev.store.load(window.start)
    window.dev.editor.frame()
  })
  await page.mouse.move(5, 5)
})

const inPage = (fn, ...args) => page.evaluate(fn, args)
const said = () => inPage(() => window.said)
const inputs = (node) => inPage(([id]) => window.dev.store.node(id).inputs, node)
const undo = () => inPage(() => window.dev.store.undo())
const redo = () => inPage(() => window.dev.store.redo())
const field = (node, input) => inPage(([id, name]) => {
  const { x, y, width, height } = window.dev.editor.widgetBounds(id, name)
  return window.dev.editor.toClient(x + width * 0.45, y + height / 2)
}, node, input)
const type = async (node, input, text) => {
  await page.mouse.click(...await field(node, input))
  await page.keyboard.type(text)
}
const addNote = () => inPage(async () => {
  const { addNote: add } = await import('/web/document/annotations.js')
  const id = add(window.dev.store, [60, 480], 'first')
  window.dev.editor.editTitle(id)
  return id
})
const note = () => inPage(() => window.dev.store.carried('notes').at(-1)?.value.text)
const titleOf = (node) => inPage(([id]) => window.dev.store.node(id).title ?? '', node)

test('a note is in the document while it is written, and is one undo, however it is left', options, async () => {
  for (const leave of [() => page.keyboard.press('Escape'), () => page.mouse.click(700, 700), () => inPage(() => window.dev.editor.settle())]) {
    await addNote()
    await page.keyboard.press('End')
    await page.keyboard.type(' and more')
    assert.equal(await note(), 'first and more')
    await leave()
    assert.deepEqual([await note(), await inPage(() => window.dev.editor.isEditing)], ['first and more', false])
    await undo()
    assert.equal(await note(), 'first')
    await undo()
  }
})

test('another document under a note that is written takes none of it, and the first one has it', options, async () => {
  await addNote()
  await page.keyboard.type('kept')
  await inPage(() => {
    window.first = window.dev.store.suspend()
    window.dev.store.load({ format: 'tessera.workflow', version: 1, id: 'other', nodes: [], links: [] })
  })
  assert.deepEqual(await inPage(() => [window.dev.editor.isEditing, window.dev.store.history.done]), [false, 0])
  await inPage(() => window.dev.store.resume(window.first))
  assert.match(await note(), /kept$/)
})

test('Escape gives a name back, and redo brings what was typed; what is new gets it', options, async () => {
  await inPage(() => window.dev.editor.editTitle('sampler'))
  await page.keyboard.type('The one that paints')
  await page.keyboard.press('Escape')
  assert.deepEqual([await titleOf('sampler'), await said()], ['', ['The name is as it was; redo brings what you typed']])
  await redo()
  assert.equal(await titleOf('sampler'), 'The one that paints')
  await inPage(() => window.dev.editor.editTitle('sampler'))
  await page.keyboard.press('Escape')
  assert.equal((await said()).length, 1)
  const frame = await inPage(async () => {
    const { addFrame } = await import('/web/document/annotations.js')
    window.dev.store.begin('Add frame')
    const id = addFrame(window.dev.store, { x: 0, y: 460, width: 200, height: 100 })
    window.dev.editor.editTitle(id, () => window.dev.store.commit())
    return id
  })
  await page.keyboard.type('Sketches')
  await page.keyboard.press('Escape')
  assert.equal(await inPage(([id]) => window.dev.store.carried('frames').find((each) => each.id === id).value.title, frame), 'Sketches')
})

test('a window that loses the keys closes nothing, and has what is typed', options, async () => {
  await type('sampler', 'steps', '31')
  await inPage(() => document.activeElement.dispatchEvent(new FocusEvent('blur')))
  assert.deepEqual([(await inputs('sampler')).steps, await inPage(() => window.dev.editor.isEditing)], [31, true])
  await page.keyboard.press('Escape')
  assert.equal((await inputs('sampler')).steps, 31)
})

test('a run and a save in the midst of a number have it', options, async () => {
  await type('sampler', 'steps', '33')
  await inPage(() => window.dev.editor.keepTyped())
  assert.deepEqual([(await inputs('sampler')).steps, await inPage(() => window.dev.editor.isEditing)], [33, true])
  await page.keyboard.type('4')
  await page.keyboard.press('Enter')
  assert.equal((await inputs('sampler')).steps, 334)
})

test('a number beyond its limits says so while it is typed and when it is taken; what is none is told', options, async () => {
  await type('sampler', 'steps', '99999999')
  assert.equal(await page.locator('.field-told').textContent(), '10000 is the most')
  await page.keyboard.press('Enter')
  await type('sampler', 'steps', 'many')
  await page.keyboard.press('Enter')
  assert.deepEqual([(await inputs('sampler')).steps, await said()], [10000, ['steps: 10000 is the most', '“many” is no number: steps stays 10000']])
})

test('arrows and pages step a number from what is typed', options, async () => {
  await type('sampler', 'steps', '20')
  for (const key of ['ArrowUp', 'Shift+ArrowUp', 'PageDown', 'ArrowDown', 'PageUp', 'Enter']) await page.keyboard.press(key)
  assert.equal((await inputs('sampler')).steps, 30)
})

test('a size that is pasted into a width sets both sides as one edit', options, async () => {
  await type('latent', 'width', '640x832')
  assert.equal(await page.locator('.field-told').textContent(), '= 640 × 832')
  await page.keyboard.press('Enter')
  const { width, height } = await inputs('latent')
  assert.deepEqual([width, height], [640, 832])
  await type('latent', 'height', '512 × 768 px')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Escape')
  assert.deepEqual([(await inputs('latent')).width, (await inputs('latent')).height], [512, 768])
  await undo()
  assert.deepEqual([(await inputs('latent')).width, (await inputs('latent')).height], [640, 832])
})

test('a scrub goes on beyond the edge of the screen', options, async () => {
  const at = await field('latent', 'width')
  const edge = await inPage(() => screen.width - 1)
  await page.mouse.move(...at)
  await page.mouse.down()
  await page.mouse.move(edge - 20, at[1], { steps: 4 })
  await page.mouse.move(edge, at[1], { steps: 2 })
  await page.waitForFunction(() => document.pointerLockElement !== null)
  const before = (await inputs('latent')).width
  const move = (x) => inPage(([dx]) => document.pointerLockElement.dispatchEvent(new PointerEvent('pointermove', { bubbles: true, movementX: dx, buttons: 1, pointerType: 'mouse', clientX: 5, clientY: 5 })), x)
  await move(40)
  await move(40)
  assert.equal((await inputs('latent')).width, before + 160)
  await page.mouse.up()
  await page.waitForFunction(() => document.pointerLockElement === null)
  await undo()
  assert.equal((await inputs('latent')).width, 128)
})

test('a choice that is not there is told, and the one most alike is at hand; 2,000 open at once', options, async () => {
  await inPage(() => {
    const { store, catalog } = window.dev
    const choices = Array.from({ length: 2000 }, (_, index) => `folder ${index % 40}/model_${index}.safetensors`)
    choices[1234] = 'sd/dreamshaper_8.safetensors'
    catalog.nodes.get('CheckpointLoaderSimple').inputs.find(({ name }) => name === 'ckpt_name').widget.choices = choices
    store.edit('set', (tx) => tx.put('nodes', { ...store.node('loader'), inputs: { ckpt_name: 'old/dreamshaper_8_pruned.ckpt' } }))
  })
  await page.mouse.click(...await field('loader', 'ckpt_name'))
  assert.equal(await page.locator('.choice-gone').innerText(), 'old/dreamshaper_8_pruned.ckpt\nis not there: choose another')
  const took = await inPage(() => new Promise((resolve) => {
    const filter = document.querySelector('.choice-filter')
    const begun = performance.now()
    for (const text of ['m', 'mo', 'mod', 'mode', '']) {
      filter.value = text
      filter.dispatchEvent(new Event('input'))
    }
    resolve((performance.now() - begun) / 5)
  }))
  assert.ok(took < 250, `a letter took ${took} ms`)
  await page.keyboard.press('Enter')
  assert.equal((await inputs('loader')).ckpt_name, 'sd/dreamshaper_8.safetensors')
})

test('Arabic and Hebrew run from the right, drawn and while they are written; Chinese breaks without a sign at the start', options, async () => {
  await inPage(async () => {
    const { addNote: add } = await import('/web/document/annotations.js')
    const { store } = window.dev
    store.edit('set', (tx) => {
      tx.put('nodes', { ...store.node('prompt'), title: 'מַשְׁהוּ!', inputs: { text: 'قطة حمراء!' } })
      tx.put('nodes', { ...store.node('negative'), inputs: { text: 'blurry, dark' } })
    })
    add(store, [60, 480], '- שלום עולם')
  })
  await page.waitForTimeout(100)
  /** Where the drawn text lies in its field: the share of bright pixels in its left third and in its right one. */
  const sides = (node) => inPage(([id]) => {
    const { editor } = window.dev
    const { x, y, width, height } = editor.widgetBounds(id, 'text')
    const canvas = editor.picture
    const scale = canvas.width / canvas.getBoundingClientRect().width
    const [left, top] = editor.toClient(x + 3, y + 3).map((each) => Math.round(each * scale))
    const across = Math.round((width - 6) * editor.camera.zoom * scale)
    const { data } = canvas.getContext('2d').getImageData(left, top, across, Math.round((height - 6) * editor.camera.zoom * scale))
    const ink = [0, 0]
    for (let at = 0; at < data.length; at += 4) {
      const column = (at / 4) % across
      if (data[at] > 120) ink[column < across / 2 ? 0 : 1] += 1
    }
    return ink[1] > ink[0] ? 'right' : 'left'
  }, node)
  assert.deepEqual([await sides('prompt'), await sides('negative')], ['right', 'left'])
  await page.mouse.click(...await field('prompt', 'text'))
  const shown = () => inPage(() => ['.field-editor', '.text-marks'].map((selector) => {
    const node = document.querySelector(selector)
    return node && [getComputedStyle(node).direction, getComputedStyle(node).unicodeBidi]
  }))
  assert.deepEqual(await shown(), [['rtl', 'plaintext'], ['rtl', 'plaintext']])
  await page.keyboard.type(' جديدة')
  await page.keyboard.press('Escape')
  assert.equal((await inputs('prompt')).text, 'قطة حمراء! جديدة')
})

test('Escape keeps the texts of a sweep and the words of a panel, and gives numbers back', options, async () => {
  const swept = async (widget, values, typed) => {
    await inPage(async ([kind, sweep]) => {
      const { openSweep } = await import('/web/panels/sweep.js')
      window.made = openSweep({ client: [300, 300], label: 'x', widget: { kind }, sweep: { sweep, axis: 'a' }, others: [], removable: false })
    }, widget, values)
    await page.keyboard.press('End')
    await page.keyboard.type(typed)
    await page.keyboard.press('Escape')
    return inPage(() => window.made)
  }
  assert.deepEqual(await swept('text', ['a cat'], ' asleep'), { sweep: ['a cat asleep'], axis: 'a' })
  assert.deepEqual([await swept('text', ['a cat'], ''), await swept('int', [4, 6], ', 8')], [null, null])
  await inPage(async () => {
    const { togglePopover } = await import('/web/panels/popover.js')
    const words = Object.assign(document.createElement('textarea'), { onchange: () => (window.kept = words.value) })
    togglePopover({ anchor: document.querySelector('#host'), label: 'Words', content: [words] })
    words.focus()
  })
  await page.keyboard.type('What it does')
  await page.keyboard.press('Escape')
  assert.deepEqual([await inPage(() => window.kept), await page.locator('.popover').count()], ['What it does', 0])
})
