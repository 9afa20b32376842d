import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Store } from '../../web/document/store.js'
import { setInput } from '../../web/document/edits.js'
import { historyKey, textSession } from '../../web/widgets/text_session.js'

const document = (id, text = '') => ({ format: 'tessera.workflow', version: 1, id, nodes: [{ id: 'prompt', type: 'CLIPTextEncode', inputs: { text } }, { id: 'other', type: 'X', inputs: { steps: 20 } }], links: [] })

/** A store, a text being typed into it, and what the session said. */
const begin = (text = 'a') => {
  let now = 0
  const store = new Store(document('first', text), () => now)
  const said = []
  setInput(store, 'other', 'steps', 30)
  const session = textSession(store, 'prompt', 'text', (changed) => said.push(changed), () => said.push(null))
  return { store, session, said, wait: (milliseconds) => (now += milliseconds), text: () => store.node('prompt').inputs.text }
}

test('keys of one kind in a row are one entry; a pause, deleting and what is put in begin another', () => {
  const { store, session, wait, text, said } = begin()
  for (const each of ['ab', 'abc']) session.write(each, 'insertText')
  session.write('ab', 'deleteContentBackward')
  wait(2000)
  session.write('abx', 'insertText')
  session.pause()
  session.write('abx fox', 'insertText')
  const states = []
  while (store.undoLabel === 'Set text') {
    session.undo()
    states.push(text())
  }
  assert.deepEqual([states, said], [['abx', 'ab', 'abc', 'a'], ['abx', 'ab', 'abc', 'a']])
  session.undo()
  assert.equal(store.node('other').inputs.steps, 20)
  session.redo()
  session.redo()
  assert.equal(text(), 'abc')
})

test('another document that comes under it ends it, and takes none of its text', () => {
  const { store, session, said } = begin()
  session.write('ab', 'insertText')
  const second = new Store(document('second', 'z'))
  store.suspend()
  store.resume(second.suspend())
  assert.deepEqual([store.node('prompt').inputs.text, said], ['z', [null]])
})

test('a text whose node goes is told so, and one that has ended hears nothing', () => {
  const { store, session, said } = begin()
  store.edit('Delete', (tx) => tx.remove('nodes', 'prompt'))
  session.end()
  store.undo()
  assert.deepEqual(said, [null])
})

test('undo and redo are known by their letters, in other alphabets by their places', () => {
  const key = (name, code, more = {}) => historyKey({ key: name, code, ctrlKey: true, metaKey: false, shiftKey: false, altKey: false, ...more })
  assert.deepEqual([key('z', 'KeyZ'), key('Z', 'KeyZ', { shiftKey: true }), key('y', 'KeyY'), key('я', 'KeyZ'), key('z', 'KeyY'), key('a', 'KeyA'), key('z', 'KeyZ', { ctrlKey: false })],
    ['undo', 'redo', 'redo', 'undo', 'undo', null, null])
})
