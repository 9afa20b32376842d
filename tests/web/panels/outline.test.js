import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Store } from '../../../web/document/store.js'
import { inFlowOrder } from '../../../web/panels/outline.js'

const order = (ids, links) => {
  const nodes = ids.map((id) => ({ id, type: 'T' }))
  return inFlowOrder(new Store({ format: 'tessera.workflow', version: 1, nodes, links })).map(({ id }) => id).join('')
}
const link = (from, to) => ({ from: [from, 'out'], to: [to, 'in'] })

test('what feeds a node is listed before it', () => {
  assert.equal(order(['d', 'c', 'b', 'a'], [link('a', 'b'), link('b', 'c'), link('c', 'd')]), 'abcd')
})

test('a circle ends', () => assert.equal(order(['a', 'b'], [link('a', 'b'), link('b', 'a')]), 'ba'))
