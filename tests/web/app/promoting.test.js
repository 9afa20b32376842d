import assert from 'node:assert/strict'
import { test } from 'node:test'
import { promoteRows, showInForm } from '../../../web/app/promoting.js'
import { indexCatalog } from '../../../web/document/catalog.js'
import { makeSubgraph } from '../../../web/document/make_subgraph.js'
import { formFields } from '../../../web/document/parameters.js'
import { Store } from '../../../web/document/store.js'
import { documentCatalog } from '../../../web/document/subgraphs.js'
import { catalogJSON, workflowJSON } from '../fixtures/text_to_image.js'

const open = () => {
  const store = new Store({ ...workflowJSON, parameters: [] })
  const catalog = documentCatalog(indexCatalog(catalogJSON), store)
  return { store, catalog, inner: makeSubgraph(store, catalog, { nodes: ['sampler'] }) }
}
const rows = (app, node, input) => promoteRows(app, node, input, [0, 0]).map((row) => (row === 'line' ? row : `${row.label}${row.enabled ? '' : ' (off)'}`))

test('an input in a sub-graph offers to become one of it, and what the root\'s inputs offer', () => {
  const app = open()
  assert.deepEqual(rows(app, 'latent', 'width'), [])
  app.store.enter(app.inner)
  assert.deepEqual(rows(app, 'sampler', 'sampler_name'), ['Make it an input of the sub-graph', 'Show in the form', 'Sweep sampler name…', 'line'])
  assert.deepEqual(rows(app, 'sampler', 'model'), ['Make it an input of the sub-graph (off)', 'line'])
  assert.deepEqual(rows(app, '@out', 'LATENT'), [])
})

test('a value in a sub-graph comes into the form in one step', () => {
  const app = open()
  app.store.enter(app.inner)
  const before = app.store.toJSON()
  showInForm(app, 'sampler', 'sampler_name', 'sampler name')
  assert.deepEqual(formFields(app.store, app.catalog).map(({ node, input, label }) => [node.id, input.name, label, input.widget.default]), [['subgraph', 'sampler_name', 'sampler name', 'dpmpp_2m']])
  assert.equal(app.store.current, 'subgraph')
  app.store.undo()
  assert.deepEqual(app.store.toJSON(), before)
})
