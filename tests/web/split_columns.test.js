import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arrange } from '../../web/kernels/arrange.js'
import { splitColumns } from '../../web/kernels/split_columns.js'

const fed = new Map([['a', ['b1', 'b2', 'b3', 'b4']], ['b1', ['c']], ['b2', ['c']], ['b3', ['c']], ['b4', ['c']], ['c', ['d']]])
const columns = [['a'], ['b1', 'b2', 'b3', 'b4'], ['c'], ['d']]

test('a column that is too high goes on to the right, and what it feeds after it', () => {
  assert.deepEqual(splitColumns(columns, fed, () => 100, 200), [['a'], ['b1', 'b2'], ['b3', 'b4'], ['c'], ['d']])
  assert.deepEqual(splitColumns(columns, fed, () => 100, 400), columns)
})

test('a thing that is higher than the limit has a column of its own', () => {
  assert.deepEqual(splitColumns(columns, fed, () => 500, 200), [['a'], ['b1'], ['b2'], ['b3'], ['b4'], ['c'], ['d']])
  assert.deepEqual(splitColumns([], new Map(), () => 1, 1), [])
})

test('what would be a tower is arranged in the shape of a screen, each still right of what feeds it', () => {
  const ways = Array.from({ length: 12 }, (_, place) => place)
  const nodes = [{ id: 'model' }, ...ways.flatMap((way) => [{ id: `sample${way}` }, { id: `decode${way}` }]), { id: 'grid' }]
  const link = (from, to) => ({ from: [from, 'o'], to: [to, 'i'] })
  const links = ways.flatMap((way) => [link('model', `sample${way}`), link(`sample${way}`, `decode${way}`), link(`decode${way}`, 'grid')])
  const size = (id) => ({ width: 240, height: id.startsWith('sample') ? 500 : 90 })
  const positions = arrange(nodes, links, size)
  for (const { from, to } of links) assert.ok(positions.get(to[0])[0] >= positions.get(from[0])[0] + 240)
  const rects = nodes.map(({ id }) => ({ x: positions.get(id)[0], y: positions.get(id)[1], ...size(id) }))
  assert.ok(rects.every((one, place) => rects.slice(place + 1).every((other) => one.x >= other.x + other.width || other.x >= one.x + one.width || one.y >= other.y + other.height || other.y >= one.y + one.height)))
  const [width, height] = [Math.max(...rects.map(({ x }) => x + 240)), Math.max(...rects.map(({ y, height: own }) => y + own))]
  assert.ok(width / height > 0.7 && width / height < 2.5, `${width} by ${height}`)
})
