import assert from 'node:assert/strict'
import { test } from 'node:test'
import { touchedBranch } from '../../web/kernels/touched.js'

const edges = [['model', 'left'], ['model', 'right'], ['left', 'save'], ['right', 'show'], ['other', 'third']].map(([from, to]) => ({ from: [from, 'OUT'], to: [to, 'in'] }))
const wires = { linksTo: (id) => edges.filter(({ to }) => to[0] === id), linksFrom: (id) => edges.filter(({ from }) => from[0] === id) }
const branch = (...touched) => {
  const { targets, feeding } = touchedBranch(touched, new Set(['save', 'show', 'third']), wires)
  return [targets.sort(), [...feeding].sort()]
}

test('an edit touches the ends below it, which need all that feeds them', () => {
  assert.deepEqual(branch('left'), [['save'], ['left', 'model', 'save']])
  assert.deepEqual(branch('model'), [['save', 'show'], ['left', 'model', 'right', 'save', 'show']])
  assert.deepEqual(branch('left', 'other'), [['save', 'third'], ['left', 'model', 'other', 'save', 'third']])
  assert.deepEqual(branch('alone'), [[], []])
})
