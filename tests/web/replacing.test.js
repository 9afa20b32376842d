import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexCatalog } from '../../web/document/catalog.js'
import { knownValues, replacements, replaceValues } from '../../web/document/replacing.js'
import { Store } from '../../web/document/store.js'

const input = (name, widget) => ({ name, type: 'ANY', widget })
const catalog = indexCatalog({ nodes: [
  { id: 'Load', title: 'Load', category: '', inputs: [input('file', { kind: 'file', choices: ['a.safetensors', 'b.safetensors'] })], outputs: [] },
  { id: 'Text', title: 'Text', category: '', inputs: [input('text', { kind: 'text' })], outputs: [] },
  { id: 'Sample', title: 'Sample', category: '', inputs: [input('steps', { kind: 'int', min: 1, max: 100 }), input('cfg', { kind: 'float', max: 30 })], outputs: [] },
] })
const workflow = { format: 'tessera.workflow', version: 1, links: [], nodes: [
  { id: 'one', type: 'Load', inputs: { file: 'a.safetensors' } }, { id: 'two', type: 'Load', inputs: { file: 'b.safetensors' } },
  { id: 'text', type: 'Text', inputs: { text: 'A red fox, red sky (1.5)' } }, { id: 'gone', type: 'Gone', inputs: { text: 'red', steps: 20, on: true } },
  { id: 'sample', type: 'Sample', inputs: { steps: 20, cfg: { sweep: [4, 20], axis: 'cfg' } } },
] }
const found = (find, replace) => replacements(workflow.nodes, catalog, { find, replace }).map(({ node, input: name, after, fits }) => [node, name, after, fits])

test('every occurrence in a text changes, also in nodes whose type is missing; signs are only signs', () => {
  assert.deepEqual(found('Red', 'blue'), [['text', 'text', 'A blue fox, blue sky (1.5)', true], ['gone', 'text', 'blue', true]])
  assert.deepEqual(found('(1.5)', '$&'), [['text', 'text', 'A red fox, red sky $&', true]])
  assert.deepEqual([found('', 'x'), found('  ', 'x'), found('absent', 'x')], [[], [], []])
})

test('a number changes as a whole, within its bounds, and in a sweep', () => {
  assert.deepEqual(found('20', '8'), [['gone', 'steps', 8, true], ['sample', 'steps', 8, true], ['sample', 'cfg', { sweep: [4, 8], axis: 'cfg' }, true]])
  assert.deepEqual(found('20', '99.5'), [['gone', 'steps', 99.5, true], ['sample', 'steps', 99.5, false], ['sample', 'cfg', { sweep: [4, 99.5], axis: 'cfg' }, false]])
  assert.deepEqual([found('2', '3'), found('20', 'many'), found('20', '')], [[], [], []])
})

test('the values of a curve change, within its bounds, and its places stay', () => {
  const curves = indexCatalog({ nodes: [{ id: 'Guide', title: 'Guide', category: '', inputs: [input('cfg', { kind: 'curve', min: 0, max: 30 })], outputs: [] }] })
  const curve = { points: [[0, 8], [0.5, 1], [1, 1]], interpolation: 'smooth' }
  const of = (value, replace) => replacements([{ id: 'guide', type: 'Guide', inputs: { cfg: value } }], curves, { find: '1', replace }).map(({ after, fits }) => [after, fits])
  const made = (y) => ({ points: [[0, 8], [0.5, y], [1, y]], interpolation: 'smooth' })
  assert.deepEqual([of(curve, '2.5'), of(curve, '31'), of(curve, 'many')], [[[made(2.5), true]], [[made(31), false]], []])
  assert.deepEqual(of({ sweep: [curve, made(4)], axis: 'a' }, '2'), [[{ sweep: [made(2), made(4)], axis: 'a' }, true]])
})

test('a model is replaced in all loaders, and one that is not there is told', () => {
  assert.deepEqual(found('a.safetensors', 'b.safetensors'), [['one', 'file', 'b.safetensors', true]])
  assert.deepEqual(found('.safetensors', '.ckpt'), [['one', 'file', 'a.ckpt', false], ['two', 'file', 'b.ckpt', false]])
  assert.deepEqual(knownValues(workflow.nodes, catalog), { found: ['a.safetensors', 'b.safetensors'], offered: ['a.safetensors', 'b.safetensors'] })
})

test('replacing is one undo entry', () => {
  const store = new Store(workflow)
  const before = store.toJSON()
  replaceValues(store, replacements(store.nodes(), catalog, { find: 'red', replace: 'blue' }))
  assert.deepEqual([store.node('text').inputs.text, store.node('gone').inputs], ['A blue fox, blue sky (1.5)', { text: 'blue', steps: 20, on: true }])
  assert.deepEqual(store.history.labels, ['Replace values'])
  store.undo()
  assert.deepEqual(store.toJSON(), before)
})
