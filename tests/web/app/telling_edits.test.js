import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gathered, wordsOf } from '../../../web/app/telling_edits.js'
import { indexCatalog } from '../../../web/document/catalog.js'
import { connect, deleteSelection, disconnect, moveNodes, setMode } from '../../../web/document/edits.js'
import { Store } from '../../../web/document/store.js'
import { catalogJSON, workflowJSON } from '../fixtures/text_to_image.js'

/** What is said of all that a function does in one go. */
const told = (act) => {
  const store = new Store(workflowJSON)
  const catalog = indexCatalog(catalogJSON)
  let said = null
  store.subscribe((event) => (said = gathered(said, event)))
  act(store, catalog)
  return wordsOf(said, store, catalog)
}

test('an edit is told by what it did and to what', () => {
  assert.equal(told((store) => setMode(store, ['sampler'], 'muted')), 'Mute: KSampler')
  assert.equal(told((store) => deleteSelection(store, { nodes: new Set(['sampler']), links: new Set(), annotations: new Set() })), 'Delete: KSampler')
  assert.equal(told((store) => setMode(store, ['sampler', 'decode'], 'bypassed')), 'Bypass: 2 nodes')
})

test('a wire is told by its ends, also when it is gone', () => {
  const [link] = new Store(workflowJSON).linksTo('sampler', 'model')
  const words = (label) => `${label}: Load checkpoint → KSampler`
  assert.equal(told((store) => disconnect(store, link.id)), words('Disconnect'))
  assert.equal(told((store, catalog) => (disconnect(store, link.id), connect(store, catalog, link))), words('Connect'))
})

test('steps of one name are one, and going back says so', () => {
  const steps = (store) => ['sampler', 'decode', 'sampler'].forEach((id) => moveNodes(store, [id], 10, 0))
  assert.equal(told(steps), 'Move: 2 nodes')
  assert.equal(told((store) => (setMode(store, ['sampler'], 'muted'), store.undo())), 'Undo: Mute: KSampler')
})
