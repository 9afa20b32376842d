// Documents that name node types, inputs and outputs as they were called before.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replaceDocument } from '../../web/app/documents.js'
import { indexCatalog } from '../../web/document/catalog.js'
import { copyText, pasteText } from '../../web/document/clipboard.js'
import { currentDocument } from '../../web/document/current_document.js'
import { connect, setInput } from '../../web/document/edits.js'
import { Store } from '../../web/document/store.js'
import { searchText } from '../../web/panels/search_ranking.js'

const plus = { id: 'Sum', inputs: { first: 'a', left: 'a', second: 'b' }, outputs: { SUM: 'total' }, values: {} }
const gone = { id: 'Sum', inputs: { b: 'a' }, outputs: {}, values: { b: 7 } }
const number = (name) => ({ name, type: 'INT', widget: { kind: 'int', default: 0 } })
const catalog = indexCatalog({
  nodes: [{ id: 'Sum', title: 'Sum', category: '', inputs: [number('a'), number('b')], outputs: [{ name: 'total', type: 'INT' }] }],
  renames: { Sum: plus, Plus: plus, AddTwo: plus, Gone: gone },
})
const { renames } = catalog

const link = (from, to) => ({ from: from.split('.'), to: to.split('.') })
const old = () => ({
  format: 'tessera.workflow', version: 1,
  nodes: [
    { id: 'p', type: 'Plus', odd: 1, inputs: { second: { sweep: [1, 2], axis: 'b' }, later: [1] }, position: [0, 0] },
    { id: 'q', type: 'Sum', inputs: { left: 5, b: 1 } }, { id: 'i', type: '@f' },
  ],
  links: [{ ...link('p.SUM', 'q.first'), via: [[1, 2]] }],
  parameters: [{ name: 'more', node: 'p', input: 'second' }],
  subgraphs: [{ id: 'f', inputs: [], outputs: [{ name: 'y', type: 'INT' }], nodes: [{ id: 's', type: 'AddTwo', inputs: { second: 3 } }], links: [link('s.SUM', '@out.y')] }],
})
const today = () => ({
  ...old(),
  nodes: [
    { id: 'p', type: 'Sum', odd: 1, inputs: { b: { sweep: [1, 2], axis: 'b' }, later: [1] }, position: [0, 0] },
    { id: 'q', type: 'Sum', inputs: { a: 5, b: 1 } }, { id: 'i', type: '@f' },
  ],
  links: [{ ...link('p.total', 'q.a'), via: [[1, 2]] }],
  parameters: [{ name: 'more', node: 'p', input: 'b' }],
  subgraphs: [{ id: 'f', inputs: [], outputs: [{ name: 'y', type: 'INT' }], nodes: [{ id: 's', type: 'Sum', inputs: { b: 3 } }], links: [link('s.total', '@out.y')] }],
})

/** A store that knows the renames, and what it told. */
const open = (document) => {
  const store = new Store({ format: 'tessera.workflow', version: 1, nodes: [], links: [] })
  const told = []
  store.subscribe(({ kind, renamed }) => told.push([kind, renamed]))
  store.setRenames(renames)
  store.load(document)
  return { store, told }
}

test('what is opened says the names of today, in sub-graphs and parameters too, and has nothing to undo', () => {
  const { store, told } = open(old())
  assert.deepEqual(store.toJSON(), today())
  assert.deepEqual([told, store.undo()], [[['load', 3]], false])
})

test('one of today is not touched, and opening it tells nothing', () => {
  const { store, told } = open(today())
  assert.deepEqual([store.toJSON(), told], [today(), [['load', 0]]])
})

test('names that a pack gives while a document is open reach it, and no undo brings an old one back', () => {
  const store = new Store(old())
  const before = store.toJSON()
  setInput(store, 'q', 'left', 6)
  store.edit('Cut', (tx) => tx.remove('links', store.linksTo('q')[0].id))
  const cut = store.toJSON()
  assert.equal(store.setRenames(renames), 3)
  assert.deepEqual(store.node('q'), { id: 'q', type: 'Sum', inputs: { a: 6, b: 1 } })
  assert.equal(store.history.done, 2)
  store.undo()
  store.undo()
  assert.deepEqual(store.toJSON(), today())
  assert.deepEqual(store.toJSON(), currentDocument(before, renames))
  while (store.redo());
  assert.deepEqual(store.toJSON(), currentDocument(cut, renames))
})

test('what is pasted is brought up to date within the same undo', () => {
  const text = JSON.stringify(old())
  const { store, told } = open({ ...old(), nodes: [], links: [], subgraphs: [], parameters: [] })
  const empty = store.toJSON()
  assert.equal(pasteText(store, text).nodes.length, 3)
  const { nodes, links, subgraphs } = store.toJSON()
  assert.deepEqual(nodes.map(({ type, inputs }) => [type, inputs]), today().nodes.map(({ type, inputs }) => [type, inputs]))
  assert.deepEqual(links.map(({ from, to }) => [from[1], to[1]]), [['total', 'a']])
  assert.deepEqual(subgraphs[0].nodes, today().subgraphs[0].nodes)
  assert.deepEqual(told.at(-1), ['edit', 3])
  assert.match(copyText(store, nodes.map(({ id }) => id)), /"Sum"/)
  store.undo()
  assert.deepEqual(store.toJSON(), empty)
})

test('a version that comes back comes as it would be made today, and going back to before it too', () => {
  const { store, told } = open(today())
  replaceDocument(store, { ...old(), title: 'Before' })
  assert.deepEqual([store.toJSON().nodes, store.toJSON().links, store.toJSON().subgraphs], [today().nodes, today().links, today().subgraphs])
  assert.deepEqual([told.at(-1), store.undoLabel], [['edit', 3], 'Open Before'])
  store.undo()
  assert.deepEqual(store.toJSON(), today())
})

test('a gesture that is called off leaves what was there, by the names of today', () => {
  const store = new Store(old())
  store.begin('Drag')
  setInput(store, 'q', 'left', 9)
  store.setRenames(renames)
  store.cancel()
  assert.deepEqual(store.toJSON(), today())
})

test('a type in the place of another gets its values, and the id of today is left alone', () => {
  const { store } = open({ ...old(), subgraphs: [], parameters: [], nodes: [{ id: 'g', type: 'Gone', inputs: { b: 1 } }, { id: 'h', type: 'Gone' }], links: [] })
  assert.deepEqual(store.toJSON().nodes, [{ id: 'g', type: 'Sum', inputs: { a: 1, b: 7 } }, { id: 'h', type: 'Sum', inputs: { b: 7 } }])
})

test('of a value under both names that of today wins, and the other is kept', () => {
  const { store } = open({ ...old(), subgraphs: [], parameters: [], nodes: [{ id: 'p', type: 'Plus', inputs: { first: 1, a: 2 } }], links: [] })
  assert.deepEqual(store.toJSON().nodes, [{ id: 'p', type: 'Sum', inputs: { first: 1, a: 2 } }])
})

test('an edit that says an old name itself says the one of today', () => {
  const { store } = open(today())
  connect(store, catalog, { from: ['q', 'SUM'], to: ['p', 'first'] })
  assert.deepEqual(store.linksTo('p').map(({ from, to }) => [...from, ...to]), [['q', 'total', 'p', 'a']])
})

test('a document of today is given back as it is', () => {
  const now = today()
  assert.equal(currentDocument(now, renames), now)
  assert.deepEqual(currentDocument(old(), renames), today())
})

test('a node type is found by what it was called before', () => {
  assert.deepEqual(catalog.nodes.get('Sum').search, ['Plus', 'AddTwo', 'Gone'])
  assert.match(searchText(catalog.nodes.get('Sum')), /AddTwo/)
})
