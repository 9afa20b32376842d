import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { describe } from '../../../web/app/shortcuts.js'

const read = (path) => readFile(new URL(`../../../${path}`, import.meta.url), 'utf8')
// The table itself needs a browser to load; its rows are literals.
const VIEW_KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9']
const ROW = /\[\s*'(?<id>[a-z]\w*)',\s*'(?<label>[A-Z][^']+)',\s*'(?<keys>[^']*)',\s/g

test('docs/editor.md has every key of the command table, and no key means two things', async () => {
  const others = (await readdir(new URL('../../../web/app', import.meta.url))).filter((name) => name.endsWith('_commands.js')).sort()
  const [page, ...sources] = await Promise.all(['docs/editor.md', 'web/app/commands.js', ...others.map((name) => `web/app/${name}`)].map(read))
  const rows = [...sources.join('\n').matchAll(ROW)].map(({ groups }) => groups).filter(({ keys }) => keys)
  assert.ok(rows.length > 35)
  const said = rows.map(({ label, keys }) => `| ${keys.split(' ').map((key) => `\`${describe(key, false)}\``).join(' or ')} | ${label} |`)
  assert.deepEqual(page.split('## Keys\n')[1].trim().split('\n').slice(2), said)
  const views = VIEW_KEYS.flatMap((key) => [`Shift+${key}`, `Alt+Shift+${key}`]) // Their rows are made, not written.
  const keys = [...rows.flatMap((row) => row.keys.split(' ')), ...views]
  assert.deepEqual(keys.filter((key, index) => keys.indexOf(key) !== index), [])
})
