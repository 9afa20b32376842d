// Portals in plain Node: links drawn as two tags.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fittedPortals, fittedTags } from '../../web/canvas/fitted_tags.js'
import { Scene } from '../../web/canvas/scene.js'
import { indexCatalog } from '../../web/document/catalog.js'
import { connect } from '../../web/document/edits.js'
import { arePortals, portalOf, renamePortal, sameTag, togglePortals } from '../../web/document/portals.js'
import { Store } from '../../web/document/store.js'
import { contains } from '../../web/kernels/geometry.js'
import { hitTest } from '../../web/kernels/hit_test.js'
import { catalogJSON, workflowJSON } from './fixtures/text_to_image.js'

const made = () => {
  const store = new Store(workflowJSON)
  const scene = new Scene(store, indexCatalog(catalogJSON))
  store.subscribe(() => scene.touch())
  const link = (from, to) => store.linksTo(to).find((each) => each.from[0] === from)?.id
  return { store, scene, link }
}
const names = (store) => store.links().map(portalOf)

test('wires of one output share a name, another output has another, and none leaves a trace when drawn as a wire', () => {
  const { store } = made()
  const start = store.toJSON()
  const heard = []
  store.subscribe(({ affectsResult }) => heard.push(affectsResult))
  const ids = store.linksFrom('loader').map(({ id }) => id)
  togglePortals(store, ids)
  assert.deepEqual([ids, store.links().map(({ id }) => id), []].map((some) => arePortals(store, some)), [true, false, false])
  assert.deepEqual(names(store).filter(Boolean), ['model', 'clip', 'clip', 'vae'])
  assert.deepEqual(store.toJSON().links[1], { from: ['loader', 'CLIP'], to: ['prompt', 'clip'], bend: 3, portal: 'clip' })
  renamePortal(store, ids[1], 'words')
  assert.deepEqual(names(store).filter(Boolean), ['model', 'words', 'words', 'vae'])
  assert.deepEqual(sameTag(store, ids[1]).map(({ id }) => id), [ids[1], ids[2]])
  togglePortals(store, ids)
  assert.deepEqual(store.toJSON(), start)
  assert.deepEqual(heard, [false, false, false])
})

test('a second output called alike gets a number, and a wire added to a tag takes its name', () => {
  const { store, link } = made()
  togglePortals(store, [link('prompt', 'sampler')])
  togglePortals(store, [link('negative', 'sampler')])
  assert.deepEqual(names(store).filter(Boolean), ['conditioning', 'conditioning 2'])
  togglePortals(store, [link('loader', 'prompt')])
  renamePortal(store, link('loader', 'prompt'), 'words')
  togglePortals(store, [link('loader', 'negative')])
  assert.equal(portalOf(store.link(link('loader', 'negative'))), 'words')
})

test('what is connected to an output that has only tags gets one too', () => {
  const { store, link } = made()
  togglePortals(store, [link('decode', 'save')])
  const catalog = indexCatalog(catalogJSON)
  store.edit('add', (tx) => tx.put('nodes', { id: 'preview', type: 'PreviewImage', position: [0, 0] }))
  connect(store, catalog, { from: ['decode', 'IMAGE'], to: ['preview', 'images'] })
  assert.equal(portalOf(store.linksTo('preview')[0]), null, 'a wire to the scaler is there as well')
  togglePortals(store, [link('decode', 'scale')])
  store.edit('again', (tx) => tx.remove('links', store.linksTo('preview')[0].id))
  connect(store, catalog, { from: ['decode', 'IMAGE'], to: ['preview', 'images'] })
  assert.equal(portalOf(store.linksTo('preview')[0]), 'image')
})

test('a portal is no wire under the pointer, but two tags', () => {
  const { store, scene, link } = made()
  const id = link('loader', 'decode')
  togglePortals(store, [id])
  const placed = scene.link(id)
  assert.deepEqual([placed.curves, placed.way.length, scene.portals.map((each) => each.id)], [[], 1, [id]])
  const { from, to } = placed.tags
  assert.ok(contains(placed, from.x + 20, from.y + 10) || from.x > placed.x)
  const at = (rect) => hitTest(scene, rect.x + 20, rect.y + 10, { socket: 5, link: 4 })
  assert.deepEqual([at(from), at(to)], [{ kind: 'portal', id, end: 'from' }, { kind: 'portal', id, end: 'to' }])
  store.undo()
  assert.deepEqual([scene.link(id).curves.length, scene.portals], [1, []])
})

test('a tag lies over the node beside it, as a chip that covers little; where there is room it has its name again', () => {
  const { store, scene, link } = made()
  const id = link('loader', 'decode')
  togglePortals(store, [id])
  const tags = () => fittedTags(scene, scene.link(id))
  const move = (position) => store.edit('move', (tx) => tx.put('nodes', { ...store.node('prompt'), position }))
  move([-900, 0])
  const whole = tags()
  assert.deepEqual([whole.from.isChip, whole.to.isChip, whole.to.width], [false, false, scene.link(id).tags.to.width])
  const [x, y] = scene.socketPoint('loader', 'output', 'VAE')
  move([x + 30, y - 60])
  const { from, to } = tags()
  assert.deepEqual([from.isChip, to.isChip, from.width < whole.from.width, from.x > x && from.x < whole.from.x], [true, false, true, true])
  const { nodes, links } = scene
  assert.deepEqual(hitTest({ nodes, links, portals: fittedPortals(scene) }, x + 20, y, { socket: 5, link: 4 }), { kind: 'portal', id, end: 'from' })
  assert.equal(hitTest({ nodes, links, portals: fittedPortals(scene) }, whole.from.x + whole.from.width - 4, y, { socket: 5, link: 4 }).node, 'prompt')
  move([-900, 0])
  assert.deepEqual(tags(), whole)
})
