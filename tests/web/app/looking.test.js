import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Looking } from '../../../web/app/looking.js'
import { indexCatalog } from '../../../web/document/catalog.js'
import { Store } from '../../../web/document/store.js'

const catalog = indexCatalog({ nodes: [{ id: 'Two', title: 'Two', category: 'test', inputs: [], outputs: [{ name: 'IMAGE', type: 'IMAGE' }, { name: 'MASK', type: 'MASK' }] }], types: {}, conversions: [], problems: [] })
const make = () => new Store({
  format: 'tessera.workflow', version: 1,
  subgraphs: [{ id: 'refine', inputs: [{ name: 'latent', type: 'LATENT' }], outputs: [{ name: 'picture', type: 'IMAGE' }, { name: 'same', type: 'LATENT' }], nodes: [{ id: 'two', type: 'Two', inputs: {} }],
    links: [{ from: ['two', 'IMAGE'], to: ['@out', 'picture'] }, { from: ['@in', 'latent'], to: ['@out', 'same'] }] }],
  nodes: [{ id: 'two', type: 'Two', inputs: {} }, { id: 'twice', type: '@refine', inputs: {} }], links: [],
})

/** Looking at a document of which these results are known. */
const looking = (results) => {
  const asked = []
  const app = { store: make(), catalog, plan: { results: new Map(Object.entries(results)), schedule: () => {} }, refresh: () => {}, session: {} }
  globalThis.fetch = async (url) => (asked.push(url), new Response(JSON.stringify({ kind: 'image', pictures: 1 }), { status: 200 }))
  return { app, looks: new Looking(() => app, () => {}), asked }
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 5))

test('a value is looked for under the key of the last result, by the place of its output', async () => {
  const { looks, asked } = looking({ two: { key: 'k', old: true } })
  assert.equal(looks.seen('nobody', 'IMAGE'), null)
  assert.deepEqual(looks.seen('two', 'MASK'), { look: null, old: true, picture: null })
  await settled()
  assert.deepEqual(asked, ['/api/v1/values/k?output=1'])
  assert.deepEqual(looks.seen('two', 'MASK').picture, '/api/v1/values/k/picture?output=1&index=0&preview=256')
})

test('what an instance gives lies where a node inside gave it', async () => {
  const { looks, asked } = looking({ 'twice/two': { key: 'inner', old: false } })
  looks.seen('twice', 'picture')
  await settled()
  assert.deepEqual(asked, ['/api/v1/values/inner?output=0'])
  assert.equal(looks.seen('twice', 'same'), null) // It only passes through.
})

test('a branch alone is planned up to its nodes, until they go or it is said again', () => {
  const { looks, app } = looking({})
  looks.setSolo(['two'])
  assert.deepEqual([looks.targets, [...looks.solo]], [['two'], ['two']])
  looks.setSolo(['two'])
  assert.deepEqual([looks.targets, looks.solo], [undefined, null])
  looks.setSolo(['two'])
  app.store.edit('Delete', (tx) => tx.remove('nodes', 'two'))
  assert.equal(looks.targets, undefined)
})

test('of a branch that ends in a sub-graph, what feeds it there and outside takes part, each by its address', () => {
  const { looks } = looking({})
  looks.setSolo(['twice/two'])
  assert.deepEqual([looks.targets, [...looks.solo]], [['twice/two'], ['twice', 'twice/two']])
  looks.setSolo(['twice'])
  assert.deepEqual([...looks.solo], ['twice', 'twice/@in', 'twice/@out', 'twice/two'])
})

test('the viewer has the pictures of the node in the graph that is shown, not of one of the same name elsewhere', async () => {
  const { looks, app } = looking({})
  const asked = []
  app.editor = { picturesOf: (id) => (asked.push(`${app.store.current}:${id}`), []) }
  assert.equal(await looks.bind('A', 'twice/two'), false)
  app.store.enter('twice')
  await looks.view()
  await looks.bind('A', 'two')
  assert.deepEqual(asked, ['refine:two'])
})
