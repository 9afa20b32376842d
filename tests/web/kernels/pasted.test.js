import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kindOfText, unwrapped } from '../../../web/kernels/pasted.js'

test('a text is taken for what it looks like, and for words where it looks like nothing', () => {
  const kinds = {
    '{"format": "tessera.workflow"': 'json', ' {}': 'json', '[{"id": 1}]': 'json',
    'a fox\nSteps: 20, Sampler: Euler a': 'parameters', 'Steps: 5, Seed: 1': 'parameters',
    'https://a.org/cat.png': 'address', 'https://a.org/x\nhttps://a.org/y': 'address',
    'v1-5-pruned-emaonly.safetensors': 'model', 'C:\\models\\my model.ckpt': 'model',
    'a fox in the snow': 'words', '{red|blue} fox': 'words', '[fox:cat:0.5], snow': 'words', '42': 'words', 'see https://a.org': 'words',
  }
  assert.deepEqual(Object.fromEntries(Object.keys(kinds).map((text) => [text, kindOfText(text)])), kinds)
  assert.equal(kindOfText(' \n '), null)
})

test('what chats and editors put around a text is taken off', () => {
  assert.equal(unwrapped('```json\n{"a": 1}\n```'), '{"a": 1}')
  assert.equal(unwrapped('\uFEFF{"a": 1}'), '{"a": 1}')
  assert.equal(unwrapped('a ```fox``` \n'), 'a ```fox``` \n')
})
