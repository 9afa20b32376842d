// What comes late, in plain Node: it is written where it was asked for, or not at all.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answering, takingBack } from '../../web/document/answering.js'
import { indexCatalog } from '../../web/document/catalog.js'
import { setInput } from '../../web/document/edits.js'
import { makeSubgraph } from '../../web/document/make_subgraph.js'
import { Store } from '../../web/document/store.js'
import { documentCatalog } from '../../web/document/subgraphs.js'
import { catalogJSON, workflowJSON } from './fixtures/text_to_image.js'

const first = { ...workflowJSON, id: 'first' }
const steps = (store, node = 'sampler') => store.node(node)?.inputs?.steps

test('a late answer is not written into another document that has a node of the same name', () => {
  const store = new Store(first)
  const answer = answering(store)
  const rests = store.suspend()
  store.load({ ...workflowJSON, id: 'second' })
  const before = store.toJSON()
  assert.throws(() => answer(() => setInput(store, 'sampler', 'steps', 99)), /no longer the open one/)
  assert.deepEqual(store.toJSON(), before)
  store.resume(rests)
  answer(() => setInput(store, 'sampler', 'steps', 99))
  assert.equal(steps(store), 99)
})

test('a late answer goes into the graph that it was asked in, and nowhere where that one is gone', () => {
  const store = new Store(first)
  const catalog = documentCatalog(indexCatalog(catalogJSON), store)
  const instance = makeSubgraph(store, catalog, { nodes: ['sampler'] })
  store.enter(instance)
  const answer = answering(store)
  const graph = store.current
  store.goInto([])
  answer(() => setInput(store, 'sampler', 'steps', 99))
  assert.equal(steps(store.graph(graph)), 99)
  store.undo()
  store.undo()
  assert.throws(() => answer(() => setInput(store, 'sampler', 'steps', 7)), /sub-graph is gone/)
  assert.deepEqual(store.toJSON(), new Store(first).toJSON())
})

test('an edit is taken back once, and not where others came since', () => {
  const store = new Store(first)
  const was = steps(store)
  setInput(store, 'sampler', 'steps', 5)
  const back = takingBack(store)
  setInput(store, 'sampler', 'cfg', 3)
  assert.ok(!back())
  assert.deepEqual([steps(store), store.node('sampler').inputs.cfg], [5, 3])
  store.undo()
  assert.deepEqual([back(), steps(store), back()], [true, was, false])
})
