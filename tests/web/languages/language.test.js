import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { bothLanguages, languageCode, localiseCatalog, setLanguage, subscribeLanguage, translate, translateCategory } from '../../../web/languages/language.js'

const chinese = { code: 'zh', name: '中文', texts: { Run: '运行', 'a picture': '图片', 'what to see': '想看到的' }, titles: { 'Load Image': '加载图像' }, names: {}, categories: { image: '图像', utils: '工具' } }
const catalog = { types: {}, nodes: [{ id: 'LoadImage', title: 'Load Image', category: 'image', help: 'a picture', search: ['open'],
  inputs: [{ name: 'text', type: 'STRING', help: 'a picture', widget: { kind: 'text', placeholder: 'what to see' } }, { name: 'other', type: 'INT' }], outputs: [{ name: 'IMAGE', type: 'IMAGE', help: 'unknown words' }] }] }

afterEach(() => setLanguage(null))

test('without a language everything is as the code has it', () => {
  assert.deepEqual([languageCode(), translate('Run'), translateCategory('image/utils'), bothLanguages('Run')], ['en', 'Run', 'image › utils', 'Run'])
  assert.equal(translateCategory('_for_testing/custom_sampling'), 'for testing › custom sampling')
  assert.equal(localiseCatalog(catalog), catalog)
})

test('with one, words and categories are said in it, and a search knows both', () => {
  setLanguage(chinese)
  assert.deepEqual([languageCode(), translate('Run'), translateCategory('image/utils'), bothLanguages('Run')], ['zh', '运行', '图像 › 工具', '运行 · Run'])
})

test('node types get titles, help and placeholders; English still finds them, and what is unknown stays', () => {
  setLanguage(chinese)
  assert.deepEqual(localiseCatalog(catalog), { types: {}, nodes: [{ id: 'LoadImage', title: '加载图像', category: 'image', help: '图片', search: ['open', 'Load Image'],
    inputs: [{ name: 'text', type: 'STRING', help: '图片', widget: { kind: 'text', placeholder: '想看到的' } }, { name: 'other', type: 'INT' }], outputs: [{ name: 'IMAGE', type: 'IMAGE', help: 'unknown words' }] }] })
})

test('who draws hears of another language until it stops listening', () => {
  const heard = []
  const stop = subscribeLanguage(() => heard.push(languageCode()))
  setLanguage(chinese)
  setLanguage(null)
  stop()
  setLanguage(chinese)
  assert.deepEqual(heard, ['zh', 'en'])
})
