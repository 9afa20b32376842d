import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexCatalog, valueOf } from '../../web/document/catalog.js'
import { duplicate } from '../../web/document/clipboard.js'
import { setInput } from '../../web/document/edits.js'
import { makeSubgraph } from '../../web/document/make_subgraph.js'
import { canPromote, promoteInput, promoteToRoot } from '../../web/document/promote.js'
import { Store } from '../../web/document/store.js'
import { documentCatalog } from '../../web/document/subgraphs.js'
import { unpackSubgraph } from '../../web/document/unpack_subgraph.js'
import { catalogJSON, workflowJSON } from './fixtures/text_to_image.js'

/** The sampler in a sub-graph, that one with the decoder in another. */
const open = () => {
  const store = new Store({ ...workflowJSON, parameters: [] })
  const catalog = documentCatalog(indexCatalog(catalogJSON), store)
  const inner = makeSubgraph(store, catalog, { nodes: ['sampler'] })
  return { store, catalog, inner }
}
const valueAt = ({ store, catalog }, node, name) => {
  const record = store.node(node)
  return valueOf(record, catalog.nodes.get(record.type).inputs.find((input) => input.name === name))
}

test('an input becomes one of the sub-graph with its value, for every instance, as one undo', () => {
  const bench = open()
  const { store, catalog, inner } = bench
  const { nodes: [copy] } = duplicate(store, { nodes: [inner] })
  store.enter(inner)
  setInput(store, 'sampler', 'cfg', 4.5)
  const [before, { done }] = [store.toJSON(), store.history]
  assert.equal(canPromote(store, 'sampler', 'cfg'), true)
  assert.equal(promoteInput(store, catalog, 'sampler', 'cfg'), 'cfg')
  assert.deepEqual(store.subgraph('subgraph').inputs.at(-1), { name: 'cfg', type: 'FLOAT', default: 4.5 })
  assert.deepEqual(store.linksTo('sampler', 'cfg').map(({ from }) => from), [['@in', 'cfg']])
  assert.deepEqual([canPromote(store, 'sampler', 'cfg'), promoteInput(store, catalog, 'sampler', 'cfg')], [false, null])
  assert.equal(store.history.done, done + 1)
  store.leave()
  assert.deepEqual([valueAt(bench, inner, 'cfg'), valueAt(bench, copy, 'cfg')], [4.5, 4.5])
  setInput(store, copy, 'cfg', 9)
  unpackSubgraph(store, inner)
  assert.equal(store.node('sampler').inputs.cfg, 4.5)
  store.goTo(done)
  assert.deepEqual(store.toJSON(), before)
})

test('what stands for a value by itself is kept too, a sweep stays where it is, and sockets without a value have none', () => {
  const { store, catalog, inner } = open()
  store.enter(inner)
  setInput(store, 'sampler', 'steps', { sweep: [4, 8], axis: 'steps' })
  const socket = (name) => {
    const made = promoteInput(store, catalog, 'sampler', name)
    return store.subgraph('subgraph').inputs.find((each) => each.name === made)
  }
  assert.deepEqual([socket('scheduler'), socket('steps')], [{ name: 'scheduler', type: 'STRING', default: 'karras' }, { name: 'steps', type: 'INT' }])
  assert.deepEqual([promoteInput(store, catalog, 'sampler', 'model'), promoteInput(store, catalog, '@out', 'LATENT'), promoteInput(store, catalog, 'nobody', 'x')], [null, null, null])
})

test('the root has no sub-graph that an input could be of', () => {
  const { store, catalog } = open()
  const { done } = store.history
  assert.deepEqual([canPromote(store, 'latent', 'width'), promoteInput(store, catalog, 'latent', 'width')], [false, null])
  assert.equal(store.history.done, done)
})

test('up to the root it becomes an input of all on the way, as one undo', () => {
  const bench = open()
  const { store, catalog, inner } = bench
  const outer = makeSubgraph(store, catalog, { nodes: [inner, 'decode'] })
  store.enter(outer)
  store.enter(inner)
  const { path } = store
  store.goInto([])
  const [before, { done }] = [store.toJSON(), store.history]
  assert.deepEqual(promoteToRoot(store, catalog, path, 'sampler', 'cfg'), { node: outer, input: 'cfg' })
  assert.equal(valueAt(bench, outer, 'cfg'), workflowJSON.nodes.find(({ id }) => id === 'sampler').inputs.cfg)
  assert.equal(store.history.done, done + 1)
  store.undo()
  assert.deepEqual(store.toJSON(), before)
  assert.equal(promoteToRoot(store, catalog, path, 'sampler', 'model'), null)
  assert.deepEqual(store.toJSON(), before)
})
