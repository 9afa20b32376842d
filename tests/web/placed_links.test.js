// Which wires the scene leads anew, in plain Node.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Scene } from '../../web/canvas/scene.js'
import { indexCatalog } from '../../web/document/catalog.js'
import { deleteSelection, moveNodes } from '../../web/document/edits.js'
import { Store } from '../../web/document/store.js'
import { encloses } from '../../web/kernels/geometry.js'
import { routeBounds, routeCurves, routeExtent } from '../../web/kernels/routes.js'
import { catalogJSON, workflowJSON } from './fixtures/text_to_image.js'

const made = () => {
  const store = new Store(workflowJSON)
  const scene = new Scene(store, indexCatalog(catalogJSON))
  store.subscribe(() => scene.touch())
  return { store, scene }
}

test('of a moved node only its wires are led anew, and the others are the same objects', () => {
  const { store, scene } = made()
  const before = scene.links
  scene.touch()
  assert.equal(scene.links, before)
  moveNodes(store, ['latent'], 40, 8)
  const changed = scene.links.filter((placed, place) => placed !== before[place]).map(({ link }) => link.from.concat(link.to).join(' '))
  assert.deepEqual(changed, ['latent LATENT sampler latent_image'])
  const moved = scene.links.find(({ link }) => link.from[0] === 'latent')
  assert.deepEqual([moved.curves[0].x1, moved.curves[0].y1], scene.socketPoint('latent', 'output', 'LATENT'))
  assert.equal(scene.link(moved.id), moved)
})

test('a wire of an output that gives a list says so', () => {
  const catalog = indexCatalog({ ...catalogJSON, nodes: catalogJSON.nodes.map((type) => (type.id === 'VAEDecode' ? { ...type, outputs: [{ name: 'IMAGE', type: 'IMAGE', list: true }] } : type)) })
  const scene = new Scene(new Store(workflowJSON), catalog)
  assert.deepEqual(scene.links.filter(({ list }) => list).map(({ link }) => link.from[0]), ['decode', 'decode'])
})

test('a wire whose node went, came back or lost its socket is drawn no longer, or again', () => {
  const { store, scene } = made()
  const all = scene.links.length
  store.edit('lose the node alone', (tx) => tx.remove('nodes', 'latent'))
  assert.equal(scene.links.length, all - 1)
  store.undo()
  assert.equal(scene.links.length, all)
  deleteSelection(store, { nodes: ['loader'], links: [] })
  assert.equal(scene.links.length, all - 4)
  scene.setLinkStyle('straight')
  assert.deepEqual(scene.links.map(({ curves }) => curves.length), scene.links.map(() => 1))
})

test('the extent of a way holds its curves, forwards, backwards and through points', () => {
  for (const [ends, via] of [[[0, 0, 300, 40], []], [[0, 0, 10, 400], []], [[300, 0, -200, 60], []], [[0, 0, 300, 40], [[-90, 80], [500, -30]]]]) {
    const [x1, y1, x2, y2] = ends
    const extent = routeExtent({ x1, y1, x2, y2 }, via)
    for (const style of ['curved', 'stepped', 'straight']) assert.ok(encloses(extent, routeBounds(routeCurves([x1, y1], via, [x2, y2], style))), `${ends} ${style}`)
  }
})

test('in a large graph an edit places anew what it changed, and what came by other ways is seen all the same', () => {
  const nodes = Array.from({ length: 500 }, (_, index) => ({ id: `n${index}`, type: 'SaveImage', position: [0, index * 100], inputs: {} }))
  const store = new Store({ ...workflowJSON, nodes, links: [], frames: [] })
  const scene = new Scene(store, indexCatalog(catalogJSON))
  store.subscribe(() => scene.touch({ onlyRecords: true }))
  const before = scene.nodes
  moveNodes(store, ['n3'], 10, 0)
  assert.deepEqual(scene.nodes.flatMap((placed, place) => (placed === before[place] ? [] : [placed.id])), ['n3'])
  const height = scene.node('n4').height
  scene.setOverlay({ nodes: new Map([['n4', { run: 'done', pictures: [{ url: 'a', width: 100, height: 300 }] }]]), problems: [] })
  assert.ok(scene.node('n4').height > height)
  scene.touch()
  moveNodes(store, ['n5'], 10, 0)
  scene.setShifts(new Map([['n6', [7, 0]]]), 1)
  assert.deepEqual([scene.node('n5').x, scene.node('n6').x], [10, 7])
  scene.setShifts(new Map(), 0)
  assert.equal(scene.node('n6').x, 0)
})
