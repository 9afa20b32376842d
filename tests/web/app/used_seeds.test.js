// The seeds of the last run, as fields show them; what fetches past runs is answered here.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsedSeeds } from '../../../web/app/used_seeds.js'
import { scopeOverlay } from '../../../web/canvas/scopes.js'
import { emptyOverlay } from '../../../web/canvas/overlay_types.js'
import { indexCatalog } from '../../../web/document/catalog.js'
import { setInput } from '../../../web/document/edits.js'
import { makeSubgraph } from '../../../web/document/make_subgraph.js'
import { Store } from '../../../web/document/store.js'
import { documentCatalog } from '../../../web/document/subgraphs.js'
import { usedText } from '../../../web/widgets/seed.js'
import { catalogJSON, workflowJSON } from '../fixtures/text_to_image.js'

const documents = new Map()
let asked = 0
globalThis.fetch = async (url) => {
  asked += 1
  return new Response(JSON.stringify({ document: documents.get(decodeURIComponent(url.split('/').at(-1))) }), { status: 200 })
}

const opened = () => {
  const store = new Store(workflowJSON)
  const catalog = documentCatalog({ ...indexCatalog(catalogJSON), renames: new Map() }, store)
  const session = { runs: new Map() }
  const ran = (...steps) => {
    const id = crypto.randomUUID()
    documents.set(id, store.toJSON())
    session.runs.set(id, { id, seq: session.runs.size, status: 'succeeded', client: 'editor:open', steps: new Map(steps.map((step) => [step, {}])) })
  }
  return { store, catalog, ran, app: { store, catalog, session, documentId: 'open', shownRun: null } }
}

test('a field knows what its seed was in the last run that had its node, asked for once a run', async () => {
  const { app, store, ran } = opened()
  let changes = 0
  const used = new UsedSeeds(app, () => { changes += 1 })
  await used.update()
  assert.deepEqual([used.of('sampler', 'seed'), changes], [undefined, 0])
  setInput(store, 'sampler', 'seed', 7)
  ran('loader', 'sampler')
  setInput(store, 'sampler', 'seed', 8)
  await used.update()
  assert.deepEqual([used.of('sampler', 'seed'), used.of('sampler', 'steps'), changes], [7, undefined, 1])
  const before = asked
  await used.update()
  assert.deepEqual([asked, changes], [before, 1])
  ran('loader')
  await used.update()
  assert.equal(used.of('sampler', 'seed'), 7, 'the last run did not have it')
})

test('an instance has the seed that it had when what is in it ran, and what stands in one is asked for by the way to it', async () => {
  const { app, store, catalog, ran } = opened()
  const instance = makeSubgraph(store, catalog, { nodes: ['sampler'] })
  setInput(store, instance, 'seed', 5)
  ran(`${instance}/sampler`)
  const used = new UsedSeeds(app, () => {})
  await used.update()
  assert.equal(used.of(instance, 'seed'), 5)
  const inner = scopeOverlay({ ...emptyOverlay(), used: (node, input) => `${node} ${input}` }, `${instance}/`, () => true)
  assert.equal(inner.used('sampler', 'seed'), `${instance}/sampler seed`)
})

test('only another number than the field\'s is shown', () => {
  const widget = { kind: 'seed', default: 0, min: 0 }
  assert.deepEqual([7, 8, undefined, { sweep: [1, 2] }].map((used) => usedText({ widget, value: 8, used })), ['7', '', '', ''])
})
