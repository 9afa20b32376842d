import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copyText, duplicate, pasteText } from '../../web/document/clipboard.js'
import { addFrame, addNote } from '../../web/document/annotations.js'
import { deleteSelection } from '../../web/document/edits.js'
import { foldFrames } from '../../web/document/folding.js'
import { portalOf, togglePortals } from '../../web/document/portals.js'
import { Store } from '../../web/document/store.js'
import { workflowJSON } from './fixtures/text_to_image.js'

test('pasting copies nodes under free ids with the links among them, as one entry', () => {
  const store = new Store(workflowJSON)
  const before = store.toJSON()
  const pasted = pasteText(store, copyText(store, ['prompt', 'sampler']), [1000, 500])
  assert.deepEqual(pasted, { nodes: ['prompt_2', 'sampler_2'], annotations: [] })
  assert.deepEqual(store.linksTo('sampler_2').map(({ from, to }) => [from, to]), [[['prompt_2', 'CONDITIONING'], ['sampler_2', 'positive']]])
  assert.deepEqual(store.node('prompt_2').position, [1000, 500])
  assert.deepEqual(store.node('sampler_2').position, [1392, 560])
  assert.deepEqual(store.node('prompt_2').future, [1, 2])
  store.undo()
  assert.deepEqual(store.toJSON(), before)
})

test('a copy can be pasted into another document, and again', () => {
  const text = copyText(new Store(workflowJSON), ['loader', 'prompt'])
  const other = new Store()
  assert.deepEqual(pasteText(other, text).nodes, ['loader', 'prompt'])
  assert.deepEqual(pasteText(other, text).nodes, ['loader_2', 'prompt_2'])
  assert.equal(other.links().length, 2)
})

test('other text is no paste', () => {
  const store = new Store(workflowJSON)
  for (const text of ['', 'hello', '{"a": 1}', '{broken', '[1]']) assert.equal(pasteText(store, text), null)
  assert.equal(store.undoLabel, null)
})

test('duplicates stand beside their originals', () => {
  const store = new Store(workflowJSON)
  assert.deepEqual(duplicate(store, { nodes: ['save'] }), { nodes: ['save_2'], annotations: [] })
  assert.deepEqual(store.node('save_2').position, [1372, 92])
  assert.deepEqual(duplicate(store, { nodes: [] }), { nodes: [], annotations: [] })
})

test('a copy can be fed by what fed its original, where that is there', () => {
  const store = new Store(workflowJSON)
  const text = copyText(store, ['sampler'])
  const fed = (id) => store.linksTo(id).map(({ from, to }) => `${from[0]} ${to[1]}`).sort()
  assert.deepEqual([pasteText(store, text).nodes, fed('sampler_2')], [['sampler_2'], []])
  assert.deepEqual([pasteText(store, text, [0, 0], { fed: true }).nodes, fed('sampler_3')], [['sampler_3'], fed('sampler')])
  assert.deepEqual([duplicate(store, { nodes: ['save'] }, { fed: true }).nodes, fed('save_2')], [['save_2'], ['decode images']])
  const other = new Store()
  assert.deepEqual([pasteText(other, text, [0, 0], { fed: true }).nodes, other.links()], [['sampler'], []])
  assert.equal(other.toJSON().incoming, undefined)
})

test('frames and notes are copied with what stands in them; a folded copy holds the copies', () => {
  const store = new Store(workflowJSON)
  const frame = addFrame(store, { x: 1000, y: 40, width: 700, height: 400 }, 'Out')
  const note = addNote(store, [1000, 600], 'why')
  foldFrames(store, new Map([[frame, ['decode', 'save']]]))
  const before = store.toJSON()
  const { nodes, annotations } = duplicate(store, { nodes: ['decode', 'save'], annotations: [frame, note] })
  assert.equal(new Set(store.toJSON().frames.map(({ id }) => id)).size, store.toJSON().frames.length)
  assert.deepEqual(nodes, ['decode_2', 'save_2'])
  const values = annotations.map((id) => ['frames', 'notes'].flatMap((table) => store.carried(table)).find((record) => record.id === id).value)
  assert.deepEqual(values.map(({ title, text, folded, position }) => [title ?? text, folded, position]), [['Out', ['decode_2', 'save_2'], [1012, 18]], ['why', undefined, [1032, 632]]])
  store.undo()
  assert.deepEqual(store.toJSON(), before)
  const other = new Store()
  const pasted = pasteText(other, copyText(store, [], [note]), [5, 5])
  assert.deepEqual([pasted, other.carried('notes')[0].value.text], [{ nodes: [], annotations: ['note_1'] }, 'why'])
})

test('what is pasted twice at one place stands side by side', () => {
  const store = new Store(workflowJSON)
  const text = copyText(store, ['prompt', 'sampler'])
  const places = [1, 2, 3].map(() => store.node(pasteText(store, text, [3000, 0]).nodes[0]).position)
  assert.deepEqual(places, [[3000, 0], [3032, 32], [3064, 64]])
})

test('a node that goes leaves the folded frame that held it, and undo brings both back', () => {
  const store = new Store(workflowJSON)
  const frame = addFrame(store, { x: 0, y: 0, width: 10, height: 10 })
  foldFrames(store, new Map([[frame, ['decode', 'save']]]))
  const folded = () => store.carried('frames').at(-1).value.folded
  deleteSelection(store, { nodes: ['save'], links: [] })
  assert.deepEqual(folded(), ['decode'])
  store.undo()
  assert.deepEqual(folded(), ['decode', 'save'])
})

test('a copy that is fed like its original is led to by a tag where all wires of that output are tags', () => {
  const store = new Store(workflowJSON)
  togglePortals(store, store.linksFrom('loader', 'VAE').map(({ id }) => id))
  const { nodes: [copy] } = duplicate(store, { nodes: ['decode'] }, { fed: true })
  assert.equal(portalOf(store.linksTo(copy, 'vae')[0]), portalOf(store.linksTo('decode', 'vae')[0]))
})

test('many copies get the numbers that counting each from the start would give', () => {
  const store = new Store({ ...workflowJSON, nodes: ['a', 'a_2', 'a_4', 'b_7', 'c'].map((id) => ({ id, type: 'KSampler', inputs: {}, position: [0, 0] })), links: [] })
  const copied = () => duplicate(store, { nodes: store.nodes().map(({ id }) => id) }).nodes
  assert.deepEqual(copied(), ['a_3', 'a_5', 'a_6', 'b_2', 'c_2'])
  assert.deepEqual(copied(), ['a_7', 'a_8', 'a_9', 'b_3', 'c_3', 'a_10', 'a_11', 'a_12', 'b_4', 'c_4'])
})
