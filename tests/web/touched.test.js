import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endsBelow } from '../../web/kernels/touched.js'

const edges = [['model', 'left'], ['model', 'right'], ['left', 'save'], ['right', 'show'], ['other', 'third']].map(([from, to]) => ({ from: [from, 'OUT'], to: [to, 'in'] }))
const ends = (...touched) => endsBelow(touched, new Set(['save', 'show', 'third']), (id) => edges.filter(({ from }) => from[0] === id))

test('an edit touches the ends below it', () => {
  assert.deepEqual([ends('left'), ends('model'), ends('left', 'other'), ends('save'), ends('alone')], [['save'], ['save', 'show'], ['save', 'third'], ['save'], []])
})
