import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Scene } from '../../web/canvas/scene.js'
import { addFrame, addNote, placeAnnotations, readAnnotation, setColour, setWords } from '../../web/document/annotations.js'
import { indexCatalog } from '../../web/document/catalog.js'
import { deleteSelection } from '../../web/document/edits.js'
import { Selection } from '../../web/document/selection.js'
import { Store } from '../../web/document/store.js'
import { hitTest } from '../../web/kernels/hit_test.js'
import { noteLine } from '../../web/kernels/markdown.js'
import { catalogJSON, workflowJSON } from './fixtures/text_to_image.js'

test('frames and notes are added, moved, worded, coloured and deleted, one undo each, and change no result', () => {
  const store = new Store(workflowJSON)
  const selection = new Selection(store)
  const first = store.toJSON()
  const content = store.contentRevision
  const frame = addFrame(store, { x: 100, y: 100, width: 300, height: 200 })
  const note = addNote(store, [5, 6])
  setWords(store, frame, 'Sampling')
  setWords(store, note, '# Read me')
  setWords(store, note, '# Read me')
  placeAnnotations(store, new Map([[note, [7, 8]]]))
  setColour(store, { nodes: ['sampler'], annotations: [frame] }, '#5fb3b3')
  const document = store.toJSON()
  assert.deepEqual(document.frames, [
    { id: 'f', title: 'Kept', anything: true },
    { id: 'frame_2', title: 'Sampling', position: [80, 46], size: [340, 274], colour: '#5fb3b3' },
  ])
  assert.deepEqual(document.notes, [{ id: 'note_1', text: '# Read me', position: [7, 8], size: [240, 120] }])
  assert.equal(store.node('sampler').colour, '#5fb3b3')
  setColour(store, { nodes: ['sampler'], annotations: [frame] }, null)
  assert.equal('colour' in store.node('sampler') || 'colour' in store.toJSON().frames[1], false)
  selection.set({ annotations: [frame, note] })
  deleteSelection(store, selection)
  assert.deepEqual([[...selection.annotations], store.toJSON()], [[], first])
  let entries = 0
  while (store.undo()) entries += 1
  assert.deepEqual([entries, store.toJSON(), store.contentRevision], [8, first, content])
})

test('a record without a place is kept and not drawn', () => {
  assert.equal(readAnnotation('frames', { id: 'frame_1', value: { id: 'f', title: 'Kept' } }), null)
  assert.equal(readAnnotation('frames', { id: 'frame_1', value: { position: [0, 0] } }), null)
  assert.equal(readAnnotation('notes', { id: 'note_1', value: 'words' }), null)
  assert.deepEqual(readAnnotation('notes', { id: 'note_1', value: { position: [1, 2], text: 'a' } }),
    { id: 'note_1', table: 'notes', x: 1, y: 2, width: 240, height: 120, text: 'a', colour: null, pinned: false, folded: null, extent: { x: 1, y: 2, width: 240, height: 120 } })
})

test('a frame is held by its title and corner and folded at its start, a note anywhere, a frame in a frame first', () => {
  const frame = { id: 'big', table: 'frames', x: 0, y: 0, width: 400, height: 300, text: '', colour: null, pinned: false }
  const inner = { ...frame, id: 'small', x: 100, y: 10, width: 100, height: 100 }
  const note = { ...frame, id: 'note', table: 'notes', x: 20, y: 150, width: 100, height: 50 }
  const at = (x, y) => {
    const hit = hitTest({ nodes: [], links: [], frames: [frame, inner], notes: [note] }, x, y, { socket: 8, link: 6 })
    return hit.kind === 'annotation' ? `${hit.id} ${hit.part}` : hit.kind
  }
  assert.deepEqual([at(10, 10), at(40, 10), at(140, 20), at(300, 100), at(395, 295), at(30, 160), at(115, 195)],
    ['big fold', 'big header', 'small header', 'canvas', 'big resize', 'note body', 'note resize'])
})

test('a note is read as Markdown: its signs are not drawn, names and products stay whole', () => {
  assert.deepEqual(['# Seeing', '- Try *karras* and **normal**', 'x_t = `sqrt(abar_t)` · 2*3*4', '2 * 3 * 4', '[a page](https://x.y)'].map(noteLine), [
    { kind: 'heading', words: 'Seeing' }, { kind: 'point', words: 'Try karras and normal' }, { kind: 'text', words: 'x_t = sqrt(abar_t) · 2*3*4' },
    { kind: 'text', words: '2 * 3 * 4' }, { kind: 'text', words: 'a page' },
  ])
})

test('a picture gives way to a note below its node, and grows again when that is gone', () => {
  const store = new Store(workflowJSON)
  const scene = new Scene(store, indexCatalog(catalogJSON))
  store.subscribe(() => scene.touch({ onlyRecords: true }))
  const before = scene.node('save')
  const note = addNote(store, [before.x, before.y + before.height - 80])
  const { y, height } = scene.node('save')
  assert.ok(y + height <= scene.annotation(note).y && height < before.height)
  store.undo()
  assert.equal(scene.node('save').height, before.height)
})
