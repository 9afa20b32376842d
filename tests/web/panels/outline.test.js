import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Store } from '../../../web/document/store.js'
import { indexCatalog } from '../../../web/document/catalog.js'
import { inFlowOrder, toldInputs } from '../../../web/panels/outline.js'
import { catalogJSON, workflowJSON } from '../fixtures/text_to_image.js'

const order = (ids, links) => {
  const nodes = ids.map((id) => ({ id, type: 'T' }))
  return inFlowOrder(new Store({ format: 'tessera.workflow', version: 1, nodes, links })).map(({ id }) => id).join('')
}
const link = (from, to) => ({ from: [from, 'out'], to: [to, 'in'] })

test('what feeds a node is listed before it', () => {
  assert.equal(order(['d', 'c', 'b', 'a'], [link('a', 'b'), link('b', 'c'), link('c', 'd')]), 'abcd')
})

test('a circle ends', () => assert.equal(order(['a', 'b'], [link('a', 'b'), link('b', 'a')]), 'ba'))

test('every value is told in words: sweeps, usual ones, and what nobody gave', () => {
  const store = new Store(workflowJSON)
  const node = { ...store.node('sampler'), inputs: { cfg: { sweep: [4, 8] }, sampler_name: '' } }
  const told = toldInputs(store, { catalog: () => indexCatalog(catalogJSON), titleOf: (id) => store.node(id).type }, node)
  assert.deepEqual(told.filter(({ name }) => ['model', 'cfg', 'sampler_name', 'seed'].includes(name)), [
    { name: 'model', words: 'from CheckpointLoaderSimple · MODEL', own: false },
    { name: 'seed', words: '0', own: true },
    { name: 'cfg', words: '4, 8', own: true },
    { name: 'sampler_name', words: 'empty', own: false },
  ])
})
