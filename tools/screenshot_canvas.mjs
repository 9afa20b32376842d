// Pictures of the canvas in each of its states, for eyes to judge: node tools/screenshot_canvas.mjs [folder]

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launchCanvas } from './canvas_page.mjs'

const OUT = process.argv[2] ?? join(fileURLToPath(new URL('..', import.meta.url)), 'build', 'canvas')
const ONLY = process.argv[3]
mkdirSync(OUT, { recursive: true })
const canvas = await launchCanvas()

/** @type {[string, {scale?: number, width?: number, height?: number, act?: (page: import('playwright-core').Page) => Promise<void>}][]} */
const SHOTS = [
  ['plain', {}],
  ['plain_2x', { scale: 2, width: 900, height: 620, act: (page) => page.evaluate(() => window.dev.look(690, 0, 1)) }],
  ['planned', { act: (page) => page.evaluate(() => window.dev.planned()) }],
  ['running', { act: (page) => page.evaluate(() => window.dev.running()) }],
  ['done', { act: (page) => page.evaluate(() => window.dev.done()) }],
  ['done_2x', { scale: 2, width: 900, height: 620, act: (page) => page.evaluate(async () => { await window.dev.done(); window.dev.look(1000, 20, 1) }) }],
  ['failed', { act: async (page) => { await page.evaluate(() => window.dev.failed()); await hoverSocket(page, 'sampler', 'input', 'negative') } }],
  ['shapes', { act: (page) => page.evaluate(async () => { await window.dev.done(); window.dev.look(-400, -400, 0.4) }) }],
  ['blocks', { act: (page) => page.evaluate(async () => { await window.dev.done(); window.dev.look(-1400, -1100, 0.18) }) }],
  ['close', { act: (page) => page.evaluate(async () => { await window.dev.done(); window.dev.look(700, 50, 2) }) }],
  ['wire', { act: async (page) => { await dragWire(page, 'loader', 'output', 'CLIP', [480, 300]) } }],
  ['wire_void', { act: async (page) => { await dragWire(page, 'decode', 'output', 'IMAGE', [1240, 560]); await page.mouse.up() } }],
  ['marquee', { act: async (page) => { await page.mouse.move(30, 60); await page.mouse.down(); await page.mouse.move(300, 200); await page.mouse.move(620, 430) } }],
  ['edit_text', { act: (page) => page.evaluate(() => { window.dev.editor.editWidget('prompt', 'text') }) }],
  ['edit_number', { act: (page) => page.evaluate(() => { window.dev.editor.editWidget('sampler', 'steps') }) }],
  ['choice', { act: (page) => page.evaluate(() => { window.dev.editor.editWidget('sampler', 'sampler_name') }) }],
  ['reason', { act: async (page) => { await page.evaluate(() => window.dev.planned()); const at = await page.evaluate(() => { const { x, y, width } = window.dev.editor.bounds('sampler'); return window.dev.editor.toClient(x + width - 16, y + 15) }); await page.mouse.move(at[0], at[1]) } }],
  ['modes_2x', { scale: 2, width: 1000, height: 560, act: (page) => page.evaluate(() => {
    const { store, look } = window.dev
    store.edit('modes', (tx) => {
      tx.put('nodes', { ...store.node('sampler'), mode: 'bypassed' })
      tx.put('nodes', { ...store.node('negative'), mode: 'muted' })
    })
    look(290, -20, 0.95)
  }) }],
  ['frames', { act: (page) => page.evaluate(() => window.dev.framed()) }],
  ['frames_2x', { scale: 2, width: 900, height: 620, act: (page) => page.evaluate(() => { window.dev.framed(); window.dev.look(270, -120, 0.9) }) }],
  ['frames_far', { act: (page) => page.evaluate(() => { window.dev.framed(); window.dev.look(-1400, -1100, 0.2) }) }],
  ['insert', { act: async (page) => { await page.evaluate(() => { window.dev.store.edit('cut', (tx) => tx.remove('links', 'link_10')) }); await dragNode(page, 'scale', [1300, -10]) } }],
  ['collapsed', { act: (page) => page.evaluate(() => window.dev.odd()) }],
]

/** @param {import('playwright-core').Page} page @param {string} node @param {string} kind @param {string} name */
const socketAt = (page, node, kind, name) => page.evaluate(([id, side, socket]) => window.dev.editor.toClient(...window.dev.editor.socketPoint(id, side, socket)), [node, kind, name])

/** @param {import('playwright-core').Page} page @param {string} node @param {string} kind @param {string} name */
const hoverSocket = async (page, node, kind, name) => {
  const [x, y] = await socketAt(page, node, kind, name)
  await page.mouse.move(x, y)
}

/** @param {import('playwright-core').Page} page @param {string} node @param {string} kind @param {string} name @param {[number, number]} to */
const dragWire = async (page, node, kind, name, [x, y]) => {
  await hoverSocket(page, node, kind, name)
  await page.mouse.down()
  const at = await page.evaluate(([worldX, worldY]) => window.dev.editor.toClient(worldX, worldY), [x, y])
  await page.mouse.move(at[0] - 30, at[1] - 10)
  await page.mouse.move(at[0], at[1])
}

/** @param {import('playwright-core').Page} page @param {string} node @param {[number, number]} to */
const dragNode = async (page, node, [x, y]) => {
  const [from, at] = await page.evaluate(([id, worldX, worldY]) => {
    const bounds = window.dev.editor.bounds(id)
    return [window.dev.editor.toClient(bounds.x + 140, bounds.y + 15), window.dev.editor.toClient(worldX, worldY)]
  }, /** @type {const} */ ([node, x, y]))
  await page.mouse.move(from[0], from[1])
  await page.mouse.down()
  await page.mouse.move(at[0] - 20, at[1])
  await page.mouse.move(at[0], at[1])
}

for (const [name, { scale = 1, width = 1440, height = 780, act }] of SHOTS) {
  if (ONLY && !ONLY.split(',').includes(name)) continue
  const { page, session } = await canvas.open({ scale, width, height, report: (message) => console.error(name, message) })
  await act?.(page)
  await page.waitForTimeout(150)
  const { data } = await session.send('Page.captureScreenshot', { format: 'png' })
  writeFileSync(join(OUT, `${name}.png`), Buffer.from(data, 'base64'))
  await page.close()
}
await canvas.close()
