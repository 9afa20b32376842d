// Frames in plain Node: folded to their titles, closed behind what leaves, opened for what comes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Scene } from '../../web/canvas/scene.js'
import { addFrame } from '../../web/document/annotations.js'
import { indexCatalog } from '../../web/document/catalog.js'
import { setPinned } from '../../web/document/drawing.js'
import { foldFrames, unfoldOver } from '../../web/document/folding.js'
import { addReroute, viaOf } from '../../web/document/reroutes.js'
import { Selection } from '../../web/document/selection.js'
import { Store } from '../../web/document/store.js'
import { closed, FRAME_HEADER, frameAround, opened } from '../../web/kernels/frames.js'
import { encloses, union } from '../../web/kernels/geometry.js'
import { hitTest } from '../../web/kernels/hit_test.js'
import { toggleFold } from '../../web/tools/fold.js'
import { heldBy } from '../../web/tools/held.js'
import { nudge } from '../../web/tools/nudge.js'
import { catalogJSON, workflowJSON } from './fixtures/text_to_image.js'

const made = () => {
  const store = new Store({ ...workflowJSON, frames: [] })
  const scene = new Scene(store, indexCatalog(catalogJSON))
  store.subscribe(() => scene.touch())
  const frame = addFrame(store, union(['decode', 'scale'].map((id) => scene.node(id))), 'Picture')
  return { store, scene, frame }
}

test('a folded frame is a title; its nodes are not drawn, their wires end at it, and nothing of a result changes', () => {
  const { store, scene, frame } = made()
  const before = { document: store.toJSON(), links: scene.links.length }
  const heard = []
  store.subscribe(({ affectsResult }) => heard.push(affectsResult))
  toggleFold({ store, scene }, [frame])
  assert.deepEqual(store.toJSON().frames[0].folded, ['decode', 'scale'])
  const placed = scene.annotation(frame)
  assert.deepEqual([placed.height, placed.extent.height > 100], [FRAME_HEADER, true])
  assert.deepEqual(scene.nodes.map(({ id }) => id).filter((id) => ['decode', 'scale'].includes(id)), [])
  assert.equal(scene.links.length, before.links - 1, 'the wire between the two is not drawn')
  const [x, y] = scene.socketPoint('decode', 'input', 'samples')
  assert.deepEqual([x, y], [placed.x, placed.y + FRAME_HEADER / 2])
  const save = scene.links.find(({ link }) => link.to[0] === 'save')
  assert.deepEqual([save.curves[0].x1, save.curves[0].y1], [placed.x + placed.width, placed.y + FRAME_HEADER / 2])
  assert.deepEqual(hitTest(scene, placed.x + 10, placed.y + 10, { socket: 5, link: 4 }), { kind: 'annotation', id: frame, table: 'frames', part: 'fold' })
  assert.deepEqual([...heldBy(scene, { nodes: new Set(), annotations: new Set([frame]) }).nodes], ['decode', 'scale'])
  toggleFold({ store, scene }, [frame])
  assert.deepEqual(store.toJSON(), before.document)
  assert.equal(scene.links.length, before.links)
  assert.deepEqual(heard, [false, false])
})

test('a folded frame that is deleted gives its nodes back where they stood', () => {
  const { store, scene, frame } = made()
  toggleFold({ store, scene }, [frame])
  store.edit('delete', (tx) => tx.remove('frames', frame))
  const { x, y } = scene.node('decode')
  assert.deepEqual([x, y], workflowJSON.nodes.find(({ id }) => id === 'decode').position)
})

test('a frame closes around what stays, opens for what comes, and stays where nothing does', () => {
  const node = (id, x) => ({ id, x, y: 0, width: 100, height: 50 })
  const [a, b] = [node('a', 0), node('b', 300)]
  const frame = frameAround(union([a, b]))
  assert.deepEqual(closed(frame, [a, b], new Set(['b'])), frameAround(a))
  assert.deepEqual(closed(frame, [a, b], new Set(['a', 'b'])), frame)
  assert.ok(encloses(opened(frame, node('c', 900)), node('c', 900)) && encloses(opened(frame, node('c', 900)), frame))
})

test('an arrow moves a frame with what stands in it, its wires and a frame inside it, or the frame alone; what is pinned stays', () => {
  const { store, scene, frame } = made()
  const selection = new Selection(store)
  const inner = addFrame(store, scene.node('scale'), 'Size')
  const inside = store.links().find(({ from, to }) => from[0] === 'decode' && to[0] === 'scale').id
  addReroute(store, inside, 0, [1000, 500])
  setPinned(store, { nodes: ['scale'], annotations: [] }, true)
  selection.set({ annotations: [frame] })
  const places = () => [...['decode', 'scale', 'save'].map((id) => scene.node(id)), scene.annotation(frame), scene.annotation(inner)].map(({ x, y }) => [x, y])
  const start = { places: places(), document: store.toJSON() }
  const moved = (...which) => start.places.map(([x, y], place) => [x + (which.includes(place) ? 16 : 0), y])
  nudge({ store, selection, scene }, [16, 0])
  assert.deepEqual(places(), moved(0, 3, 4))
  store.undo()
  setPinned(store, { nodes: ['scale'], annotations: [] }, false)
  nudge({ store, selection, scene }, [8, 0])
  nudge({ store, selection, scene }, [8, 0])
  assert.deepEqual([places(), viaOf(store.link(inside))], [moved(0, 1, 3, 4), [[1016, 500]]])
  store.undo()
  assert.deepEqual(places(), start.places)
  nudge({ store, selection, scene }, [16, 0], { alone: true })
  assert.deepEqual([places(), viaOf(store.link(inside))], [moved(3), [[1000, 500]]])
})

test('what is looked for in a folded frame is shown: the frame opens', () => {
  const store = new Store(workflowJSON)
  const frame = addFrame(store, { x: 0, y: 0, width: 10, height: 10 })
  foldFrames(store, new Map([[frame, ['decode']]]))
  unfoldOver(store, 'save')
  assert.equal(store.undoLabel, 'Fold frame')
  unfoldOver(store, 'decode')
  assert.deepEqual([store.undoLabel, 'folded' in store.carried('frames').at(-1).value], ['Unfold frame', false])
})
