// Inputs that grow with what is linked, and inputs that a choice brings.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexCatalog } from '../../web/document/catalog.js'
import { inputsNow, inputsOfNew, shownInputs } from '../../web/document/dynamic_inputs.js'
import { addNode, connect, setInput } from '../../web/document/edits.js'
import { connectInRow, swapInputs, swapType } from '../../web/document/rewiring.js'
import { Store } from '../../web/document/store.js'
import { socketsFor } from '../../web/kernels/insertion.js'
import { layoutNode } from '../../web/kernels/layout.js'
import { bestPair, rankNodeTypes } from '../../web/kernels/matching.js'

const image = (name, more = {}) => ({ name, type: 'IMAGE', widget: null, required: false, ...more })
const number = (name, value, more = {}) => ({ name, type: 'INT', widget: { kind: 'int', default: value }, ...more })
const choice = (name, choices, more = {}) => ({ name, type: 'STRING', widget: { kind: 'choice', default: choices[0], choices }, ...more })
const grown = (count, least) => Array.from({ length: count }, (_, place) => image(`images.image${place}`, { grows: { row: 'images', least }, required: place < least }))
const when = (...pairs) => ({ when: pairs.map(([input, ...is]) => ({ input, is })) })

const stack = { id: 'Stack', title: 'Stack', category: '', inputs: grown(4, 0), outputs: [{ name: 'IMAGE', type: 'IMAGE' }] }
const two = { ...stack, id: 'Two', title: 'Two', inputs: [...grown(4, 2), number('gap', 3)] }
const resize = {
  id: 'Resize', title: 'Resize', category: '', outputs: [{ name: 'IMAGE', type: 'IMAGE' }],
  inputs: [
    choice('by', ['exact', 'scaled', 'no']),
    number('by.width', 8, when(['by', 'exact'])), number('by.height', 4, when(['by', 'exact'])),
    choice('by.unit', ['times', 'as'], when(['by', 'scaled'])),
    number('by.unit.factor', 2, when(['by', 'scaled'], ['by.unit', 'times'])),
    image('by.unit.like', when(['by', 'scaled'], ['by.unit', 'as'])),
    number('after', 7),
  ],
}
const load = { id: 'Load', title: 'Load', category: '', inputs: [], outputs: [{ name: 'IMAGE', type: 'IMAGE' }] }
const catalog = indexCatalog({ nodes: [load, stack, two, resize] })

const storeOf = (nodes, links = []) => new Store({ format: 'tessera.workflow', version: 1, nodes, links })
const shown = (type, inputs = {}, linked = []) => shownInputs(type, { inputs }, (name) => linked.includes(name)).map(({ name }) => name.replace('images.image', ''))

test('a row shows what is linked or set and the first free one, from the least to the most that it may have', () => {
  assert.deepEqual(shown(stack), ['0'])
  assert.deepEqual(shown(stack, {}, ['images.image0']), ['0', '1'])
  assert.deepEqual(shown(stack, { 'images.image1': [1] }, ['images.image0']), ['0', '1', '2'])
  assert.deepEqual(shown(stack, {}, ['0', '1', '2', '3'].map((place) => `images.image${place}`)), ['0', '1', '2', '3'])
  assert.deepEqual(shown(two), ['0', '1', 'gap'])
  assert.deepEqual(shown(two, {}, ['images.image0', 'images.image1']), ['0', '1', '2', 'gap'])
})

test('an input that was emptied in the middle is the free one, and no other changes its name', () => {
  assert.deepEqual(shown(stack, {}, ['images.image0', 'images.image2']), ['0', '1', '2'])
  assert.deepEqual(shown(stack, {}, ['images.image2']), ['0', '2'])
  assert.deepEqual(shown(two, {}, ['images.image3']), ['0', '1', '3', 'gap'])
})

test('a choice shows the inputs of its option, choices in choices too', () => {
  assert.deepEqual(shown(resize), ['by', 'by.width', 'by.height', 'after'])
  assert.deepEqual(shown(resize, { by: 'no', 'by.width': 9 }), ['by', 'after'])
  assert.deepEqual(shown(resize, { by: 'scaled' }), ['by', 'by.unit', 'by.unit.factor', 'after'])
  assert.deepEqual(shown(resize, { by: 'scaled', 'by.unit': 'as' }), ['by', 'by.unit', 'by.unit.like', 'after'])
})

test('a choice that is swept shows what any of its values asks for, one that is fed shows all', () => {
  assert.deepEqual(shown(resize, { by: { sweep: ['exact', 'no'], axis: 'by' } }), ['by', 'by.width', 'by.height', 'after'])
  assert.deepEqual(shown(resize, {}, ['by', 'by.unit']), resize.inputs.map(({ name }) => name))
})

test('types that depend on nothing show what they declare, without a copy', () => {
  assert.equal(shownInputs(load, {}, () => false), load.inputs)
})

test('linking the free one shows the next, unlinking the last one takes it away, and undo does both', () => {
  const store = storeOf([{ id: 'a', type: 'Load' }, { id: 's', type: 'Stack' }])
  const names = () => inputsNow(catalog, store, store.node('s')).map(({ name }) => name.at(-1)).join('')
  assert.equal(names(), '0')
  for (const place of [0, 1, 2]) connect(store, catalog, { from: ['a', 'IMAGE'], to: ['s', `images.image${place}`] })
  assert.equal(names(), '0123')
  store.undo()
  assert.equal(names(), '012')
  store.edit('Disconnect', (tx) => tx.remove('links', store.linksTo('s', 'images.image0')[0].id))
  assert.equal(names(), '01')
  assert.deepEqual(store.toJSON().links.map(({ to }) => to), [['s', 'images.image1']])
})

test('values of the other options stay in the document and come back with them', () => {
  const store = storeOf([])
  const id = addNode(store, catalog, { type: 'Resize', position: [0, 0] })
  assert.deepEqual(store.node(id).inputs, { by: 'exact', 'by.width': 8, 'by.height': 4, after: 7 })
  setInput(store, id, 'by.width', 32)
  setInput(store, id, 'by', 'no')
  assert.deepEqual(inputsNow(catalog, store, store.node(id)).map(({ name }) => name), ['by', 'after'])
  assert.equal(store.toJSON().nodes[0].inputs['by.width'], 32)
  setInput(store, id, 'by', 'exact')
  const { widgets } = layoutNode(store.node(id), { type: resize, linkedInputs: [], linkedOutputs: [], picture: null })
  assert.deepEqual(widgets.map(({ input }) => [input.name, store.node(id).inputs[input.name]]), [['by', 'exact'], ['by.width', 32], ['by.height', 4], ['after', 7]])
})

test('a wire into an input that is not shown is drawn, apart from the others', () => {
  const { inputs } = layoutNode({ id: 'r', type: 'Resize', inputs: { by: 'no' } }, { type: resize, linkedInputs: ['by.unit.like'], linkedOutputs: [], picture: null })
  assert.deepEqual(inputs.filter(({ ghost }) => ghost).map(({ name, type }) => [name, type]), [['by.unit.like', 'IMAGE']])
})

test('wires that look for a place take the free one: by hand, by search, in a row, put in and with another type', () => {
  const nodes = [{ id: 'a', type: 'Load' }, { id: 'b', type: 'Load' }, { id: 's', type: 'Two' }, { id: 't', type: 'Stack' }]
  const store = storeOf(nodes, [{ from: ['a', 'IMAGE'], to: ['s', 'images.image0'] }, { from: ['s', 'IMAGE'], to: ['t', 'images.image0'] }])
  assert.deepEqual(bestPair(catalog, store, store.node('b'), store.node('s')).to, ['s', 'images.image1'])
  connectInRow(store, catalog, ['b', 's'])
  assert.deepEqual(bestPair(catalog, store, store.node('b'), store.node('s')).to, ['s', 'images.image2'])
  const pending = { kind: 'output', node: 'a', socket: 'IMAGE', type: 'IMAGE' }
  assert.deepEqual(rankNodeTypes(catalog, pending).map(({ type, socket }) => [type.id, socket]).toSorted(), [['Stack', 'images.image0'], ['Two', 'images.image0']])
  assert.deepEqual(socketsFor(catalog, store, 't', store.links().find(({ to }) => to[0] === 's')), null) // a circle
  swapType(store, catalog, 's', stack)
  assert.deepEqual(store.linksTo('s').map(({ to }) => to[1]), ['images.image0', 'images.image1'])
  swapInputs(store, catalog, 's')
  assert.deepEqual(store.linksTo('s').map(({ from, to }) => [from[0], to[1]]), [['a', 'images.image1'], ['b', 'images.image0']])
})

test('a new node has the first of its row and what its usual option asks for', () => {
  assert.deepEqual([stack, two, resize].map((type) => inputsOfNew(type).length), [1, 3, 4])
  assert.deepEqual(inputsOfNew(resize, { by: 'no' }).map(({ name }) => name), ['by', 'after'])
})
