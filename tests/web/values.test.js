import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Store } from '../../web/document/store.js'
import { changedValues, takeValues } from '../../web/document/values.js'
import { matches, plainWords, recipeOf } from '../../web/panels/result_search.js'
import { workflowJSON } from './fixtures/text_to_image.js'

const past = structuredClone(workflowJSON)
const sampler = past.nodes.find(({ id }) => id === 'sampler')
sampler.inputs = { ...sampler.inputs, seed: 77, steps: { sweep: [4, 8], axis: 'steps' } }
past.nodes.push({ id: 'other', type: 'VAEDecode', inputs: {} })
past.nodes.find(({ id }) => id === 'save').type = 'PreviewImage'

test('values differ where a node of both has another literal', () => {
  const now = new Store(workflowJSON).node('sampler').inputs
  assert.deepEqual(changedValues(workflowJSON.nodes, past.nodes).sort((a, b) => a.input.localeCompare(b.input)), [
    { node: 'sampler', input: 'seed', now: now.seed, then: 77 },
    { node: 'sampler', input: 'steps', now: now.steps, then: { sweep: [4, 8], axis: 'steps' } },
  ])
  assert.deepEqual(changedValues(past.nodes, past.nodes), [])
})

test('values of the past come back as one undo entry; nodes and wires stay', () => {
  const store = new Store(workflowJSON)
  const before = store.toJSON()
  assert.equal(takeValues(store, past.nodes), 2)
  assert.deepEqual(store.node('sampler').inputs.steps, { sweep: [4, 8], axis: 'steps' })
  assert.deepEqual(store.toJSON().links, before.links)
  assert.deepEqual(store.history.labels, ['Restore values'])
  store.undo()
  assert.deepEqual(store.toJSON(), before)
  assert.equal(takeValues(store, before.nodes), 0)
  assert.deepEqual(store.history.done, 0)
})

test('past pictures are found by words, by a value of an input, by comparison, and by what they lack', () => {
  const recipe = recipeOf({ ...past, title: 'Apples at dawn' })
  const found = (query) => matches(recipe, query)
  assert.ok(['', 'APPLES', 'seed:77', 'seed:77 apples', 'seed:>70', 'seed:<=77', 'steps:8', '-fox', 'KSampler', '"at dawn"'].every(found))
  assert.deepEqual(['fox', 'seed:7', 'seed:>77', '-apples', 'apples fox', '"dawn at"'].filter(found), [])
})

test('of a query, what plain text can hold is asked of the log', () => {
  assert.equal(plainWords('fox seed:7 cfg:>5 -blue "two words" title:"a b" -3'), 'fox 7 two words a b -3')
  assert.equal(plainWords('cfg:<3 -x'), '')
})
