import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { Dictionary } from '../../../web/languages/dictionary.js'
import { literals } from '../fixtures/literals.js'

const ROOT = new URL('../../../', import.meta.url)
const read = (path) => readFile(new URL(path, ROOT), 'utf8')
const filesOf = async (folder, ending) => (await readdir(new URL(folder, ROOT), { recursive: true })).filter((name) => name.endsWith(ending)).map((name) => `${folder}/${name}`)

/** What people read begins like a sentence. */
const SENTENCE = /^[^\p{L}{]{0,2}\p{Lu}\p{Ll}+(?=$|[ ,.:;…!?'’(])/u
/** Capitalised, but no text: names of keys, events, fonts and types, and parts of texts that are built. */
const NAMES = new Set(['Enter', 'Escape', 'Tab', 'Home', 'End', 'Space', 'Shift', 'Alt', 'Mod', 'Ctrl', 'Control', 'Meta', 'Delete Backspace', 'Dead', 'Process', 'Unidentified', 'Backspace', 'Left', 'Right', 'Up',
  'Down', 'Notification', 'Hello', 'Pong', 'Ping', 'Tessera', 'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif',
  'English'])

const shipped = JSON.parse(await read('web/languages/zh.json'))
const chinese = new Dictionary({ code: 'zh', ...shipped })

const wordsOf = (text) => text.match(/\b[a-z]{3,}\b/g) ?? []
/** Words that Chinese texts keep; any other shows that only a part was known. */
const latin = new Set(Object.values(shipped.texts).flatMap((said) => wordsOf(String(said))))

test('every sentence that the editor\'s code can say has a Chinese text', async () => {
  const missing = new Map()
  for (const file of await filesOf('web', '.js')) {
    for (const { text, line } of literals(await read(file))) {
      if (!SENTENCE.test(text) || NAMES.has(text)) continue
      const said = chinese.translate(text.replaceAll('{}', '7'))
      if (!/\p{Script=Han}/u.test(said) || wordsOf(said).some((word) => !latin.has(word))) missing.set(text, `${file}:${line}`)
    }
  }
  assert.deepEqual(Object.fromEntries(missing), {}, 'add each to web/languages/zh.json')
})

/** Texts that code puts together from pieces: of these every word is looked for. */
const BUILT = /values? (restored|replaced)$|were cancelled$|^(Will run|Cannot run): |^Set width|the link (leads|comes)|masks for|^Did you mean .*Else|^Install the pack|^Give a value of|allow more with|is muted or bypassed|made \{when\}$|, along with/

test('every text of the Chinese file is still said somewhere', async () => {
  const files = [...await filesOf('web', '.js'), 'web/index.html', ...(await Promise.all(['graph', 'nodes', 'service', 'compat', 'diffusion'].map((folder) => filesOf(folder, '.py')))).flat(), ...await filesOf('workflows', '.json')]
  const sources = (await Promise.all(files.map(read))).join('\n').replaceAll(/"\s*\n\s*f?"/g, '').replaceAll(/\\(['"\\])/g, '$1').replaceAll(/\s+/g, ' ')
  const pieces = (text) => text.split(/\{\w+\}/).flatMap((part) => (BUILT.test(text) ? part.split(/[^\p{L}]+/u) : [part.trim()])).filter((part) => /\p{L}{2}/u.test(part))
  assert.deepEqual(Object.keys(shipped.texts).filter((text) => pieces(text).some((part) => !sources.includes(part))), [])
})

const SECTIONS = ['texts', 'titles', 'names', 'categories']
const lines = SECTIONS.flatMap((section) => Object.entries(shipped[section]).map(([text, said]) => ({ text, said: String(said) })))
const faulty = (isWrong) => lines.filter((line) => isWrong(line)).map(({ text, said }) => `${text} → ${said}`)

test('Chinese texts keep every place for a name or a number', () => {
  const places = (text) => (text.match(/\{\w+\}/g) ?? []).sort().join()
  assert.deepEqual(faulty(({ text, said }) => places(text) !== places(said)), [])
})

test('Chinese and Latin letters stand apart, and Chinese sentences have Chinese signs', () => {
  const han = '\\p{Script=Han}'
  const touching = new RegExp(`${han}[A-Za-z0-9]|[A-Za-z0-9]${han}|${han}\\{n\\d*\\}|\\{n\\d*\\}${han}`, 'u')
  const halfSigns = new RegExp(`${han}[,;:!?]|${han}\\.`, 'u')
  const plain = (said) => said.replaceAll(/[(<[][^)>\]]*[)>\]]/g, '') // Prompts are written as they are read.
  assert.deepEqual(faulty(({ said }) => touching.test(said)), [])
  assert.deepEqual(faulty(({ said }) => halfSigns.test(plain(said))), [])
})

test('one thing has one name, that which people know', () => {
  const retired = /检查点|潜图像|词元|负向|正向|停用|蒙版|结点|工作流程|联机|采样程序/
  assert.deepEqual(faulty(({ said }) => retired.test(said)), [])
})
