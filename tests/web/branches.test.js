import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setInput } from '../../web/document/edits.js'
import { Store } from '../../web/document/store.js'
import { workflowJSON } from './fixtures/text_to_image.js'

const set = (store, steps) => store.edit(`steps ${steps}`, () => setInput(store, 'sampler', 'steps', steps))
const steps = (store) => store.node('sampler').inputs.steps
const left = (store) => store.branches.map(({ place, labels }) => [place, labels])

test('what was undone before another edit is left beside it, and comes back', () => {
  const store = new Store(workflowJSON)
  for (const value of [2, 3, 4]) set(store, value)
  store.goTo(1)
  set(store, 30)
  assert.deepEqual([store.history.labels, left(store)], [['steps 2', 'steps 30'], [[1, ['steps 3', 'steps 4']]]])
  store.takeBranch(store.branches[0])
  assert.deepEqual([steps(store), store.history.labels, left(store)], [4, ['steps 2', 'steps 3', 'steps 4'], [[1, ['steps 30']]]])
  store.takeBranch(store.branches[0])
  assert.deepEqual([steps(store), left(store)], [30, [[1, ['steps 3', 'steps 4']]]])
})

test('a branch of a branch is seen once one is in it', () => {
  const store = new Store(workflowJSON)
  for (const value of [2, 3]) set(store, value)
  store.undo()
  set(store, 4)
  store.goTo(0)
  set(store, 5)
  assert.deepEqual(left(store), [[0, ['steps 2', 'steps 4']]])
  store.takeBranch(store.branches[0])
  assert.deepEqual([steps(store), left(store)], [4, [[1, ['steps 3']], [0, ['steps 5']]]])
  store.takeBranch(store.branches[0])
  assert.equal(steps(store), 3)
  store.goTo(0)
  assert.deepEqual(store.toJSON(), new Store(workflowJSON).toJSON())
})

test('branches rest with their document and go with a new one', () => {
  const store = new Store(workflowJSON)
  set(store, 2)
  store.undo()
  set(store, 3)
  const resting = store.suspend()
  store.load(workflowJSON)
  assert.deepEqual(left(store), [])
  store.resume(resting)
  assert.deepEqual(left(store), [[0, ['steps 2']]])
})

test('a mark is of one state: as many other edits, or more of the same one, are another', () => {
  let clock = 0
  const store = new Store(workflowJSON, () => clock)
  const title = (text, coalesce) => store.edit('Title', (tx) => tx.put('nodes', { ...store.node('save'), title: text }), { coalesce })
  assert.equal(store.mark, null)
  title('a', 'typing')
  const saved = store.mark
  clock += 10
  title('ab', 'typing')
  assert.equal(store.history.done, 1)
  assert.notEqual(store.mark, saved, 'typed on')
  title('c')
  const marked = store.mark
  store.undo()
  assert.notEqual(store.mark, marked)
  title('d')
  assert.equal(store.history.done, 2)
  assert.notEqual(store.mark, marked, 'another edit in its place')
  store.undo()
  store.redo()
  const again = store.mark
  store.undo()
  store.redo()
  assert.equal(store.mark, again)
})
