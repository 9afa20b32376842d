// Makes the pictures of README and docs/editor.md from the real server: `node tests/browser/screenshot.mjs [FOLDER]`.

import { mkdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CHECKOUT, eventually, openBrowser, openEditor, runToEnd, Server } from './harness.mjs'

const PROMPTS = [
  ['a strawberry, gray background', 2], ['a hamburger, sky blue background', 1], ['a butterfly, yellow background', 3],
  ['a rocket, black background', 2], ['a fox, teal background', 1], ['a panda, pink background', 1],
]
const folder = resolve(process.argv[2] ?? join(CHECKOUT, 'docs/images'))
const embedded = existsSync(join(CHECKOUT, 'models/checkpoints/tessera-emoji-v1.safetensors'))
if (!embedded) console.warn('The embedded checkpoint is missing: these are pictures of tiny random weights.')

const server = await Server.start({ tiny: !embedded })
const browser = await openBrowser()
try {
  const page = await openEditor(browser, server)
  for (const [text, seed] of PROMPTS) {
    await page.evaluate(async ([prompt, number]) => {
      const { setInput } = await import('/document/edits.js')
      setInput(tessera.store, 'prompt', 'text', prompt)
      setInput(tessera.store, 'sampler', 'seed', number)
    }, [text, seed])
    await runToEnd(page, server)
  }
  await eventually(page, (count) => document.querySelectorAll('.result img.loaded').length === count, PROMPTS.length)
  await page.evaluate(() => tessera.editor.frame())
  await page.mouse.move(640, 840)
  await page.waitForTimeout(1500) // Pictures decode and the live plan comes back.
  await mkdir(folder, { recursive: true })
  await page.screenshot({ path: join(folder, 'editor.png') })
  const shoot = async (name) => {
    await page.waitForTimeout(700)
    await page.screenshot({ path: join(folder, `${name}.jpg`), quality: 82 })
    await page.keyboard.press('Escape')
  }
  await page.locator('.result button').nth(4).click({ modifiers: ['Shift'] })
  await page.locator('.viewer-stage').hover({ position: { x: 560, y: 300 } })
  await shoot('compare')
  for (const [node, output] of [['decode', 'IMAGE'], ['prompt', undefined]]) {
    await page.evaluate(([id, name]) => {
      const { x, y, width } = tessera.editor.bounds(id)
      tessera.looking.peek(id, name, tessera.editor.toClient(x + width + 14, y - 4))
    }, [node, output])
    await page.locator('.peek').last().getByRole('button', { name: 'Keep it open' }).click()
    await page.locator('.peek').last().locator('.look-first').waitFor()
  }
  await page.locator('.peek').last().getByText('All of it').click()
  await shoot('look')
  for (let count = await page.locator('.peek').count(); count > 0; count -= 1) await page.locator('.peek').first().getByRole('button', { name: 'Close' }).click()
  await page.keyboard.press('Alt+t')
  await page.locator('.template img').first().waitFor()
  await shoot('templates')
  await page.keyboard.press('Shift+V')
  await page.locator('.version').nth(3).click()
  await shoot('versions')
  await page.keyboard.press('Shift+F')
  await page.locator('.form-picture img').waitFor()
  await page.waitForTimeout(300)
  await shoot('form')
  await page.keyboard.press('Shift+F')
  await page.evaluate(async () => {
    const [{ makeSubgraph }, { setInput }, { describe }, { togglePeek }] = await Promise.all(['make_subgraph', 'edits', 'signature', 'peek'].map((name) => import(`/document/${name}.js`)))
    const { store, catalog, selection } = tessera
    const zone = makeSubgraph(store, catalog, { nodes: ['sampler'] }, { kind: 'repeat' })
    describe(store, 'repeat', { title: 'Refine' })
    setInput(store, 'prompt', 'text', 'a fox, teal background')
    setInput(store, zone, 'steps', 6)
    togglePeek(store, catalog, [zone])
    selection.clear()
  })
  await runToEnd(page, server)
  await page.evaluate(() => tessera.editor.frame())
  await shoot('subgraph')
  for (let undone = 0; undone < 5; undone += 1) await page.keyboard.press('Control+z')
  await runToEnd(page, server) // The picture is again the one of these words.
  await page.emulateMedia({ colorScheme: 'light' })
  await page.evaluate(() => tessera.editor.frame())
  await shoot('light')
  console.log(folder)
} finally {
  await browser.close()
  await server.close()
}
