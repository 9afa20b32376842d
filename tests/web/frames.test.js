// Frames in plain Node: folded to their titles, closed behind what leaves, opened for what comes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Scene } from '../../web/canvas/scene.js'
import { addFrame } from '../../web/document/annotations.js'
import { indexCatalog } from '../../web/document/catalog.js'
import { Store } from '../../web/document/store.js'
import { closed, FRAME_HEADER, frameAround, opened } from '../../web/kernels/frames.js'
import { encloses, union } from '../../web/kernels/geometry.js'
import { hitTest } from '../../web/kernels/hit_test.js'
import { toggleFold } from '../../web/tools/fold.js'
import { heldBy } from '../../web/tools/held.js'
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
