import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexCatalog } from '../../../web/document/catalog.js'
import { findable, rankFound } from '../../../web/panels/find.js'
import { catalogJSON, workflowJSON } from '../fixtures/text_to_image.js'

const entries = workflowJSON.nodes.map((node) => findable(node, indexCatalog(catalogJSON)))
const found = (query) => rankFound(entries, query).map(({ id }) => id)

test('nodes are found by title, then type, then value, each word somewhere', () => {
  assert.deepEqual(found('prompt'), ['prompt', 'negative'])
  assert.deepEqual(found('encode neg'), ['negative'])
  assert.deepEqual(found('EmptyLatentImage'), ['latent'])
  assert.deepEqual(found('karras'), ['sampler'])
  assert.deepEqual(found('apple'), ['prompt', 'save'])
  assert.deepEqual(found('zebra'), [])
  assert.equal(found(' ').length, entries.length)
})

test('a hit in a value says which value', () => {
  const said = (id, query) => entries.find((entry) => entry.id === id).said(query)
  assert.deepEqual([said('sampler', 'karras'), said('prompt', 'brush'), said('prompt', 'zebra'), said('sampler', '')],
    ['scheduler: karras', 'text: …painted with thick brush strokes', 'Encode prompt', 'sampler'])
})

test('a node in a sub-graph is found by that one\'s name too, which is said', () => {
  const inner = findable(workflowJSON.nodes.find(({ id }) => id === 'sampler'), indexCatalog(catalogJSON), { id: 'refine/sampler', place: 'Refine' })
  assert.deepEqual(rankFound([...entries, inner], 'refine').map(({ id }) => id), ['refine/sampler'])
  assert.deepEqual([inner.said('karras'), inner.said('')], ['Refine › scheduler: karras', 'Refine › sampler'])
})
