import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexCatalog } from '../../web/document/catalog.js'
import { addNode, connect, dissolve, insertOnLink } from '../../web/document/edits.js'
import { Store } from '../../web/document/store.js'
import { linksUnder, roomBefore, roomFor, socketsFor } from '../../web/kernels/insertion.js'
import { linkCurve } from '../../web/kernels/link_path.js'
import { healingLinks, passedInput } from '../../web/kernels/passing.js'
import { catalogJSON, workflowJSON } from './fixtures/text_to_image.js'

const catalog = indexCatalog(catalogJSON)
const linksOf = (store) => store.links().map(({ from, to }) => `${from.join('.')} > ${to.join('.')}`)
const linkBetween = (store, a, b) => store.links().find(({ from, to }) => from[0] === a && to[0] === b)

test('a bypassed node passes its first linked input of the same type', () => {
  const type = { id: 'T', title: 'T', category: '',
    inputs: [{ name: 'a', type: 'IMAGE' }, { name: 'b', type: 'MASK | IMAGE' }, { name: 'c', type: 'IMAGE' }, { name: 'l', type: 'IMAGE', list: true }],
    outputs: [{ name: 'x', type: 'IMAGE' }, { name: 'y', type: 'IMAGE | MASK' }, { name: 'z', type: 'LATENT' }, { name: 'l', type: 'IMAGE', list: true }] }
  const passed = (output, linked) => passedInput(type, output, (input) => linked.includes(input))
  assert.deepEqual(
    [passed('x', ['b', 'c']), passed('x', []), passed('y', ['a', 'b']), passed('z', ['a']), passed('l', ['a', 'l']), passed('none', ['a'])],
    ['c', null, 'b', null, 'l', null])
})

test('a bypassed node passes what its author says', () => {
  const type = { id: 'T', title: 'T', category: '', inputs: [{ name: 'a', type: 'IMAGE' }, { name: 'b', type: 'IMAGE' }],
    outputs: [{ name: 'x', type: 'IMAGE', passes: 'b' }, { name: 'y', type: 'IMAGE', passes: '' }] }
  const passed = (output, linked) => passedInput(type, output, (input) => linked.includes(input))
  assert.deepEqual([passed('x', ['a', 'b']), passed('x', ['a']), passed('y', ['a', 'b'])], ['b', null, null])
})

test('of several inputs a bypassed node passes that of the output\'s name, else of its place among the sockets', () => {
  const inputs = [{ name: 'positive', type: 'C' }, { name: 'strength', type: 'FLOAT', widget: { kind: 'number' } },
    { name: 'negative', type: 'C' }, { name: 'image', type: 'IMAGE' }]
  const passed = (outputs, linked = ['positive', 'negative']) => {
    const type = { id: 'T', title: 'T', category: '', inputs, outputs: outputs.map((name) => ({ name, type: 'C' })) }
    return outputs.map((name) => passedInput(type, name, (input) => linked.includes(input)))
  }
  assert.deepEqual(passed(['positive', 'negative']), ['positive', 'negative'])
  assert.deepEqual(passed(['negative', 'positive']), ['negative', 'positive'])
  assert.deepEqual(passed(['one', 'other']), ['positive', 'negative'])
  assert.deepEqual(passed(['one', 'other'], ['negative']), ['negative', 'negative'])
})

test('deleting a node in the middle keeps the flow, as one undo entry', () => {
  const store = new Store(workflowJSON)
  const before = linksOf(store)
  const scale = 'scale'
  const save = addNode(store, catalog, { type: 'PreviewImage', position: [0, 0] })
  connect(store, catalog, { from: [scale, 'IMAGE'], to: [save, 'images'] })
  const joined = linksOf(store)
  dissolve(store, catalog, { nodes: [scale], links: [] })
  assert.ok(linksOf(store).includes(`decode.IMAGE > ${save}.images`))
  assert.equal(store.undoLabel, 'Delete')
  store.undo()
  assert.deepEqual(linksOf(store), joined)
  dissolve(store, catalog, { nodes: ['sampler'], links: [] })
  assert.ok(linksOf(store).includes('latent.LATENT > decode.samples'))
  store.undo()
  dissolve(store, catalog, { nodes: ['decode'], links: [] })
  assert.equal(linksOf(store).some((link) => link.includes('save')), false)
  assert.equal(before.length, 10)
})

test('a chain of deleted nodes heals across the whole gap, and a circle ends', () => {
  const store = new Store(workflowJSON)
  const second = addNode(store, catalog, { type: 'ImageScaleBy', position: [0, 0] })
  const shown = addNode(store, catalog, { type: 'PreviewImage', position: [0, 0] })
  connect(store, catalog, { from: ['scale', 'IMAGE'], to: [second, 'image'] })
  connect(store, catalog, { from: [second, 'IMAGE'], to: [shown, 'images'] })
  assert.deepEqual(healingLinks(catalog, store, new Set(['scale', second])), [{ from: ['decode', 'IMAGE'], to: [shown, 'images'] }])
  connect(store, catalog, { from: [second, 'IMAGE'], to: ['scale', 'image'] })
  assert.deepEqual(healingLinks(catalog, store, new Set(['scale', second])), [])
})

test('a wire runs through a node by its free sockets that fit', () => {
  const store = new Store(workflowJSON)
  const id = addNode(store, catalog, { type: 'ImageScaleBy', position: [0, 0] })
  const link = linkBetween(store, 'decode', 'save')
  const sockets = socketsFor(catalog, store, id, link)
  assert.deepEqual(sockets, { input: 'image', output: 'IMAGE' })
  assert.equal(socketsFor(catalog, store, id, linkBetween(store, 'sampler', 'decode')), null)
  assert.equal(socketsFor(catalog, store, 'scale', link), null, 'its input is taken')
  assert.equal(socketsFor(catalog, store, 'decode', link), null, 'an end of the wire')
  insertOnLink(store, catalog, id, link.id, sockets)
  assert.deepEqual(linksOf(store).slice(-2), [`decode.IMAGE > ${id}.image`, `${id}.IMAGE > save.images`])
  store.undo()
  assert.ok(linkBetween(store, 'decode', 'save'))
})

test('a node lies on the wire nearest to the pointer, and neighbours make room', () => {
  const wire = (id, y) => ({ id, curves: [linkCurve([0, y], [1000, y])], x: 0, y, width: 1000, height: 0 })
  const node = { x: 400, y: 0, width: 200, height: 100 }
  assert.deepEqual(linksUnder([wire('a', 10), wire('b', 90), wire('c', 140)], node, [500, 80]).map(({ id }) => id), ['b', 'a'])
  const target = { id: 't', x: 620, y: 0, width: 200, height: 100 }
  const rects = { node, source: { x: 100, y: 0, width: 200, height: 100 }, target }
  assert.deepEqual(roomFor(rects, [target, { ...target, id: 'u', x: 900 }, { ...target, id: 'left', x: 0 }]), { dx: 0, moved: ['t', 'u'], by: 28 })
  assert.deepEqual(roomFor({ ...rects, source: { ...rects.source, x: 300 } }, [target]), { dx: 148, moved: ['t'], by: 176 })
  assert.deepEqual(roomFor({ ...rects, target: { ...target, x: 900 } }, []), { dx: 0, moved: [], by: 0 })
  const source = { id: 's', ...rects.source, x: 180 }
  assert.deepEqual(roomBefore({ ...rects, source, target: { ...target, x: 700 } }, [source, { ...source, id: 'r', x: -200 }, { ...source, id: 'right', x: 900 }]), { dx: 0, moved: ['s', 'r'], by: -28 })
})
