import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressOf, everyNode, locate, pathInto, storedName } from '../../web/document/addresses.js'
import { definitionsWithUses, deleteUnused } from '../../web/document/definitions.js'
import { Store } from '../../web/document/store.js'
import { evaluate } from '../../web/kernels/arithmetic.js'
import { inputNumbers } from '../../web/widgets/number_names.js'

const nodes = (...ids) => ids.map((id) => (typeof id === 'string' ? { id, type: 'A' } : id))
const store = () => new Store({
  format: 'tessera.workflow', version: 1, links: [], nodes: nodes('a', { id: 'one', type: '@outer' }, { id: 'two', type: '@outer' }, { id: 'gone', type: '@gone' }),
  subgraphs: [{ id: 'outer', title: 'Outer', nodes: nodes('a', { id: 'in', type: '@inner' }), links: [] }, { id: 'inner', nodes: nodes('b'), links: [] }, { id: 'unused', nodes: nodes('c'), links: [] },
    { id: 'self', nodes: [{ id: 'me', type: '@self' }], links: [] }],
})
const listed = (shown) => everyNode(shown).map(({ address, place }) => (place ? `${address} (${place})` : address))

test('every node is listed once, also those of sub-graphs, by a way that leads there', () => {
  const root = store()
  assert.deepEqual(listed(root), ['a', 'one', 'two', 'gone', 'one/a (Outer)', 'one/in (Outer)', 'one/in/b (inner)', '@unused/c (unused)', '@self/me (self)'])
  for (const { address, node } of everyNode(root)) {
    const { graph, node: id } = locate(root, address)
    assert.equal(root.graph(graph).node(id), node)
  }
})

test('what is shown comes first, where one is, with its ends', () => {
  const shown = store()
  shown.enter('two')
  assert.deepEqual(listed(shown), ['two/@in', 'two/@out', 'two/a', 'two/in', 'two/in/b (inner)', 'a', 'one', 'two', 'gone', '@unused/c (unused)', '@self/me (self)'])
  shown.enter('in')
  assert.deepEqual(listed(shown), ['two/in/@in', 'two/in/@out', 'two/in/b', 'a', 'one', 'two', 'gone', 'one/a (Outer)', 'one/in (Outer)', '@unused/c (unused)', '@self/me (self)'])
})

test('a sub-graph that a file has put into itself ends', () => {
  const self = new Store({ ...store().toJSON(), nodes: [{ id: 'me', type: '@self' }] })
  assert.deepEqual(listed(self).slice(0, 3), ['me', 'me/me (self)', '@outer/a (Outer)'])
})

test('the way into a sub-graph is by the nearest instance, and by itself where there is none', () => {
  const root = store()
  assert.deepEqual(pathInto(root, 'outer'), [{ node: 'one', graph: 'outer' }])
  assert.deepEqual(pathInto(root, 'inner'), [{ node: 'one', graph: 'outer' }, { node: 'in', graph: 'inner' }])
  assert.deepEqual(pathInto(root, 'unused'), [{ node: '', graph: 'unused' }])
  assert.deepEqual(locate(root, '@inner/b'), { path: pathInto(root, 'inner'), graph: 'inner', node: 'b' })
  assert.equal(locate(root, '@nobody/b') ?? locate(root, '@unused/nobody'), null)
})

test('one that no node uses is entered, edited and left, and undo shows where that was', () => {
  const root = store()
  root.goInto(pathInto(root, 'unused'))
  assert.deepEqual([root.current, addressOf(root.path, 'c')], ['unused', '@unused/c'])
  root.edit('Add', (tx) => tx.put('nodes', { id: 'd', type: '@inner' }))
  assert.ok(root.enter('d'))
  assert.equal(addressOf(root.path, 'b'), '@unused/d/b')
  root.goInto([])
  root.undo()
  assert.deepEqual([root.current, root.node('d')], ['unused', undefined])
  root.leave()
  assert.deepEqual([root.current, root.path], ['', []])
})

test('nothing is entered by itself from within another, or where it is not', () => {
  const root = store()
  root.goInto([{ node: 'one', graph: 'outer' }, { node: '', graph: 'unused' }])
  assert.equal(root.current, 'outer')
  root.goInto([{ node: '', graph: 'nobody' }])
  assert.equal(root.current, '')
})

test('those that no node uses are told, and deleted as one named edit; the others are left alone', () => {
  const root = store()
  assert.deepEqual(definitionsWithUses(root).map(({ record, uses }) => [record.id, uses]), [['outer', 2], ['inner', 1], ['unused', 0], ['self', 1]])
  const before = root.toJSON()
  root.goInto(pathInto(root, 'unused'))
  deleteUnused(root, ['unused', 'outer'])
  assert.deepEqual([root.subgraphs().map(({ id }) => id), root.undoLabel, root.current], [['outer', 'inner', 'self'], 'Delete unused', ''])
  root.undo()
  assert.deepEqual(root.toJSON(), before)
  deleteUnused(root, ['outer'])
  assert.equal(root.history.labels.length, 1)
})

test('with the last that used it a sub-graph goes too', () => {
  const root = new Store({ ...store().toJSON(), nodes: [], subgraphs: store().toJSON().subgraphs.slice(0, 2) })
  deleteUnused(root, ['outer'])
  assert.deepEqual(root.subgraphs(), [])
  root.undo()
  assert.deepEqual(root.subgraphs().map(({ id }) => id), ['outer', 'inner'])
})

test('an input is copied by a name that says the same everywhere, in formulas of any graph too', () => {
  const shown = new Store({
    format: 'tessera.workflow', version: 1, links: [], nodes: [{ id: 'one', type: '@f', inputs: { x: 5 } }, { id: 'size', type: 'A', inputs: { width: 64 } }],
    subgraphs: [{ id: 'f', nodes: [{ id: 'n', type: 'A', inputs: { steps: 8, cfg: 2 } }, { id: 'size', type: 'A', inputs: { width: 7 } }], links: [] }],
  })
  assert.deepEqual([storedName(shown, 'size'), inputNumbers(shown, 'size', 'height')], ['size', { 'one.x': 5, 'size.width': 64, '@f/n.steps': 8, '@f/n.cfg': 2, '@f/size.width': 7, width: 64 }])
  shown.enter('one')
  assert.equal(storedName(shown, 'n'), '@f/n')
  const names = inputNumbers(shown, 'n', 'cfg')
  assert.deepEqual(names, { 'one.x': 5, '@f/n.steps': 8, '@f/n.cfg': 2, '@f/size.width': 7, 'n.steps': 8, 'n.cfg': 2, 'size.width': 7, steps: 8 })
  assert.equal(evaluate('@f/n.steps * one.x + size.width', names), 47)
  shown.goInto([])
  assert.equal(evaluate(' =@f/n.steps*2', inputNumbers(shown, 'size', 'height')), 16)
})
