// The row of pictures below the newest one of a node.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { layoutNode, stripCells } from '../../web/kernels/layout.js'

const layoutOf = (count) => layoutNode({ id: 'save', type: 'Save', position: [0, 0] },
  { type: { id: 'Save', title: 'Save', inputs: [], outputs: [] }, picture: { count, aspect: 1 }, linkedInputs: [], linkedOutputs: [] })
const within = (strip, cell) => cell.x >= strip.x && cell.y >= strip.y && cell.x + cell.width <= strip.x + strip.width + 0.01 && cell.y + cell.height <= strip.y + strip.height + 0.51

test('a few pictures lie in one row', () => {
  const { strip } = layoutOf(4)
  const cells = stripCells(strip, 4)
  assert.deepEqual([cells.length, new Set(cells.map(({ y }) => y)).size, strip.height], [4, 1, 48])
})

test('a batch of 16 and a sweep of 24 lie in rows, each picture large enough to be told apart and hit', () => {
  for (const [count, rows] of [[9, 2], [16, 2], [24, 3]]) {
    const layout = layoutOf(count)
    const cells = stripCells(layout.strip, count)
    assert.deepEqual([cells.length, new Set(cells.map(({ y }) => y)).size], [count, rows])
    assert.ok(cells.every((cell) => cell.width > 20 && within(layout.strip, cell)), JSON.stringify(cells[0]))
    assert.ok(layout.strip.y + layout.strip.height < layout.height)
  }
})

test('of more pictures the first three rows are shown', () => {
  const { strip } = layoutOf(64)
  assert.equal(stripCells(strip, 64).length, 24)
})
