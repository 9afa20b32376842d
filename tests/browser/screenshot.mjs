// Makes the README's picture of the editor from the real server: `node tests/browser/screenshot.mjs [FILE]`.

import { mkdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { CHECKOUT, eventually, openBrowser, openEditor, runToEnd, Server } from './harness.mjs'

const PROMPTS = [
  ['a strawberry, gray background', 2], ['a hamburger, sky blue background', 1], ['a butterfly, yellow background', 3],
  ['a rocket, black background', 2], ['a fox, teal background', 1], ['a panda, pink background', 1],
]
const file = resolve(process.argv[2] ?? join(CHECKOUT, 'docs/images/editor.png'))
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
  await mkdir(dirname(file), { recursive: true })
  await page.screenshot({ path: file })
  console.log(file)
} finally {
  await browser.close()
  await server.close()
}
