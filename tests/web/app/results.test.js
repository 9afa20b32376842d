// Past pictures: their values come into the open document.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { takeRunValues } from '../../../web/app/results.js'
import { indexCatalog } from '../../../web/document/catalog.js'
import { setInput } from '../../../web/document/edits.js'
import { Store } from '../../../web/document/store.js'
import { catalogJSON, workflowJSON } from '../fixtures/text_to_image.js'

test('of two pictures whose values are taken in a row the second wins, whichever the server answers first', async () => {
  const store = new Store(workflowJSON)
  const app = { store, catalog: indexCatalog(catalogJSON) }
  const before = store.node('sampler').inputs.steps
  const then = (steps) => {
    const past = new Store(workflowJSON)
    setInput(past, 'sampler', 'steps', steps)
    return new Response(JSON.stringify({ document: past.toJSON() }), { status: 200 })
  }
  const answers = new Map()
  globalThis.fetch = (url) => new Promise((resolve) => answers.set(url.split('/').at(-1), resolve))
  const [slow, quick, failed] = ['slow', 'quick', 'failed'].map((run) => takeRunValues(app, run, { quietly: true }))
  const last = takeRunValues(app, 'same', { quietly: true })
  answers.get('same')(then(before))
  await last
  answers.get('quick')(then(7))
  answers.get('slow')(then(9))
  answers.get('failed')(new Response('{}', { status: 500 }))
  await Promise.all([slow, quick, failed])
  assert.deepEqual([store.node('sampler').inputs.steps, store.undoLabel], [before, null])
})
