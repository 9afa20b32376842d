// The interface in the language of the settings or the browser, with not a label left in English.

import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { eventually, openBrowser, openEditor, ready, Server, setUp, TIMEOUT } from './harness.mjs'

let server, browser, page

setUp(async () => {
  [server, browser] = await Promise.all([Server.start(), openBrowser()])
  page = await openEditor(browser, server)
})

beforeEach(() => page.evaluate(async () => {
  const [{ changeSettings }, { speak }] = await Promise.all([import('/app/settings.js'), import('/app/speaking.js')])
  document.querySelectorAll('dialog').forEach((dialog) => dialog.close())
  changeSettings({ language: 'en' })
  await speak()
}))

after(async () => {
  await browser?.close()
  await server?.close()
})

const press = async (...keys) => {
  await page.locator('#canvas').focus()
  for (const key of keys) await page.keyboard.press(key)
}
const settings = () => page.locator('dialog.preferences')
const openSettings = async () => {
  await press('Control+,')
  await settings().waitFor()
}
const leave = async () => {
  await page.keyboard.press('Escape')
  await page.locator('dialog[open]').waitFor({ state: 'detached' })
}

test('the settings speak Chinese at once, and English again', { timeout: TIMEOUT }, async () => {
  await openSettings()
  await settings().getByLabel('Interface language').selectOption('zh')
  await eventually(page, () => document.documentElement.lang === 'zh' && tessera.catalog.nodes.get('KSampler').title === 'K 采样器')
  await leave()
  assert.equal(await page.locator('#run').textContent(), '运行')
  await press('Shift+A')
  await page.keyboard.type('采样器')
  assert.ok((await page.locator('.picker-row').first().textContent()).includes('采样器'))
  await page.keyboard.press('Control+a')
  await page.keyboard.type('ksampler')
  assert.match(await page.locator('.picker-row').first().textContent(), /K 采样器/)
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await openSettings()
  await settings().locator('select').first().selectOption('en')
  await eventually(page, () => document.querySelector('#run').textContent === 'Run' && document.querySelector('.preferences h2').textContent === 'Settings')
  await eventually(page, () => tessera.catalog.nodes.get('KSampler').title === 'KSampler')
  await leave()
})

/** Texts and labels of the page that no Chinese text stands for. */
const latin = async () => {
  const known = [...(await server.get('/api/v1/languages/zh').then(({ texts, titles, names, categories }) => [texts, titles, names, categories])).flatMap(Object.values), 'Tessera', 'English', 'Fall Over', 'test', 'fox   seed:7   cfg:>5   -blue', 'Text to image', '文生图']
  return page.evaluate((said) => {
    const kept = '[translate=no], kbd, script, style, textarea, .choice-items [role=option]'
    const texts = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT)
    while (walker.nextNode()) {
      const node = walker.currentNode
      if ((node instanceof Element ? node : node.parentElement).closest(kept)) continue
      if (node instanceof Text) texts.push(node.data)
      else for (const name of ['title', 'aria-label', 'placeholder', 'alt']) texts.push(node.getAttribute(name) ?? '')
    }
    return [...new Set(texts.map((text) => text.trim()).filter((text) => /[a-z]{3}/i.test(text) && !/\p{Script=Han}/u.test(text) && !said.includes(text)))]
  }, known)
}

test('every panel speaks Chinese, to its last label', { timeout: TIMEOUT }, async () => {
  await openSettings()
  await settings().getByLabel('Interface language').selectOption('zh')
  await eventually(page, () => document.documentElement.lang === 'zh' && tessera.catalog.nodes.get('KSampler').title === 'K 采样器')
  await leave()
  const PANELS = { palette: ['Control+p'], adding: ['Shift+A'], finding: ['Control+f'], keys: ['?'], settings: ['Control+,'], replacing: ['Control+Shift+f'], form: ['Shift+F'], formAgain: ['Shift+F'],templates: ['Alt+t'], gallery: ['g'], versions: ['Shift+V'],
    outline: ['o'], history: ['Shift+H'], problems: ['Control+Shift+M'], queue: ['q'], connecting: ['Control+a', 'ArrowLeft', 'ArrowRight', 'k'] }
  const found = {}
  for (const [name, keys] of Object.entries(PANELS)) {
    await press(...keys)
    await page.waitForTimeout(150)
    const wrong = await latin()
    if (wrong.length) found[name] = wrong
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await page.locator('dialog[open]').waitFor({ state: 'detached' })
  }
  assert.deepEqual(found, {})
})

test('a file that anybody drops in is a language, and what it does not say stays English', { timeout: TIMEOUT }, async () => {
  await mkdir(join(server.root, 'user/languages'), { recursive: true })
  await writeFile(join(server.root, 'user/languages/fr.json'), JSON.stringify({ name: 'Français', texts: { Run: 'Lancer', '{n} nodes, {when}': { one: '{n} nœud', other: '{n} nœuds' } } }))
  await openSettings()
  assert.deepEqual(await settings().locator('select').first().locator('option').allTextContents(), ['As the browser', 'English', 'Français', '简体中文'])
  await settings().locator('select').first().selectOption('fr')
  await eventually(page, () => document.querySelector('#run').textContent === 'Lancer')
  assert.equal(await page.locator('.preferences h2').textContent(), 'Settings')
  await settings().locator('select').first().selectOption('en')
  await leave()
})

test('a browser of another language is answered in it', { timeout: TIMEOUT }, async () => {
  const context = await browser.newContext({ locale: 'zh-CN' })
  const own = await context.newPage()
  await own.goto(server.url)
  await ready(own)
  assert.deepEqual([await own.locator('#run').textContent(), await own.evaluate(() => document.documentElement.lang)], ['运行', 'zh'])
  await context.close()
})

test('the Enter that ends a composition ends nothing else', { timeout: TIMEOUT }, async () => {
  const composing = (selector) => page.locator(selector).evaluate((field) => field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true })))
  await page.locator('.document-title').focus()
  await composing('.document-title')
  assert.equal(await page.evaluate(() => document.activeElement?.className), 'document-title')
  const count = await page.evaluate(() => tessera.store.nodes().length)
  await press('Shift+A')
  await page.keyboard.type('采样')
  await composing('.picker-input')
  assert.deepEqual([await page.locator('.picker').count(), await page.evaluate(() => tessera.store.nodes().length)], [1, count])
  await page.keyboard.press('Escape')
  await press('Alt+t')
  await page.locator('dialog.templates').waitFor()
  await composing('dialog.templates input')
  assert.equal(await page.locator('dialog.templates').count(), 1)
  await page.keyboard.press('Escape')
})

test('the page threw nothing', () => assert.deepEqual(page.errors, []))
