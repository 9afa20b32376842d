import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDefault } from '../../../web/panels/socket_fields.js'

test('a default is what the input\'s widget takes; nothing typed is none', () => {
  const read = (widget, ...texts) => texts.map((text) => readDefault(widget, text))
  assert.deepEqual(read({ kind: 'int', min: 1, max: 100 }, '8', '4*5', '7.6', '1000', 'many', '', ' '), [8, 20, 8, 100, null, undefined, undefined])
  assert.deepEqual(read({ kind: 'float', max: 1 }, '0,4', '0.1+0.2', '-2', '5'), [0.4, 0.3, -2, 1])
  assert.deepEqual(read({ kind: 'seed', min: 0 }, '42', '-1'), [42, 0])
  assert.deepEqual(read({ kind: 'toggle' }, 'on', 'off', 'perhaps', ''), [true, false, null, undefined])
  assert.deepEqual(read({ kind: 'choice', choices: ['euler', 2] }, 'euler', '2', 'ddim'), ['euler', 2, null])
  assert.deepEqual(read({ kind: 'file' }, 'a.safetensors'), [null])
  assert.deepEqual(read({ kind: 'text' }, 'a fox ', '7'), ['a fox ', '7'])
})
