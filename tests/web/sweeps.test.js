import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setInput } from '../../web/document/edits.js'
import { Store } from '../../web/document/store.js'
import { axesOf, chipText, describeSweep, firstValues, freeAxis, isSweep, readValues, typedText } from '../../web/document/sweeps.js'

const FLOAT = { kind: 'float', min: 0, max: 100, step: 0.5 }
const SEED = { kind: 'seed', min: 0 }
const TEXT = { kind: 'text', multiline: true }

test('only an object with a list of values is a sweep', () => {
  assert.deepEqual([{ sweep: [1] }, { sweep: 1 }, [1], 'sweep', null, { values: [1] }].map(isSweep), [true, false, false, false, false, false])
})

test('the chip says values and axis', () => {
  assert.equal(chipText(FLOAT, { sweep: [4, 6.5, 8], axis: 'cfg' }), '4.0, 6.5, 8.0 · cfg')
  assert.equal(chipText(SEED, { sweep: [1, 2] }), '1, 2')
  assert.equal(chipText({ kind: 'toggle' }, { sweep: [true, false] }), 'on, off')
  assert.equal(chipText(TEXT, { sweep: ['a\n cat', ''], axis: 'prompt' }), 'a cat, – · prompt')
})

test('numbers are read between commas, spaces and lines, with arithmetic and ranges', () => {
  assert.deepEqual(readValues(FLOAT, '4, 6.5\n8'), [4, 6.5, 8])
  assert.deepEqual(readValues(SEED, '1..4 10 2*8'), [1, 2, 3, 4, 10, 16])
  assert.deepEqual(readValues(SEED, '9..1:4'), [9, 5, 1])
  assert.deepEqual(readValues(FLOAT, '0..1:0.25'), [0, 0.25, 0.5, 0.75, 1])
  assert.deepEqual(readValues(SEED, '1.6, -3'), [2, 0])
  assert.deepEqual(readValues(FLOAT, '400'), [100])
})

test('what is no list of numbers is refused', () => {
  for (const text of ['', ' , ', 'four', '4, x', '1..', '1..9:0', '0..1e9', '1..5:-1']) assert.equal(readValues(FLOAT, text), null, text)
})

test('texts are read line by line, commas and empty lines in between stay', () => {
  assert.deepEqual(readValues(TEXT, 'a cat, blue\n\n  a dog \n\n'), ['a cat, blue', '', 'a dog'])
  assert.deepEqual(readValues(TEXT, ''), [''])
})

test('typed values are read as they were', () => {
  for (const [widget, values] of [[FLOAT, [4, 6.25]], [SEED, [1, 7]], [TEXT, ['a, b', '', 'c']]]) {
    assert.deepEqual(readValues(widget, typedText(widget, values)), values)
  }
})

const NODES = [
  { id: 'loader', type: 'L', inputs: { name: { sweep: ['a', 'b'], axis: 'model' } } },
  { id: 'size', type: 'S', inputs: { width: { sweep: [512, 768], axis: 'model' }, height: 512 } },
  { id: 'sampler', type: 'K', inputs: { seed: { sweep: [1, 2, 3] } } },
]

test('axes are those of the document, and a new one takes a free name', () => {
  assert.deepEqual(axesOf(NODES).map(({ name, count, of }) => [name, count, of.length]), [['model', 2, 2], ['seed', 3, 1]])
  assert.equal(freeAxis(NODES, 'sampler', 'cfg'), 'cfg')
  assert.equal(freeAxis(NODES, 'other', 'seed'), 'other.seed')
  assert.equal(freeAxis(NODES, 'prompt', 'text'), 'prompt')
})

test('a sweep says how many combinations it makes, and which values must be as many', () => {
  const axes = axesOf(NODES)
  assert.deepEqual(describeSweep([], { axis: 'cfg', count: 1 }), { text: '1 value', fits: true })
  assert.deepEqual(describeSweep(axes, { axis: 'cfg', count: 4 }), { text: '2 model × 3 seed × 4 cfg = 24 combinations', fits: true })
  assert.deepEqual(describeSweep(axes, { axis: 'model', count: 2 }),
    { text: '3 seed × 2 model = 6 combinations, along with loader.name and size.width', fits: true })
  assert.deepEqual(describeSweep(axes.slice(1), { axis: 'seed', count: 2 }),
    { text: 'sampler.seed has 3 values along seed: they must be as many', fits: false })
})

test('a switch is swept over both, anything else from its value on', () => {
  assert.deepEqual(firstValues({ kind: 'toggle' }, true), [false, true])
  assert.deepEqual(firstValues(SEED, 7), [7])
})

test('sweeping, changing and removing are one undo each, and sweeps survive the document', () => {
  const store = new Store({ format: 'tessera.workflow', version: 1, nodes: structuredClone(NODES), links: [] })
  const before = store.toJSON()
  setInput(store, 'size', 'height', { sweep: [512, 768], axis: 'model' })
  assert.deepEqual(store.toJSON().nodes[1].inputs.height, { sweep: [512, 768], axis: 'model' })
  setInput(store, 'size', 'height', 640)
  store.undo()
  store.undo()
  assert.deepEqual(store.toJSON(), before)
})
