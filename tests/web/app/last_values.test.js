import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lastValue } from '../../../web/app/last_values.js'
import { indexCatalog } from '../../../web/document/catalog.js'
import { connect, setInput } from '../../../web/document/edits.js'
import { makeSubgraph } from '../../../web/document/make_subgraph.js'
import { Store } from '../../../web/document/store.js'
import { documentCatalog } from '../../../web/document/subgraphs.js'
import { catalogJSON, workflowJSON } from '../fixtures/text_to_image.js'

/** An open document, and runs of earlier states of it that told of these steps. */
const open = (...runs) => {
  const store = new Store(workflowJSON)
  const catalog = documentCatalog(indexCatalog(catalogJSON), store)
  const id = makeSubgraph(store, catalog, { nodes: ['sampler'] })
  const documents = new Map()
  const session = { runs: new Map(runs.map(({ steps, change = () => {} }, seq) => {
    const then = new Store(store.toJSON())
    change(then, id, catalog)
    const run = crypto.randomUUID()
    documents.set(run, then.toJSON())
    return [run, { id: run, seq, client: 'editor:open', steps: new Map(steps.map((step) => [step, {}])) }]
  })) }
  globalThis.fetch = async (url) => new Response(JSON.stringify({ document: documents.get(decodeURIComponent(url.split('/').at(-1))) }), { status: 200 })
  return { id, app: { store, catalog, session, documentId: 'open', shownRun: null } }
}
const inside = (value) => (then, id) => then.within('subgraph', () => setInput(then, 'sampler', 'steps', value))

test('what an input in a sub-graph had is looked for by the way to it, not in a node of the same name', async () => {
  const { app, id } = open({ steps: ['subgraph/sampler'], change: inside(7) }, { steps: ['sampler'], change: inside(99) })
  assert.equal(await lastValue(app, 'sampler', 'steps'), undefined, 'the root has no sampler any more')
  app.store.enter(id)
  assert.equal(await lastValue(app, 'sampler', 'steps'), 7)
  assert.equal(await lastValue(app, 'sampler', 'seed'), undefined, 'a wire fed it')
  assert.equal(await lastValue(app, 'nobody', 'steps'), undefined)
})

test('an instance has run where what is in it has, and what it left open was what stood inside', async () => {
  const { app, id } = open({ steps: ['subgraph/sampler'], change: (then, node) => setInput(then, node, 'seed', 5) })
  assert.equal(await lastValue(app, id, 'seed'), 5)
  const { app: other, id: unset } = open({ steps: ['subgraph/sampler'], change: (then, node) => {
    then.within('subgraph', () => connect(then, indexCatalog(catalogJSON), { from: ['@in', '+'], to: ['sampler', 'cfg'] }))
    then.within('subgraph', () => setInput(then, 'sampler', 'cfg', 3.5))
    setInput(then, node, 'seed', 1)
  } })
  assert.equal(await lastValue(other, unset, 'cfg'), 3.5)
})

test('a turn of a zone tells of its node', async () => {
  const { app, id } = open({ steps: [], change: inside(4) })
  const [run] = app.session.runs.values()
  run.steps.set('subgraph/sampler[subgraph=1]', { node: 'subgraph/sampler' })
  app.store.enter(id)
  assert.equal(await lastValue(app, 'sampler', 'steps'), 4)
})
