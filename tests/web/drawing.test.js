// How nodes are drawn and held, in plain Node: pinned, compact, in line with even gaps; and what hangs together.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addFrame, placeAnnotations } from '../../web/document/annotations.js'
import { indexCatalog, valueOf } from '../../web/document/catalog.js'
import { duplicate } from '../../web/document/clipboard.js'
import { arePinned, setCompact, setPinned } from '../../web/document/drawing.js'
import { addNode, moveNodes, placeNodes } from '../../web/document/edits.js'
import { Store } from '../../web/document/store.js'
import { keepView, keptView } from '../../web/document/views.js'
import { aligned } from '../../web/kernels/align.js'
import { cameraBetween, toScreen, toWorld } from '../../web/kernels/geometry.js'
import { connected } from '../../web/kernels/graph_walk.js'
import { hitTest } from '../../web/kernels/hit_test.js'
import { layoutNode } from '../../web/kernels/layout.js'
import { snapToNeighbours } from '../../web/kernels/snapping.js'
import { choiceText } from '../../web/widgets/choice.js'
import { catalogJSON, workflowJSON } from './fixtures/text_to_image.js'

const catalog = indexCatalog(catalogJSON)

test('what is pinned is not moved, its copy is, and neither leaves a trace in results', () => {
  const store = new Store(workflowJSON)
  const start = store.toJSON()
  const heard = []
  store.subscribe(({ affectsResult }) => heard.push(affectsResult))
  const frame = addFrame(store, { x: 0, y: 0, width: 100, height: 100 })
  setPinned(store, { nodes: ['sampler'], annotations: [frame] }, true)
  const pinned = store.toJSON()
  assert.ok(arePinned(store, { nodes: ['sampler'], annotations: [frame] }))
  assert.ok(!arePinned(store, { nodes: ['sampler', 'loader'], annotations: [frame] }))
  assert.ok(!arePinned(store, { nodes: ['sampler'], annotations: [frame, addFrame(store, { x: 900, y: 0, width: 9, height: 9 })] }))
  store.undo()
  moveNodes(store, ['sampler'], 50, 0)
  placeNodes(store, new Map([['sampler', [0, 0]]]))
  placeAnnotations(store, new Map([[frame, [500, 0]]]))
  assert.deepEqual(store.toJSON(), pinned)
  assert.ok(heard.every((affects) => !affects))
  const { nodes: [copy] } = duplicate(store, { nodes: ['sampler'] })
  assert.equal(store.node(copy).pinned, undefined)
  store.undo()
  setPinned(store, { nodes: ['sampler'], annotations: [frame] }, false)
  store.goTo(0)
  assert.deepEqual(store.toJSON(), start)
})

test('a compact node shows what is linked, what must be and values other than the usual, and says how much is hidden', () => {
  const type = catalog.nodes.get('KSampler')
  const node = { id: 'n', type: 'KSampler', compact: true, inputs: { steps: 20, cfg: 9, seed: 0, sampler_name: 'euler' } }
  const layout = layoutNode(node, { type, linkedInputs: ['model', 'denoise'], linkedOutputs: [], picture: null })
  assert.deepEqual(layout.inputs.map(({ name }) => name), ['model', 'positive', 'negative', 'latent_image', 'cfg', 'denoise'])
  assert.deepEqual(layout.widgets.map(({ input }) => input.name), ['cfg', 'denoise'])
  assert.deepEqual([layout.outputs, layout.more.count], [[], 5])
  assert.equal(layoutNode({ ...node, size: [280, 900] }, { type, linkedInputs: ['model', 'denoise'], linkedOutputs: [], picture: null }).height, layout.height)
  assert.ok(layout.more.rect.y + layout.more.rect.height <= layout.height)
  const hit = hitTest({ nodes: [{ id: 'n', x: 0, y: 0, layout }], links: [] }, 40, layout.more.rect.y + 6, { socket: 5, link: 4 })
  assert.deepEqual(hit, { kind: 'more', node: 'n' })
  assert.equal(layoutNode({ ...node, compact: undefined }, { type, linkedInputs: [], linkedOutputs: [], picture: null }).more, null)
  const store = new Store(workflowJSON)
  setCompact(store, ['sampler'], true)
  setCompact(store, ['sampler'], false)
  assert.deepEqual(store.toJSON(), new Store(workflowJSON).toJSON())
})

test('a file that nobody has chosen is shown as not chosen, by a compact node too; a new node gets the first', () => {
  const type = catalog.nodes.get('LoadImage')
  const [image] = type.inputs
  const store = new Store(workflowJSON)
  const fresh = store.node(addNode(store, catalog, { type: 'LoadImage', position: [0, 0] }))
  assert.deepEqual([{ inputs: {} }, { inputs: { image: null } }, fresh].map((node) => valueOf(node, image)), [null, null, 'example.png'])
  assert.equal(choiceText(valueOf({}, image)), 'Choose …')
  const widgets = (inputs) => layoutNode({ id: 'n', type: 'LoadImage', compact: true, inputs }, { type, linkedInputs: [], linkedOutputs: [], picture: null }).widgets.length
  assert.deepEqual([widgets({}), widgets(fresh.inputs)], [1, 0])
})

test('a dragged node finds the gap that its neighbours have, and the middle between two', () => {
  const at = (x, y) => ({ x, y, width: 100, height: 50 })
  const row = [at(0, 3), at(150, 7)]
  const after = snapToNeighbours(at(296, 5), row, 8)
  assert.equal(after.dx, 4)
  assert.deepEqual(after.guides.filter(({ isGap }) => isGap), [
    { axis: 'x', at: 30, from: 100, to: 150, isGap: true }, { axis: 'x', at: 30, from: 250, to: 300, isGap: true },
  ])
  assert.equal(snapToNeighbours(at(-155, 5), row, 8).dx, 5)
  const between = snapToNeighbours(at(203, 5), [at(0, 3), at(400, 7)], 8)
  assert.deepEqual([between.dx, between.guides.filter(({ isGap }) => isGap).map(({ from, to }) => to - from)], [-3, [100, 100]])
  assert.deepEqual(snapToNeighbours(at(296, 500), row, 8).guides.filter(({ isGap }) => isGap), [])
})

test('all that hangs together is found along wires of any direction', () => {
  const store = new Store(workflowJSON)
  store.edit('alone', (tx) => tx.put('nodes', { id: 'alone', type: 'LoadImage' }))
  const edges = (id) => [...store.linksTo(id), ...store.linksFrom(id)]
  assert.deepEqual([...connected(['scale'], edges)].sort(), workflowJSON.nodes.map(({ id }) => id).sort())
  assert.deepEqual([...connected(['alone'], edges)], ['alone'])
})

test('on a flight the middle of the screen moves evenly, and it ends exactly', () => {
  const [a, b, middle] = [{ x: 0, y: 0, zoom: 1 }, { x: 900, y: -300, zoom: 0.25 }, [400, 300]]
  assert.equal(cameraBetween(a, b, 1, middle), b)
  const half = cameraBetween(a, b, 0.5, middle)
  assert.equal(half.zoom, 0.5)
  const [ax, ay] = toWorld(a, middle)
  const [bx, by] = toWorld(b, middle)
  assert.deepEqual(toScreen(half, [(ax + bx) / 2, (ay + by) / 2]), middle)
})

test('a kept view stands in the document beside where one looks, and outlives looking elsewhere', () => {
  const store = new Store(workflowJSON)
  assert.equal(keptView(store, '3'), null)
  keepView(store, '3', { x: 10, y: 20, zoom: 0.5 })
  store.setView({ ...store.view, x: 99, y: 0, zoom: 1 })
  assert.deepEqual(store.toJSON().view, { x: 99, y: 0, zoom: 1, kept: { 3: { x: 10, y: 20, zoom: 0.5 } } })
  assert.deepEqual([keptView(new Store(store.toJSON()), '3'), store.undoLabel], [{ x: 10, y: 20, zoom: 0.5 }, null])
  const odd = new Store({ ...workflowJSON, view: { x: 0, y: 0, zoom: 1, kept: { 1: 'here', 2: { x: 1, y: 2, zoom: 0 } } } })
  assert.deepEqual([keptView(odd, '1'), keptView(odd, '2')], [null, null])
})

test('nodes come into line by their middles', () => {
  const rects = [{ id: 'a', x: 0, y: 0, width: 100, height: 40 }, { id: 'b', x: 50, y: 100, width: 200, height: 80 }]
  assert.deepEqual([...aligned(rects, 'centre')], [['a', [75, 0]], ['b', [25, 100]]])
  assert.deepEqual([...aligned(rects, 'middle')], [['a', [0, 70]], ['b', [50, 50]]])
})
