import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexCatalog } from '../../web/document/catalog.js'
import { arrange } from '../../web/kernels/arrange.js'
import { settle } from '../../web/kernels/settle.js'
import { Bounds, detailAt } from '../../web/kernels/culling.js'
import { framing, panned, toScreen, toWorld, union, zoomedAt } from '../../web/kernels/geometry.js'
import { reachable } from '../../web/kernels/graph_walk.js'
import { hitTest } from '../../web/kernels/hit_test.js'
import { HEADER, layoutNode, stripCells } from '../../web/kernels/layout.js'
import { curveBounds, distanceTo, linkCurve, pointOn } from '../../web/kernels/link_path.js'
import { bestSocket, feeds, flowScore, rankNodeTypes } from '../../web/kernels/matching.js'
import { snapToNeighbours } from '../../web/kernels/snapping.js'
import { createWheelReader } from '../../web/kernels/wheel_intent.js'
import { wrapText } from '../../web/kernels/wrap_text.js'
import { catalogJSON, workflowJSON } from './fixtures/text_to_image.js'

const catalog = indexCatalog(catalogJSON)
const layoutOf = (node, facts = {}) => layoutNode(node, { type: catalog.nodes.get(node.type), linkedInputs: [], linkedOutputs: [], picture: null, ...facts })
const close = (a, b) => a.forEach((value, index) => assert.ok(Math.abs(value - b[index]) < 1e-9, `${a} is not ${b}`))

test('zooming keeps the point under the pointer, exactly and within limits', () => {
  const camera = { x: 37, y: -12, zoom: 0.7 }
  const pointer = [311, 207]
  for (const zoom of [0.01, 0.3, 1, 2.5, 99]) close(toScreen(zoomedAt(camera, pointer, zoom), toWorld(camera, pointer)), pointer)
  assert.deepEqual([zoomedAt(camera, pointer, 0.001).zoom, zoomedAt(camera, pointer, 99).zoom], [0.05, 4])
  close(toScreen(panned(camera, 10, -4), toWorld(camera, pointer)), [321, 203])
})

test('framing shows the whole rectangle in the middle', () => {
  const rect = { x: 100, y: 50, width: 1000, height: 300 }
  const camera = framing(rect, 800, 600)
  close(toScreen(camera, [600, 200]), [400, 300])
  assert.ok(toScreen(camera, [100, 50])[0] >= 47.9)
  assert.equal(union([]), null)
})

test('a node holds its parts, none over another', () => {
  for (const type of catalog.nodes.values()) {
    for (const size of [undefined, [200, 700]]) {
      for (const picture of [null, { aspect: 1, count: 1 }, { aspect: 1.5, count: 5 }]) {
        const layout = layoutOf({ id: 'n', type: type.id, size }, { picture })
        const parts = [...layout.widgets.map(({ rect }) => rect), layout.picture, layout.strip].filter(Boolean)
        parts.reduce((bottom, rect) => {
          assert.ok(rect.y >= bottom, `${type.id} overlaps`)
          return rect.y + rect.height
        }, HEADER)
        for (const rect of parts) assert.ok(rect.x >= 0 && rect.x + rect.width <= layout.width && rect.y + rect.height <= layout.height + 0.01, type.id)
        assert.equal(layout.inputs.length, type.inputs.filter((input) => input.type !== 'FILE').length)
        if (size) assert.deepEqual([layout.width, layout.height >= 700], [200, true])
      }
    }
  }
})

test('a larger node gives the room to its picture, else to its text', () => {
  const text = layoutOf({ id: 'n', type: 'CLIPTextEncode', size: [320, 400] })
  assert.ok(text.widgets[0].rect.height > 300)
  const picture = layoutOf({ id: 'n', type: 'SaveImage', size: [320, 800] }, { picture: { aspect: 1, count: 1 } })
  assert.ok(picture.picture.height > 600)
})

test('links of a missing type, or of a missing socket, still have a place', () => {
  const missing = layoutOf({ id: 'n', type: 'Gone', inputs: { a: 1, b: 'x' } }, { linkedInputs: ['image', 'a'], linkedOutputs: ['OUT'] })
  assert.equal(missing.missing, true)
  assert.deepEqual(missing.outputs.map(({ name, ghost }) => [name, ghost]), [['OUT', true]])
  assert.deepEqual(missing.inputs.map(({ name }) => name).sort(), ['a', 'b', 'image'])
  const renamed = layoutOf({ id: 'n', type: 'VAEDecode' }, { linkedInputs: ['old_name'] })
  assert.deepEqual(renamed.inputs.at(-1).name, 'old_name')
})

test('a folded node has a header and keeps its sockets', () => {
  const layout = layoutOf({ id: 'n', type: 'KSampler', collapsed: true })
  assert.equal(layout.height, HEADER)
  assert.equal(layout.inputs.length, 10)
  assert.deepEqual(layout.widgets, [])
})

test('the strip shows every picture side by side', () => {
  const cells = stripCells({ x: 8, y: 0, width: 200, height: 48 }, 7)
  assert.equal(cells.length, 7)
  assert.ok(cells.at(-1).x + cells.at(-1).width <= 208.01)
})

test('the pointer finds sockets, widgets, headers, corners, wires and the canvas', () => {
  const place = (id, x, y) => {
    const node = workflowJSON.nodes.find((candidate) => candidate.id === id)
    return { id, x, y, layout: layoutOf(node, id === 'save' ? { picture: { aspect: 1, count: 3 } } : {}) }
  }
  const sampler = place('sampler', 100, 100)
  const save = place('save', 600, 100)
  const curve = linkCurve([348, 154], [600, 154])
  const placed = { nodes: [sampler, save], links: [{ id: 'wire', curves: [curve] }] }
  const at = (x, y) => hitTest(placed, x, y, { socket: 10, link: 6 })
  const [model] = sampler.layout.inputs
  assert.deepEqual(at(100 + model.x - 4, 100 + model.y), { kind: 'socket', node: 'sampler', socket: model })
  const seed = sampler.layout.widgets[0]
  assert.deepEqual(at(100 + seed.rect.x + 50, 100 + seed.rect.y + 9), { kind: 'widget', node: 'sampler', input: 'seed', x: 50, y: 9 })
  assert.deepEqual(at(160, 110), { kind: 'header', node: 'sampler' })
  assert.deepEqual(at(110, 110), { kind: 'collapse', node: 'sampler' })
  assert.deepEqual(at(100 + sampler.layout.width - 3, 100 + sampler.layout.height - 3), { kind: 'resize', node: 'sampler' })
  assert.deepEqual(at(600 + save.layout.picture.x + 9, 100 + save.layout.picture.y + 9), { kind: 'picture', node: 'save', index: null })
  assert.deepEqual(at(600 + save.layout.strip.x + 60, 100 + save.layout.strip.y + 9), { kind: 'picture', node: 'save', index: 1 })
  assert.deepEqual(at(...pointOn(curve, 0.5)), { kind: 'link', id: 'wire' })
  assert.deepEqual(at(10, 10), { kind: 'canvas' })
  assert.equal(hitTest({ nodes: [sampler, place('decode', 120, 105)], links: [] }, 170, 112, { socket: 10, link: 6 }).node, 'decode')
})

test('a wire runs from its output to its input within its bounds', () => {
  for (const [from, to] of [[[0, 0], [300, 80]], [[0, 0], [-300, 80]], [[5, 5], [6, 400]], [[0, 0], [0, 0]]]) {
    const curve = linkCurve(from, to)
    close(pointOn(curve, 0), from)
    close(pointOn(curve, 1), to)
    const bounds = curveBounds(curve)
    for (let t = 0; t <= 1; t += 0.05) {
      const [x, y] = pointOn(curve, t)
      assert.ok(x >= bounds.x - 1e-9 && x <= bounds.x + bounds.width + 1e-9 && y >= bounds.y - 1e-9 && y <= bounds.y + bounds.height + 1e-9)
      assert.ok(distanceTo(curve, x, y) < 3)
    }
    assert.ok(curve.c1x > from[0] || curve.c1x === from[0])
  }
})

test('only what the view touches is drawn, in three levels of detail', () => {
  const items = [{ x: 0, y: 0, width: 10, height: 10 }, { x: 100, y: 0, width: 10, height: 10 }]
  const bounds = new Bounds(items)
  assert.deepEqual(bounds.touching(items, { x: 5, y: 5, width: 20, height: 20 }), [items[0]])
  assert.deepEqual(bounds.touching(items, { x: 10, y: 10, width: 90, height: 20 }), items)
  bounds.put(0, { ...items[0], y: 40 })
  assert.deepEqual(bounds.touching(items, { x: 5, y: 5, width: 20, height: 20 }), [])
  assert.deepEqual([1, 0.4, 0.1].map(detailAt), ['full', 'shapes', 'blocks'])
})

test('an output feeds its own type, what converts, and anything that takes all', () => {
  const fits = (from, to, fromList = false, toList = false) => feeds(catalog, { type: from, list: fromList }, { type: to, list: toList })
  assert.equal(fits('IMAGE', 'IMAGE'), true)
  assert.equal(fits('INT', 'FLOAT'), true)
  assert.equal(fits('FLOAT', 'INT'), false)
  assert.equal(fits('MODEL', 'ANY'), true)
  assert.equal(fits('MASK', 'LATENT|MASK'), true)
  assert.equal(fits('LATENT|MASK', 'MASK'), false)
  assert.equal(fits('CLIP', 'VAE'), false)
  assert.equal(fits('ANY', 'FILE'), false)
  assert.deepEqual([fits('IMAGE', 'IMAGE', true, false), fits('IMAGE', 'IMAGE', false, true), fits('IMAGE', 'IMAGE', true, true)], [true, true, true])
  assert.deepEqual([fits('INT', 'FLOAT', true, false), fits('IMAGE', 'CLIP', true, false), fits('ANY', 'FILE', true, false)], [true, false, false])
  const scores = [[true, true], [true, false]].map(([from, to]) => flowScore(catalog, { type: 'IMAGE', list: from }, { type: 'IMAGE', list: to }))
  assert.ok(scores[0] > scores[1] && scores[1] > 0) // a list goes to a list rather than item by item
})

test('the best socket is the free, the named and the required one', () => {
  const sampler = catalog.nodes.get('KSampler')
  const wire = (over) => ({ kind: 'output', node: 'prompt', socket: 'CONDITIONING', type: 'CONDITIONING', ...over })
  assert.equal(bestSocket(catalog, sampler, wire()).name, 'positive')
  assert.equal(bestSocket(catalog, sampler, wire(), (name) => name === 'positive').name, 'negative')
  assert.equal(bestSocket(catalog, sampler, wire({ hint: 'Negative prompt' })).name, 'negative')
  assert.equal(bestSocket(catalog, sampler, wire({ type: 'LATENT', socket: 'LATENT' })).name, 'latent_image')
  assert.equal(bestSocket(catalog, sampler, wire({ type: 'IMAGE' })), null)
  assert.equal(bestSocket(catalog, catalog.nodes.get('CheckpointLoaderSimple'), { kind: 'input', node: 'x', socket: 'clip', type: 'CLIP' }).name, 'CLIP')
})

test('node types that take a wire are ranked, others left out', () => {
  const names = rankNodeTypes(catalog, { kind: 'output', node: 'decode', socket: 'IMAGE', type: 'IMAGE' }).map(({ type }) => type.id)
  assert.deepEqual(new Set(names), new Set(['SaveImage', 'PreviewImage', 'ImageScaleBy', 'ImageBatch']))
  assert.equal(names.includes('KSampler'), false)
  assert.equal(rankNodeTypes(catalog, { kind: 'input', node: 's', socket: 'model', type: 'MODEL' })[0].type.id, 'CheckpointLoaderSimple')
})

test('what usually stands at the end of a wire comes first, trials and what is outdated last', () => {
  const first = (kind, type, socket = type) => rankNodeTypes(catalog, { kind, node: 'x', socket, type }).map((each) => each.type.id)
  assert.equal(first('output', 'LATENT')[0], 'VAEDecode')
  assert.equal(first('input', 'CONDITIONING', 'positive')[0], 'CLIPTextEncode')
  assert.deepEqual(first('output', 'IMAGE').slice(0, 2), ['SaveImage', 'PreviewImage'])
  const like = (id, over) => [id, { ...catalog.nodes.get('VAEDecode'), id, title: id, ...over }]
  const more = { ...catalog, nodes: new Map([like('A', { category: '_for_testing' }), like('B', { title: 'B (DEPRECATED)' }), like('C', { category: 'latent/advanced' }), like('Z', {}), ...catalog.nodes]) }
  const ranked = rankNodeTypes(more, { kind: 'output', node: 'x', socket: 'LATENT', type: 'LATENT' }).map((each) => each.type.id)
  assert.deepEqual([ranked[0], ...ranked.filter((id) => /^[ABCZ]$/.test(id))], ['VAEDecode', 'Z', 'C', 'A', 'B'])
})

test('dragged nodes line up with neighbours, else with the grid', () => {
  const moved = { x: 103, y: 331, width: 100, height: 50 }
  const snap = snapToNeighbours(moved, [{ x: 100, y: 0, width: 100, height: 50 }], 8)
  assert.deepEqual([snap.dx, snap.dy], [-3, 5])
  assert.deepEqual(snap.guides, [{ axis: 'x', at: 200, from: 0, to: 381 }].map((guide) => ({ ...guide, at: snap.guides[0].at })))
})

test('what is reachable ends a circle before it begins', () => {
  const down = { a: ['b'], b: ['c'], c: ['a'], d: ['a'] }
  const edges = (id) => (down[id] ?? []).map((to) => ({ from: [id, 'o'], to: [to, 'i'] }))
  assert.deepEqual(reachable('d', 'down', edges), new Set(['d', 'a', 'b', 'c']))
  assert.deepEqual(reachable(['b', 'c'], 'down', edges), new Set(['b', 'c', ...reachable('b', 'down', edges), ...reachable('c', 'down', edges)]), 'of several, all that any reaches')
})

test('an arrangement puts every node right of what feeds it, none over another', () => {
  const size = { width: 200, height: 100 }
  const positions = arrange(workflowJSON.nodes, workflowJSON.links, () => size)
  assert.equal(positions.size, workflowJSON.nodes.length)
  for (const { from, to } of workflowJSON.links) assert.ok(positions.get(to[0])[0] >= positions.get(from[0])[0] + size.width)
  assert.equal(new Set([...positions.values()].map(String)).size, positions.size)
  const edge = (from, to) => ({ from: [from, 'o'], to: [to, 'i'] })
  const circle = arrange(['a', 'b', 'c'].map((id) => ({ id })), [edge('a', 'b'), edge('b', 'a'), edge('b', 'b'), edge('b', 'c')], () => size)
  assert.deepEqual([...circle.values()].map(([x]) => x), [0, 272, 544], 'of a circle one wire does not count')
  const long = Array.from({ length: 3000 }, (_, place) => `n${place}`)
  const chain = arrange(long.toReversed().map((id) => ({ id })), long.slice(1).map((id, place) => edge(long[place], id)), () => size)
  assert.deepEqual(long.map((id) => chain.get(id)), long.map((_, place) => [place * 272, 0]))
})

test('a wheel zooms, two fingers pan, a pinch zooms', () => {
  const wheel = (over) => ({ deltaX: 0, deltaY: 0, deltaMode: 0, ctrlKey: false, shiftKey: false, time: 0, ...over })
  const read = createWheelReader()
  assert.equal(read(wheel({ deltaY: 120, time: 0 })).kind, 'zoom')
  assert.equal(read(wheel({ deltaY: 3, time: 1000 })).kind, 'pan')
  assert.equal(read(wheel({ deltaY: 80, time: 1050 })).kind, 'pan')
  assert.equal(read(wheel({ deltaY: -120, time: 3000 })).kind, 'zoom')
  assert.ok(read(wheel({ deltaY: -120, time: 3010 })).factor > 1)
  assert.equal(read(wheel({ deltaX: 4, deltaY: 1, time: 9000 })).kind, 'pan')
  assert.equal(read(wheel({ deltaY: -2, ctrlKey: true, time: 9999 })).kind, 'zoom')
  assert.equal(read(wheel({ deltaY: 3, deltaMode: 1, time: 20000 })).kind, 'zoom')
})

test('text breaks at spaces, long words anywhere, and keeps its own lines', () => {
  const measure = (text) => text.length
  assert.deepEqual(wrapText('a red apple on blue', 8, measure), ['a red', 'apple on', 'blue'])
  assert.deepEqual(wrapText('one\n\ntwo', 8, measure), ['one', '', 'two'])
  assert.deepEqual(wrapText('abcdefghij', 4, measure), ['abcd', 'efgh', 'ij'])
  assert.deepEqual(wrapText('a b c d', 1, measure, 2), ['a', '…'])
  assert.deepEqual(wrapText('', 5, measure), [''])
  assert.deepEqual(wrapText('red 苹果、香蕉（很甜）。好', 5, measure), ['red 苹', '果、香蕉', '（很甜）。', '好'])
  assert.deepEqual(wrapText('press “Run” now', 8, measure), ['press', '“Run”', 'now'])
  assert.deepEqual(wrapText('😀😀😀', 3, measure), ['😀', '😀', '😀'])
})

test('what shall not overlap lies as near to where it wants to be as that allows', () => {
  const tops = (...wishes) => settle(wishes.map((wish) => ({ wish, height: 90 })), 10)
  assert.deepEqual(tops(0, 100, 300), [0, 100, 300])
  assert.deepEqual(tops(0, 50, 300), [-25, 75, 300])
  assert.deepEqual(tops(200, 0), [50, 150])
  assert.deepEqual(tops(0, 0, 0, 500), [-100, 0, 100, 500])
  assert.deepEqual(tops(), [])
})

test('an arrangement keeps what feeds one thing only level with it', () => {
  const names = ['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'end', 'loader']
  const edges = [1, 2, 3].flatMap((place) => [[`a${place}`, `b${place}`], ['loader', `b${place}`], [`b${place}`, 'end']]).map(([from, to]) => ({ from: [from, 'o'], to: [to, 'i'] }))
  const size = (id) => ({ width: 200, height: id.startsWith('b') ? 300 : 100 })
  const positions = arrange(names.map((id) => ({ id })), edges, size)
  const [, y] = positions.get('b2')
  assert.equal(positions.get('end')[1], y, 'what takes all three stands level with the middle one')
  const rows = [1, 2, 3].map((place) => positions.get(`b${place}`)[1])
  assert.deepEqual(rows.map((row) => row - rows[0]), [0, 340, 680])
})

test('a picture gives way to what stands below its node, down to a least height', () => {
  const node = { id: 'save', type: 'SaveImage', inputs: {} }
  const height = (room, count = 1) => layoutNode(node, { type: catalog.nodes.get('SaveImage'), linkedInputs: [], linkedOutputs: [], picture: { aspect: 1, count, room } })
  const natural = height(Infinity)
  assert.deepEqual(height(natural.height), natural)
  assert.equal(height(natural.height - 60).height, natural.height - 60)
  assert.equal(height(natural.height - 60, 3).height, natural.height - 60)
  assert.deepEqual([height(60).picture.height, height(-500).picture.height], [72, 72])
})

test('a picture without room below lies beside the sockets of its node, which grows by nothing', () => {
  const node = { id: 'sampler', type: 'KSampler', inputs: {} }
  const layout = (picture, more = {}) => layoutNode({ ...node, ...more }, { type: catalog.nodes.get('KSampler'), linkedInputs: [], linkedOutputs: [], picture })
  const bare = layout(null)
  const tight = layout({ aspect: 1, count: 1, room: bare.height + 40 })
  assert.equal(tight.height, bare.height)
  const { x, y, width, height } = tight.picture
  const [output] = tight.outputs
  assert.ok(y >= output.y + 12 && y + height <= tight.widgets[0].rect.y && x > tight.width / 2 && x + width < tight.width, JSON.stringify(tight.picture))
  assert.equal(layout({ aspect: 1, count: 1, room: bare.height + 140 }).height, bare.height + 140)
  assert.ok(layout({ aspect: 1, count: 1, room: bare.height + 40 }, { open: true }).picture.y > y, 'what is drawn open keeps its place')
  const texts = (size) => layout({ aspect: 1, count: 1, room: bare.height + 40 }, { size }).picture
  assert.deepEqual(texts([tight.width, bare.height + 300]), tight.picture)
})
