// What a hand does to a mask, as plain bytes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inflateSync } from 'node:zlib'
import { feather } from '../../web/kernels/feather.js'
import { cornersOf, fillOutline, floodFill, gradient } from '../../web/kernels/fills.js'
import { centredView, fitView, zoomedView } from '../../web/kernels/picture_view.js'
import { blend, clipped, cutOut, differing, emptyPlane, invert, putBack } from '../../web/kernels/planes.js'
import { encodePng } from '../../web/kernels/png.js'
import { stamp, strokeLine } from '../../web/kernels/stroke.js'

/** Rows of a plane as lists. */
const rows = ({ width, height, data }) => Array.from({ length: height }, (_, y) => [...data.slice(y * width, (y + 1) * width)])
const sum = ({ data }) => data.reduce((total, value) => total + value, 0)
const area = (plane) => sum(plane) / 255

/** A picture from one letter a pixel. */
const picture = (lines, colours) => ({
  width: lines[0].length, height: lines.length,
  data: Uint8ClampedArray.from(lines.join('').split('').flatMap((letter) => [...colours[letter], 255])),
})

test('a hard stamp covers the area of its circle, and nothing beyond a pixel around it', () => {
  const plane = emptyPlane(64, 64)
  assert.deepEqual(stamp(plane, { x: 32, y: 32, radius: 10 }, 1), { x: 21, y: 21, width: 22, height: 22 })
  assert.ok(Math.abs(area(plane) - Math.PI * 100) < 2, `${area(plane)}`)
  assert.equal(plane.data[32 * 64 + 32], 255)
  assert.equal(plane.data[32 * 64 + 43], 0)
})

test('a soft stamp falls from its middle to its edge', () => {
  const plane = emptyPlane(64, 64)
  stamp(plane, { x: 32.5, y: 32.5, radius: 20 }, 0)
  const line = [...plane.data.slice(32 * 64 + 32, 32 * 64 + 53)]
  assert.deepEqual(line, [...line].sort((a, b) => b - a))
  assert.equal(line[0], 255)
  assert.ok(Math.abs(line[10] - 128) <= 10, `half way: ${line[10]}`)
  assert.equal(line.at(-1), 0)
})

test('a stroke is as wide everywhere and never piles up', () => {
  const plane = emptyPlane(80, 40)
  stamp(plane, { x: 20, y: 20, radius: 6 }, 1)
  const touched = strokeLine(plane, { x: 20, y: 20, radius: 6 }, { x: 60, y: 20, radius: 6 }, 1)
  assert.deepEqual([touched.x + touched.width, touched.y, touched.height], [67, 13, 14])
  const width = (x) => Array.from({ length: 40 }, (_, y) => plane.data[y * 80 + x]).reduce((total, value) => total + value, 0) / 255
  for (const x of [24, 31, 40, 55]) assert.ok(Math.abs(width(x) - 12) < 0.5, `${width(x)} at ${x}`)
  const once = plane.data.slice()
  strokeLine(plane, { x: 60, y: 20, radius: 6 }, { x: 20, y: 20, radius: 6 }, 1)
  const most = Math.max(...once.map((value, at) => Math.abs(value - plane.data[at])))
  assert.ok(most <= 40, `back over the same way: ${most}`)
})

test('a stamp outside the picture touches nothing', () => {
  const plane = emptyPlane(8, 8)
  assert.equal(stamp(plane, { x: -20, y: 4, radius: 5 }, 1), null)
  assert.equal(sum(plane), 0)
})

test('a fill stops at other colours and at the tolerance', () => {
  const colours = { a: [10, 10, 10], b: [20, 10, 10], c: [200, 0, 0] }
  const seen = picture(['aacaa', 'abcaa', 'bbcaa', 'cccaa'], colours)
  assert.deepEqual(rows(floodFill(seen, [0, 0], 0)), [[255, 255, 0, 0, 0], [255, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]])
  assert.deepEqual(rows(floodFill(seen, [0, 0], 10)), [[255, 255, 0, 0, 0], [255, 255, 0, 0, 0], [255, 255, 0, 0, 0], [0, 0, 0, 0, 0]])
  assert.equal(area(floodFill(seen, [4.9, 3.9], 255)), 20)
  assert.equal(area(floodFill(seen, [5, 0], 255)), 0)
})

test('a fill follows a winding way', () => {
  const seen = picture(['a.....', 'a.aaa.', 'a.a.a.', 'aaa.aa'], { a: [0, 0, 0], '.': [255, 255, 255] })
  assert.equal(area(floodFill(seen, [0, 0], 0)), 13)
})

test('an outline covers its area, with half pixels where it cuts them', () => {
  assert.deepEqual(rows(fillOutline([[1, 1], [3.5, 1], [3.5, 2], [1, 2]], 5, 3)), [[0, 0, 0, 0, 0], [0, 255, 255, 128, 0], [0, 0, 0, 0, 0]])
  const triangle = fillOutline([[0, 0], [40, 0], [0, 30]], 50, 40)
  assert.ok(Math.abs(area(triangle) - 600) < 1, `${area(triangle)}`)
  const beyond = fillOutline([[-5, -5], [100, -5], [100, 100], [-5, 100]], 4, 4)
  assert.equal(area(beyond), 16)
})

test('an outline that winds twice around a place still holds it', () => {
  const twice = [[0, 0], [8, 0], [8, 8], [0, 8], [0, 0], [6, 0], [6, 6], [0, 6]]
  assert.equal(area(fillOutline(twice, 8, 8)), 64)
})

test('a rectangle goes to whole pixels, whichever corner came first', () => {
  assert.deepEqual(cornersOf([3.2, 4.7], [1.5, 0.1]), [[1, 0], [4, 0], [4, 5], [1, 5]])
})

test('a gradient goes from all to nothing, and is nothing without a way', () => {
  assert.deepEqual(rows(gradient([0, 0], [4, 0], 6, 1)), [[223, 159, 96, 32, 0, 0]])
  assert.equal(sum(gradient([2, 2], [2, 2], 4, 4)), 0)
})

test('feathering keeps what there is, softens the edge, and leaves the border alone', () => {
  const plane = emptyPlane(80, 40)
  for (let y = 0; y < 40; y += 1) plane.data.fill(255, y * 80, y * 80 + 40)
  const soft = feather(plane, 8)
  const line = [...soft.data.slice(0, 80)]
  assert.deepEqual(line, [...line].sort((a, b) => b - a))
  assert.equal(line[0], 255)
  assert.equal(line[39] + line[40], 255)
  assert.ok(line[34] < 255 && line[45] > 0)
  assert.ok(Math.abs(sum(soft) - sum(plane)) / sum(plane) < 0.001)
  assert.deepEqual(feather(plane, 0), plane)
})

test('a coverage is laid on and taken away', () => {
  const base = { width: 3, height: 1, data: Uint8Array.of(0, 100, 255) }
  const coverage = { width: 3, height: 1, data: Uint8Array.of(128, 128, 128) }
  const mask = emptyPlane(3, 1)
  const all = { x: 0, y: 0, width: 3, height: 1 }
  blend(mask, { base, coverage, erases: false }, all)
  assert.deepEqual([...mask.data], [128, 178, 255])
  blend(mask, { base, coverage, erases: true }, all)
  assert.deepEqual([...mask.data], [0, 50, 127])
  invert(mask)
  assert.deepEqual([...mask.data], [255, 205, 128])
})

test('what differs is cut out and put back', () => {
  const before = emptyPlane(6, 5)
  const after = emptyPlane(6, 5)
  assert.equal(differing(before, after), null)
  after.data[1 * 6 + 4] = 9
  after.data[3 * 6 + 2] = 7
  const rect = differing(before, after)
  assert.deepEqual(rect, { x: 2, y: 1, width: 3, height: 3 })
  const bytes = cutOut(after, rect)
  assert.deepEqual([...bytes], [0, 0, 9, 0, 0, 0, 7, 0, 0])
  putBack(before, rect, bytes)
  assert.deepEqual(before, after)
  assert.equal(clipped(before, { x: 7, y: 0, width: 3, height: 3 }), null)
})

test('a picture file keeps the colour of transparent pixels', async () => {
  const data = Uint8Array.of(255, 0, 0, 0, 1, 2, 3, 4, 250, 251, 252, 253, 9, 8, 7, 255)
  const bytes = new Uint8Array(await (await encodePng({ width: 2, height: 2, data })).arrayBuffer())
  const view = new DataView(bytes.buffer)
  assert.deepEqual([view.getUint32(16), view.getUint32(20), bytes[24], bytes[25]], [2, 2, 8, 6])
  const rowsOf = inflateSync(bytes.slice(41, 41 + view.getUint32(33)))
  const first = [...rowsOf.slice(1, 9)]
  const second = [...rowsOf.slice(10, 18)].map((value, at) => (value + first[at]) & 255)
  assert.deepEqual([...first, ...second], [...data])
})

test('a picture fits its view, and a zoom keeps the point under the pointer', () => {
  assert.deepEqual(fitView({ width: 100, height: 50 }, { width: 448, height: 448 }), { x: -6, y: -31, zoom: 4 })
  assert.equal(fitView({ width: 10, height: 10 }, { width: 500, height: 500 }, { most: 3 }).zoom, 3)
  const camera = centredView({ width: 100, height: 100 }, { width: 200, height: 200 }, 1)
  const near = zoomedView(camera, [30, 60], 8)
  assert.deepEqual([near.x + 30 / 8, near.y + 60 / 8], [camera.x + 30, camera.y + 60])
  assert.equal(zoomedView(camera, [0, 0], 1000).zoom, 64)
})
