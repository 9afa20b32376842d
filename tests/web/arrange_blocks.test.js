import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arrangeBlocks } from '../../web/kernels/arrange_blocks.js'
import { encloses, intersects } from '../../web/kernels/geometry.js'

const node = (id) => ({ id, x: 0, y: 0, width: 200, height: 100 })
const link = (from, to) => ({ from: [from, 'o'], to: [to, 'i'] })
const block = (id, holds, over) => ({ id, x: 0, y: 0, width: 300, height: 300, holds: new Set(holds), folded: false, ...over })
const rectOf = ({ places }, id) => ({ x: places.get(id)[0], y: places.get(id)[1], width: 200, height: 100 })

test('what stands in a frame stays in it, and nothing else comes into it', () => {
  const names = ['a', 'b', 'c', 'd', 'e']
  const links = [link('a', 'b'), link('b', 'c'), link('c', 'd'), link('d', 'e')]
  const arranged = arrangeBlocks(names.map(node), links, [block('f', ['b', 'd'])]) // c between them: its wire leads out and in again
  const frame = arranged.frames.get('f')
  for (const id of ['b', 'd']) assert.ok(encloses(frame, rectOf(arranged, id)), id)
  for (const id of ['a', 'c', 'e']) assert.ok(!intersects(frame, rectOf(arranged, id)), id)
  const rects = names.map((id) => rectOf(arranged, id))
  assert.ok(rects.every((one, place) => rects.slice(place + 1).every((other) => !intersects(one, other))))
  assert.ok(arranged.places.get('a')[0] < frame.x)
})

test('a frame in a frame stays there', () => {
  const arranged = arrangeBlocks(['a', 'b', 'c'].map(node), [link('a', 'b'), link('b', 'c')], [block('outer', ['a', 'b']), block('inner', ['b'])])
  assert.ok(encloses(arranged.frames.get('outer'), arranged.frames.get('inner')))
  assert.ok(encloses(arranged.frames.get('inner'), rectOf(arranged, 'b')))
  assert.ok(!intersects(arranged.frames.get('inner'), rectOf(arranged, 'a')))
})

test('a folded frame is placed by its title, and what it holds moves with it', () => {
  const things = [node('a'), { ...node('b'), x: 520, y: 60 }, { ...node('c'), x: 900, y: 90 }, node('d')]
  const folded = block('f', ['b', 'c'], { x: 500, y: 10, width: 640, height: 34, folded: true })
  const { places, frames } = arrangeBlocks(things, [link('a', 'b'), link('b', 'c'), link('c', 'd')], [folded])
  const frame = frames.get('f')
  assert.deepEqual([frame.width, frame.height], [640, 34])
  assert.deepEqual(['b', 'c'].map((id) => [places.get(id)[0] - frame.x, places.get(id)[1] - frame.y]), [[20, 50], [400, 80]])
  assert.ok(places.get('d')[0] > frame.x + 640)
})
