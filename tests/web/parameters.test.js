import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexCatalog } from '../../web/document/catalog.js'
import { connect } from '../../web/document/edits.js'
import { addParameter, formFields, parametersOf, removeParameter } from '../../web/document/parameters.js'
import { Store } from '../../web/document/store.js'
import { catalogJSON, workflowJSON } from './fixtures/text_to_image.js'

const catalog = indexCatalog(catalogJSON)
const shown = (store) => formFields(store, catalog).map(({ node, input, label }) => `${node.id}.${input.name}: ${label}`)

test('a workflow without parameters shows the inputs that one usually changes, each kind of size once', () => {
  const store = new Store({ ...workflowJSON, parameters: [] })
  assert.deepEqual(shown(store), ['prompt.text: Prompt', 'negative.text: Negative', 'loader.ckpt_name: ckpt name', 'latent.width: width',
    'latent.height: height', 'sampler.seed: seed', 'sampler.steps: steps', 'sampler.cfg: cfg', 'sampler.denoise: denoise'])
})

test('parameters are what the form shows, in their order, with names of their own', () => {
  const store = new Store(workflowJSON)
  assert.deepEqual(shown(store), ['sampler.seed: Seed'])
  assert.deepEqual([addParameter(store, 'prompt', 'text'), addParameter(store, 'negative', 'text', 'Not this')], ['text', 'negative_text'])
  assert.deepEqual(shown(store), ['sampler.seed: Seed', 'prompt.text: text', 'negative.text: Not this'])
  assert.deepEqual(store.toJSON().parameters.at(-1), { name: 'negative_text', node: 'negative', input: 'text', label: 'Not this' })
  removeParameter(store, 'prompt', 'text')
  assert.deepEqual(shown(store), ['sampler.seed: Seed', 'negative.text: Not this'])
  store.undo()
  store.undo()
  store.undo()
  assert.deepEqual(store.toJSON(), new Store(workflowJSON).toJSON())
})

test('an input that a wire feeds is no field; a parameter of a node that is gone is only kept', () => {
  const store = new Store({ ...workflowJSON, parameters: [{ name: 'gone', node: 'nobody', input: 'x' }, 'by hand', { name: 'seed', node: 'sampler', input: 'seed' }] })
  assert.deepEqual(parametersOf(store).map(({ name, label }) => [name, label]), [['seed', 'seed']])
  connect(store, catalog, { from: ['latent', 'LATENT'], to: ['sampler', 'seed'] })
  assert.equal(shown(store).length, 8)
  assert.equal(store.toJSON().parameters.length, 3)
})
