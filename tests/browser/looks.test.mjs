// How the editor looks, against small pictures of how it looked when somebody judged it.
//
// Each picture in references/ is a quarter as wide and high: letters become grey, so that another font passes, and what
// moved, vanished or changed its colour does not. `RENEW=1 node --test tests/browser/looks.test.mjs` takes them anew:
// look at each before it is committed. Where one differs, build/looks/ gets what was seen and where it differs, in red.

import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { CHECKOUT, eventually, openBrowser, openEditor, Server, setUp, TIMEOUT } from './harness.mjs'

/** Of 255, in a part of the picture of 4 by 4 pixels and its neighbours: more is another colour. */
const UNLIKE = 40
/** So much of a picture may be unlike: another font made 0.0002 to 0.0016 of it so, a node moved by its height 0.012. */
const MOST_UNLIKE = 0.006
const SHRINK = 4
const REFERENCES = join(CHECKOUT, 'tests/browser/references')
const FAILED = join(CHECKOUT, 'build/looks')

let server, browser, page

setUp(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()])
  page = await openEditor(browser, server)
  await eventually(page, () => tessera.plan.steps.length > 0)
})

after(async () => {
  await browser?.close()
  await server?.close()
})

/** Shrinks a screenshot; beside a reference, says how much of it is unlike, and draws where. @param {string} seen PNG in base64 @param {string | null} reference */
const measure = (seen, reference) => page.evaluate(async ([now, then, shrink, unlike]) => {
  const read = (base64) => createImageBitmap(new Blob([Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))], { type: 'image/png' }))
  const drawn = (image, width, height) => {
    const canvas = Object.assign(document.createElement('canvas'), { width, height })
    const ctx = canvas.getContext('2d')
    ctx.imageSmoothingQuality = 'high'
    ctx.drawImage(image, 0, 0, width, height)
    return { canvas, data: ctx.getImageData(0, 0, width, height).data }
  }
  const base64 = (canvas) => canvas.toDataURL('image/png').split(',')[1]
  const image = await read(now)
  const [width, height] = [Math.round(image.width / shrink), Math.round(image.height / shrink)]
  const small = drawn(image, width, height)
  if (!then) return { small: base64(small.canvas), share: 1, where: null }
  const before = await read(then)
  if (before.width !== width || before.height !== height) return { small: base64(small.canvas), share: 1, where: null }
  const kept = drawn(before, width, height)
  /** The least difference to any neighbour: a pixel to the side is no change. */
  const differs = (x, y) => {
    let least = 255
    for (const [dx, dy] of [[0, 0], [-1, 0], [1, 0], [0, -1], [0, 1]]) {
      const [other, own] = [((y + dy) * width + x + dx) * 4, (y * width + x) * 4]
      if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue
      least = Math.min(least, Math.max(...[0, 1, 2].map((channel) => Math.abs(small.data[own + channel] - kept.data[other + channel]))))
    }
    return least > unlike
  }
  const marks = small.canvas.getContext('2d')
  const shrunk = base64(small.canvas)
  marks.fillStyle = 'rgba(255, 0, 0, 0.7)'
  let count = 0
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) if (differs(x, y)) {
    count += 1
    marks.fillRect(x, y, 1, 1)
  }
  return { small: shrunk, share: count / (width * height), where: base64(small.canvas) }
}, [seen, reference, SHRINK, UNLIKE])

/** @param {string} name */
const looksAsBefore = async (name) => {
  await page.waitForTimeout(400) // Colours flow, toasts leave.
  const seen = (await page.screenshot({ animations: 'disabled', caret: 'hide' })).toString('base64')
  const path = join(REFERENCES, `${name}.png`)
  const reference = process.env.RENEW ? null : await readFile(path, 'base64')
  const { small, share, where } = await measure(seen, reference)
  if (process.env.RENEW) return writeFile(path, small, 'base64')
  if (share <= MOST_UNLIKE) return
  await mkdir(FAILED, { recursive: true })
  await writeFile(join(FAILED, `${name}.png`), seen, 'base64')
  if (where) await writeFile(join(FAILED, `${name}-where.png`), where, 'base64')
  assert.fail(`${name} is unlike its reference in ${(share * 100).toFixed(1)} % of it: see build/looks/${name}-where.png`)
}

const press = async (...keys) => {
  await page.locator('#canvas').focus()
  for (const key of keys) await page.keyboard.press(key)
}

for (const scheme of ['dark', 'light']) {
  test(`the ${scheme} look is as it was judged`, { timeout: TIMEOUT }, async () => {
    await page.emulateMedia({ colorScheme: scheme })
    await eventually(page, (wanted) => document.documentElement.dataset.theme === wanted, scheme)
    await page.mouse.move(2, 700)
    await press('Home')
    await looksAsBefore(`${scheme}-graph`)
    await press('Shift+F')
    await looksAsBefore(`${scheme}-form`)
    await press('Shift+F')
    await press('Control+,')
    await page.locator('dialog.preferences').waitFor()
    await looksAsBefore(`${scheme}-settings`)
    await page.keyboard.press('Escape')
    await page.locator('dialog[open]').waitFor({ state: 'detached' })
  })
}

test('a picture of another editor is not taken for this one', { timeout: TIMEOUT, skip: Boolean(process.env.RENEW) }, async () => {
  const [dark, light] = await Promise.all(['dark-graph', 'light-graph'].map((name) => readFile(join(REFERENCES, `${name}.png`), 'base64')))
  await page.emulateMedia({ colorScheme: 'dark' })
  await eventually(page, () => document.documentElement.dataset.theme === 'dark')
  await press('Home')
  await page.waitForTimeout(400)
  const shot = async () => (await page.screenshot({ animations: 'disabled' })).toString('base64')
  assert.ok((await measure(await shot(), light)).share > 0.5)
  const { id } = await page.evaluate(() => tessera.store.nodes().find(({ type }) => type === 'KSampler'))
  await page.evaluate((node) => tessera.store.edit('Move', (tx) => tx.put('nodes', { ...tessera.store.node(node), position: [tessera.store.node(node).position[0], 300] })), id)
  await page.waitForTimeout(200)
  const moved = await measure(await shot(), dark)
  assert.ok(moved.share > MOST_UNLIKE, `a moved node makes only ${moved.share}`)
})
