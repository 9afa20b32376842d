// How far back the history reaches.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sizeOf } from '../../web/document/change_size.js'
import { setInput } from '../../web/document/edits.js'
import { REMEMBERED_BYTES } from '../../web/document/past.js'
import { Store } from '../../web/document/store.js'
import { workflowJSON } from './fixtures/text_to_image.js'

const ONE = 400 // Room for one edit of a number, not for two.
const made = (edits) => new Store(workflowJSON, () => 0, edits * ONE)
const set = (store, steps) => store.edit(`steps ${steps}`, () => setInput(store, 'sampler', 'steps', steps))
const steps = (store) => store.node('sampler').inputs.steps

test('the oldest edits are forgotten, the newest never, and undo leads as far back as is remembered', () => {
  const store = made(3)
  for (const value of [2, 3, 4, 5, 6]) set(store, value)
  assert.deepEqual(store.history, { labels: ['steps 4', 'steps 5', 'steps 6'], done: 3, forgotten: 2 })
  while (store.undo());
  assert.equal(steps(store), 3)
  while (store.redo());
  assert.equal(steps(store), 6)
  setInput(store, 'prompt', 'text', 'far too long '.repeat(1000))
  assert.deepEqual(store.history, { labels: ['Set text'], done: 1, forgotten: 5 })
  store.undo()
  assert.equal(store.node('prompt').inputs.text, workflowJSON.nodes.find(({ id }) => id === 'prompt').inputs.text)
})

test('where the memory ends is not where the document was opened: its mark is that of the last forgotten edit', () => {
  const store = made(3)
  const marks = [2, 3, 4, 5, 6].map((value) => (set(store, value), store.mark))
  store.goTo(0)
  assert.deepEqual([steps(store), store.mark === marks[1], store.mark === null], [3, true, false])
  store.goTo(1)
  assert.equal(store.mark, marks[2])
  store.load(workflowJSON)
  assert.equal(store.mark, null)
})

test('what was undone before a forgotten edit is forgotten with it, what parted just after it stays', () => {
  const store = made(4)
  for (const value of [2, 3]) set(store, value)
  store.goTo(0)
  set(store, 30)
  store.undo()
  store.takeBranch(store.branches[0])
  store.undo()
  set(store, 40)
  assert.deepEqual([store.history.labels, store.branches.map(({ place, labels }) => [place, labels])], [['steps 2', 'steps 40'], [[0, ['steps 30']], [1, ['steps 3']]]])
  set(store, 41)
  assert.deepEqual([store.history.labels, store.history.forgotten, store.branches.map(({ place, labels }) => [place, labels])], [['steps 40', 'steps 41'], 1, [[0, ['steps 3']]]])
  store.takeBranch(store.branches[0])
  assert.equal(steps(store), 3)
  store.goTo(0)
  assert.equal(steps(store), 2)
})

test('branches alone do not outgrow what is remembered', () => {
  const store = made(3)
  for (let value = 2; value < 40; value += 1) {
    set(store, value)
    store.undo()
  }
  set(store, 50)
  assert.ok(store.branches.length <= 2, `${store.branches.length} branches`)
  assert.deepEqual(store.history.labels, ['steps 50'])
})

test('an edit weighs what it brought, not what it left as it was; a document keeps weeks of them', () => {
  const inputs = { text: 'x'.repeat(10_000), steps: 1 }
  const change = (before, after) => sizeOf([{ graph: '', table: 'nodes', id: 'a', before, after, orderBefore: 1, orderAfter: 1 }])
  const node = { id: 'a', type: 'T', inputs }
  assert.ok(change(undefined, node) > 20_000)
  assert.ok(change(node, undefined) > 20_000)
  assert.ok(change(node, { ...node, position: [1, 2] }) < 400)
  assert.ok(change(node, { ...node, inputs: { ...inputs, steps: 2 } }) < 400)
  assert.ok(REMEMBERED_BYTES / change(node, { ...node, position: [1, 2] }) > 150_000)
})
