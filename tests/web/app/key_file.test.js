import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adopted, MOST_BYTES, readKeyFile, writeKeyFile } from '../../../web/app/key_file.js'

const table = () => [['run', ['Mod+Enter']], ['mute', ['M']], ['bypass', ['B']], ['escape', ['Escape']]].map(([id, keys]) => ({ id, keys: [...keys], defaults: keys }))

test('keys come back from their file as they went into it', () => {
  const keys = { run: ['Mod+R', 'F5'], mute: [] }
  assert.deepEqual(readKeyFile(writeKeyFile(keys)), keys)
  assert.deepEqual(adopted(table(), keys), { keys, left: [] })
})

test('a key belongs to one command; what is not here or cannot be is told and left out', () => {
  const commands = table()
  assert.deepEqual(adopted(commands, { run: ['M'], escape: ['X'], fly: ['F'], bypass: ['Mod+W', 'x'.repeat(50), 'Shift+B'] }),
    { keys: { run: ['M'], mute: [], bypass: ['Shift+B'] }, left: ['escape', 'fly', 'Mod+W', 'x'.repeat(50)] })
  assert.deepEqual(commands.map(({ keys }) => keys), table().map(({ keys }) => keys))
})

test('a file that holds no keys says what is wrong with it', () => {
  const wrong = { '{': 'it is no JSON', '[]': 'it has no "tessera.keys" with keys by command', '{"tessera.keys": 4}': 'it has no "tessera.keys" with keys by command', null: 'it has no "tessera.keys" with keys by command' }
  for (const [text, message] of Object.entries(wrong)) assert.throws(() => readKeyFile(text), { message }, text)
  assert.throws(() => readKeyFile(' '.repeat(MOST_BYTES + 1)), { message: 'it is larger than 256 kB' })
})
