import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Store } from '../../web/document/store.js'
import { emptyDocument, readDocument, WorkflowFormatError, writeDocument } from '../../web/document/workflow_format.js'
import { workflowJSON } from './fixtures/text_to_image.js'

test('a document comes back byte for byte, unknown fields in their place', () => {
  assert.equal(JSON.stringify(new Store(workflowJSON).toJSON()), JSON.stringify(workflowJSON))
  assert.equal(JSON.stringify(writeDocument(readDocument(emptyDocument('A')))), JSON.stringify(emptyDocument('A')))
})

test('a node of an unknown type keeps its values, its links and its odd fields', () => {
  const document = { ...workflowJSON, nodes: [...workflowJSON.nodes, { id: 'x', type: 'FromAPack', odd: { deep: [1] }, inputs: { a: null, b: [1, 2] } }] }
  assert.deepEqual(new Store(document).toJSON(), document)
})

test('what comes back shares nothing with the store', () => {
  const store = new Store(workflowJSON)
  store.toJSON().nodes[0].inputs.ckpt_name = 'changed'
  assert.deepEqual(store.toJSON(), workflowJSON)
})

test('what cannot be read is named', () => {
  const cases = [
    [[], /JSON object/], [{ ...emptyDocument(), format: 'other' }, /format/], [{ ...emptyDocument(), version: 99 }, /newer/],
    [{ ...emptyDocument(), nodes: [{ type: 'A' }] }, /nodes\[0\] has no id/],
    [{ ...emptyDocument(), nodes: [{ id: 'a', type: 'A' }, { id: 'a', type: 'A' }] }, /two nodes are called a/],
    [{ ...emptyDocument(), links: [{ from: ['a'], to: ['b', 'c'] }] }, /links\[0\]/],
  ]
  for (const [document, message] of cases) assert.throws(() => readDocument(document), (error) => error instanceof WorkflowFormatError && message.test(error.message))
})
