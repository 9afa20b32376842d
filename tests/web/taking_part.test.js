import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Store } from '../../web/document/store.js'
import { takingPart } from '../../web/document/taking_part.js'

const chain = (...ids) => ids.slice(1).map((id, place) => ({ from: [ids[place], 'out'], to: [id, 'in'] }))
const nodes = (...ids) => ids.map((id) => (typeof id === 'string' ? { id, type: 'A' } : id))
const body = (id, kind) => ({ id, kind, inputs: [{ name: 'in', type: 'ANY' }], outputs: [{ name: 'out', type: 'ANY' }], nodes: nodes('first', 'second', 'aside'), links: chain('@in', 'first', 'second', '@out') })
const store = new Store({
  format: 'tessera.workflow', version: 1, subgraphs: [body('plain', 'graph'), body('loop', 'repeat'), { id: 'outer', nodes: nodes('before', { id: 'inner', type: '@plain' }, 'after'), links: chain('before', 'inner', 'after') }],
  nodes: nodes('source', { id: 'plain', type: '@plain' }, { id: 'loop', type: '@loop' }, 'sink', 'other', { id: 'outer', type: '@outer' }), links: chain('source', 'plain', 'loop', 'sink'),
})
const taking = (...targets) => [...takingPart(store, targets)].sort()

test('what feeds a node takes part as a whole', () => {
  assert.deepEqual(taking('source'), ['source'])
  assert.deepEqual(taking('loop'), ['loop', 'loop/@in', 'loop/@out', 'loop/aside', 'loop/first', 'loop/second', 'plain', 'plain/@in', 'plain/@out', 'plain/aside', 'plain/first', 'plain/second', 'source'])
})

test('up to a node in a sub-graph, the rest of it does not', () => {
  assert.deepEqual(taking('plain/first'), ['plain', 'plain/@in', 'plain/first', 'source'])
  assert.deepEqual(taking('outer/inner/first'), ['outer', 'outer/before', 'outer/inner', 'outer/inner/@in', 'outer/inner/first'])
})

test('a zone runs as a whole, and a node that is gone takes nothing along', () => {
  assert.deepEqual(taking('loop/first'), taking('loop'))
  assert.deepEqual([taking('nobody', 'plain/nobody'), taking('other', 'source')], [[], ['other', 'source']])
})

test('a sub-graph that a file has put into itself is taken so deep and no deeper', () => {
  const self = new Store({ format: 'tessera.workflow', version: 1, subgraphs: [{ id: 'self', nodes: [{ id: 'me', type: '@self' }], links: [] }], nodes: [{ id: 'me', type: '@self' }], links: [] })
  assert.deepEqual([...takingPart(self, ['me'])], ['me', 'me/@in', 'me/@out', 'me/me'])
})
