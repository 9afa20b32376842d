import assert from 'node:assert/strict'
import { test } from 'node:test'
import { titleOfAddress, titleOfStored } from '../../../web/app/subgraphs.js'
import { indexCatalog } from '../../../web/document/catalog.js'
import { makeSubgraph } from '../../../web/document/make_subgraph.js'
import { Store } from '../../../web/document/store.js'
import { documentCatalog } from '../../../web/document/subgraphs.js'
import { catalogJSON, workflowJSON } from '../fixtures/text_to_image.js'

test('a node in a sub-graph is called by both titles, whether a run or a difference of documents names it', () => {
  const store = new Store(workflowJSON)
  const catalog = documentCatalog(indexCatalog(catalogJSON), store)
  const id = makeSubgraph(store, catalog, { nodes: ['sampler'] })
  const app = { store, catalog }
  assert.deepEqual([`${id}/sampler`, 'loader', 'gone/x'].map((address) => titleOfAddress(app, address)), ['Sub-graph › KSampler', 'Load checkpoint', 'gone/x'])
  store.edit('Delete', (tx) => tx.put('subgraphs', { id: 'spare', title: 'Spare' }))
  store.edit('Add', () => store.within('spare', () => store.edit('Add', (tx) => tx.put('nodes', { id: 'a', type: 'KSampler' }))))
  assert.deepEqual(titleOfAddress(app, '@spare/a'), 'Spare › KSampler')
  assert.deepEqual(['@subgraph/sampler', '@subgraph', 'loader', '@subgraph/gone', '@gone/sampler', 'gone'].map((name) => titleOfStored(app, name)),
    ['Sub-graph › KSampler', 'Sub-graph', 'Load checkpoint', 'Sub-graph › gone', 'gone › sampler', 'gone'])
})
