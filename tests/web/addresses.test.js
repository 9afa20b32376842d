import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everyNode, locate } from '../../web/document/addresses.js'
import { Store } from '../../web/document/store.js'

const nodes = (...ids) => ids.map((id) => (typeof id === 'string' ? { id, type: 'A' } : id))
const store = () => new Store({
  format: 'tessera.workflow', version: 1, links: [], nodes: nodes('a', { id: 'one', type: '@outer' }, { id: 'two', type: '@outer' }, { id: 'gone', type: '@gone' }),
  subgraphs: [{ id: 'outer', title: 'Outer', nodes: nodes('a', { id: 'in', type: '@inner' }), links: [] }, { id: 'inner', nodes: nodes('b'), links: [] }, { id: 'unused', nodes: nodes('c'), links: [] },
    { id: 'self', nodes: [{ id: 'me', type: '@self' }], links: [] }],
})
const listed = (shown) => everyNode(shown).map(({ address, place }) => (place ? `${address} (${place})` : address))

test('every node is listed once, also those of sub-graphs, by a way that leads there', () => {
  const root = store()
  assert.deepEqual(listed(root), ['a', 'one', 'two', 'gone', 'one/a (Outer)', 'one/in (Outer)', 'one/in/b (inner)'])
  for (const { address, node } of everyNode(root)) {
    const { graph, node: id } = locate(root, address)
    assert.equal(root.graph(graph).node(id), node)
  }
})

test('what is shown comes first, where one is, with its ends', () => {
  const shown = store()
  shown.enter('two')
  assert.deepEqual(listed(shown), ['two/@in', 'two/@out', 'two/a', 'two/in', 'two/in/b (inner)', 'a', 'one', 'two', 'gone'])
  shown.enter('in')
  assert.deepEqual(listed(shown), ['two/in/@in', 'two/in/@out', 'two/in/b', 'a', 'one', 'two', 'gone', 'one/a (Outer)', 'one/in (Outer)'])
})

test('a sub-graph that a file has put into itself ends', () => {
  const self = new Store({ ...store().toJSON(), nodes: [{ id: 'me', type: '@self' }] })
  assert.deepEqual(listed(self), ['me', 'me/me (self)'])
})
