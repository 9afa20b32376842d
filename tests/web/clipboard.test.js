import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copyText, duplicate, pasteText } from '../../web/document/clipboard.js'
import { Store } from '../../web/document/store.js'
import { workflowJSON } from './fixtures/text_to_image.js'

test('pasting copies nodes under free ids with the links among them, as one entry', () => {
  const store = new Store(workflowJSON)
  const before = store.toJSON()
  const ids = pasteText(store, copyText(store, ['prompt', 'sampler']), [1000, 500])
  assert.deepEqual(ids, ['prompt_2', 'sampler_2'])
  assert.deepEqual(store.linksTo('sampler_2').map(({ from, to }) => [from, to]), [[['prompt_2', 'CONDITIONING'], ['sampler_2', 'positive']]])
  assert.deepEqual(store.node('prompt_2').position, [1000, 500])
  assert.deepEqual(store.node('sampler_2').position, [1392, 560])
  assert.deepEqual(store.node('prompt_2').future, [1, 2])
  store.undo()
  assert.deepEqual(store.toJSON(), before)
})

test('a copy can be pasted into another document, and again', () => {
  const text = copyText(new Store(workflowJSON), ['loader', 'prompt'])
  const other = new Store()
  assert.deepEqual(pasteText(other, text), ['loader', 'prompt'])
  assert.deepEqual(pasteText(other, text), ['loader_2', 'prompt_2'])
  assert.equal(other.links().length, 2)
})

test('other text is no paste', () => {
  const store = new Store(workflowJSON)
  for (const text of ['', 'hello', '{"a": 1}', '{broken', '[1]']) assert.equal(pasteText(store, text), null)
  assert.equal(store.undoLabel, null)
})

test('duplicates stand beside their originals', () => {
  const store = new Store(workflowJSON)
  assert.deepEqual(duplicate(store, { nodes: ['save'] }), ['save_2'])
  assert.deepEqual(store.node('save_2').position, [1372, 92])
  assert.deepEqual(duplicate(store, { nodes: [] }), [])
})

test('a copy can be fed by what fed its original, where that is there', () => {
  const store = new Store(workflowJSON)
  const text = copyText(store, ['sampler'])
  const fed = (id) => store.linksTo(id).map(({ from, to }) => `${from[0]} ${to[1]}`).sort()
  assert.deepEqual([pasteText(store, text), fed('sampler_2')], [['sampler_2'], []])
  assert.deepEqual([pasteText(store, text, [0, 0], { fed: true }), fed('sampler_3')], [['sampler_3'], fed('sampler')])
  assert.deepEqual([duplicate(store, { nodes: ['save'] }, { fed: true }), fed('save_2')], [['save_2'], ['decode images']])
  const other = new Store()
  assert.deepEqual([pasteText(other, text, [0, 0], { fed: true }), other.links()], [['sampler'], []])
  assert.equal(other.toJSON().incoming, undefined)
})
