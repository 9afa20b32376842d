// Templates beside what is there: late answers of the server.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { insertTemplate } from '../../../web/app/inserting.js'
import { makeSubgraph } from '../../../web/document/make_subgraph.js'
import { indexCatalog } from '../../../web/document/catalog.js'
import { Store } from '../../../web/document/store.js'
import { documentCatalog } from '../../../web/document/subgraphs.js'
import { catalogJSON, workflowJSON } from '../fixtures/text_to_image.js'

const TEMPLATE = { format: 'tessera.workflow', version: 1, title: 'One', links: [], nodes: [{ id: 'extra', type: 'VAEDecode', position: [0, 0] }] }

/** An open document, and a server that answers when it is told to. */
const open = () => {
  const store = new Store({ ...workflowJSON, id: 'first' })
  const instance = makeSubgraph(store, documentCatalog(indexCatalog(catalogJSON), store), { nodes: ['sampler'] })
  const selected = []
  const waiting = []
  globalThis.fetch = () => new Promise((resolve) => waiting.push(() => resolve(new Response(JSON.stringify(TEMPLATE), { status: 200 }))))
  return { app: { store, selection: { set: ({ nodes }) => selected.push(...nodes) } }, instance, selected, answer: () => waiting.shift()() }
}

test('a template that comes late goes into the graph in which it was asked for, and is selected only where that is shown', async () => {
  const { app, instance, selected, answer } = open()
  const { store } = app
  const [inRoot, count] = [() => store.graph('').nodes().length, store.nodes().length]
  const asked = insertTemplate(app, 'template:one', [0, 0])
  store.enter(instance)
  const inside = store.nodes().length
  answer()
  assert.ok(await asked)
  assert.deepEqual([inRoot(), store.nodes().length, selected], [count + 1, inside, []])
  store.goInto([])
  const again = insertTemplate(app, 'template:one', [0, 0])
  answer()
  await again
  assert.deepEqual([inRoot(), selected.length], [count + 2, 1])
  assert.equal(await insertTemplate(app, 'KSampler', [0, 0]), false)
})
