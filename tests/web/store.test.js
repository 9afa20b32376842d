import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexCatalog } from '../../web/document/catalog.js'
import { addNode, connect, deleteSelection, moveNodes, setInput, setTitle } from '../../web/document/edits.js'
import { Selection } from '../../web/document/selection.js'
import { Store } from '../../web/document/store.js'
import { catalogJSON, workflowJSON } from './fixtures/text_to_image.js'

const catalog = indexCatalog(catalogJSON)

/** A small reproducible generator (mulberry32). */
const randomly = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

const pick = (random, items) => items[Math.floor(random() * items.length)]

/** One edit of some kind at some place. */
const editSomewhere = (store, random) => {
  const node = pick(random, store.nodes())
  const steps = [
    () => addNode(store, catalog, { type: pick(random, [...catalog.nodes.keys()]), position: [random() * 900, random() * 900] }),
    () => node && moveNodes(store, [node.id], random() * 50 - 25, random() * 50 - 25, random() < 0.5 ? { coalesce: `move ${node.id}` } : {}),
    () => node && setInput(store, node.id, pick(random, ['seed', 'text', 'steps']), Math.floor(random() * 100)),
    () => node && setTitle(store, node.id, pick(random, ['', 'A', 'B'])),
    () => node && connect(store, catalog, { from: [node.id, 'OUT'], to: [pick(random, store.nodes()).id, pick(random, ['a', 'b'])] }),
    () => node && deleteSelection(store, { nodes: [node.id], links: [] }),
    () => node && store.edit('Raise', (tx) => tx.raise('nodes', node.id)),
    () => {
      store.begin('Gesture')
      for (let index = 0; index < 4 && node; index += 1) moveNodes(store, [node.id], 3, 1)
      if (random() < 0.3) store.cancel()
      else store.commit()
    },
  ]
  pick(random, steps)()
}

test('undoing everything gives the first document back, redoing everything the last', () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const random = randomly(seed)
    const store = new Store(workflowJSON, () => seed)
    const first = store.toJSON()
    const versions = []
    for (let step = 0; step < 60; step += 1) {
      editSomewhere(store, random)
      if (random() < 0.15) store.undo()
      if (random() < 0.1) store.redo()
    }
    const last = store.toJSON()
    while (store.undo()) versions.push(store.toJSON())
    assert.deepEqual(store.toJSON(), first, `seed ${seed}`)
    for (const version of [last, ...versions].slice(0, versions.length).reverse()) {
      store.redo()
      assert.deepEqual(store.toJSON(), version, `seed ${seed}`)
    }
    assert.deepEqual(store.toJSON(), last, `seed ${seed}`)
  }
})

test('a gesture is one undo entry and cancelling it leaves nothing', () => {
  const store = new Store(workflowJSON)
  const first = store.toJSON()
  store.begin('Move')
  for (let step = 0; step < 9; step += 1) moveNodes(store, ['sampler'], 5, 0)
  store.commit()
  assert.equal(store.undoLabel, 'Move')
  store.undo()
  assert.deepEqual(store.toJSON(), first)
  assert.equal(store.undo(), false)
  store.begin('Move')
  moveNodes(store, ['sampler'], 5, 0)
  store.cancel()
  assert.deepEqual(store.toJSON(), first)
  assert.equal(store.undoLabel, null)
  assert.equal(store.redoLabel, 'Move')
})

test('edits with one coalescing key in quick succession are one entry', () => {
  let now = 0
  const store = new Store(workflowJSON, () => now)
  for (const value of [1, 2, 3]) {
    now += 100
    setInput(store, 'sampler', 'steps', value, { coalesce: 'steps' })
  }
  now += 5000
  setInput(store, 'sampler', 'steps', 4, { coalesce: 'steps' })
  store.undo()
  assert.equal(store.node('sampler').inputs.steps, 3)
  store.undo()
  assert.equal(store.node('sampler').inputs.steps, 20)
})

test('an edit that throws has not happened', () => {
  const store = new Store(workflowJSON)
  const before = store.toJSON()
  assert.throws(() => store.edit('Break', (tx) => {
    tx.remove('nodes', 'sampler')
    throw new Error('no')
  }))
  assert.deepEqual(store.toJSON(), before)
  assert.equal(store.undoLabel, null)
})

test('subscribers learn whether the result may change', () => {
  const store = new Store(workflowJSON)
  const heard = []
  store.subscribe(({ kind, affectsResult }) => heard.push([kind, affectsResult]))
  moveNodes(store, ['sampler'], 1, 1)
  setTitle(store, 'sampler', 'Mine')
  setInput(store, 'sampler', 'steps', 9)
  store.setView({ x: 1, y: 2, zoom: 3 })
  store.undo()
  assert.deepEqual(heard, [['edit', false], ['edit', false], ['edit', true], ['view', false], ['undo', true]])
  assert.equal(store.contentRevision, 2)
  assert.deepEqual(store.view, { x: 1, y: 2, zoom: 3 })
})

test('a wire into a single input replaces the one there, as one entry; a list input keeps both', () => {
  const store = new Store(workflowJSON)
  connect(store, catalog, { from: ['negative', 'CONDITIONING'], to: ['sampler', 'positive'] })
  assert.deepEqual(store.linksTo('sampler', 'positive').map(({ from }) => from), [['negative', 'CONDITIONING']])
  store.undo()
  assert.deepEqual(store.linksTo('sampler', 'positive').map(({ from }) => from), [['prompt', 'CONDITIONING']])
  const batch = addNode(store, catalog, { type: 'ImageBatch', position: [0, 0] })
  connect(store, catalog, { from: ['decode', 'IMAGE'], to: [batch, 'images'] })
  connect(store, catalog, { from: ['scale', 'IMAGE'], to: [batch, 'images'] })
  assert.equal(store.linksTo(batch, 'images').length, 2)
})

test('deleting a node takes its links along and undo brings all back in place', () => {
  const store = new Store(workflowJSON)
  const before = store.toJSON()
  deleteSelection(store, { nodes: ['sampler', 'decode'], links: [] })
  assert.equal(store.linksTo('save').length, 0)
  assert.equal(store.nodes().length, 6)
  store.undo()
  assert.deepEqual(store.toJSON(), before)
})

test('new ids are readable and free', () => {
  const store = new Store()
  const add = (type) => addNode(store, catalog, { type, position: [0, 0] })
  assert.deepEqual(['KSampler', 'KSampler', 'ImageScaleBy', 'CLIPTextEncode', 'KSampler'].map(add), ['sampler', 'sampler_2', 'image_scale_by', 'prompt', 'sampler_3'])
  assert.deepEqual(store.node('sampler').inputs, { seed: 0, steps: 20, cfg: 7, sampler_name: 'euler', scheduler: 'normal', denoise: 1 })
})

test('a selection forgets what is deleted', () => {
  const store = new Store(workflowJSON)
  const selection = new Selection(store)
  selection.set({ nodes: ['sampler', 'save'], links: ['link_1'] })
  deleteSelection(store, { nodes: ['sampler'], links: [] })
  assert.deepEqual([...selection.nodes], ['save'])
  assert.deepEqual([...selection.links], [])
})

test('the history names every edit and goes to any of them', () => {
  const store = new Store(workflowJSON)
  const versions = [store.toJSON()]
  for (const seed of [1, 2, 3]) {
    setInput(store, 'sampler', 'seed', seed)
    versions.push(store.toJSON())
  }
  setTitle(store, 'save', 'Keep')
  versions.push(store.toJSON())
  assert.deepEqual(store.history, { labels: ['Set seed', 'Set seed', 'Set seed', 'Rename node'], done: 4, forgotten: 0 })
  for (const place of [1, 4, 0, 3]) {
    store.goTo(place)
    assert.deepEqual([store.toJSON(), store.history.done, store.history.labels.length], [versions[place], place, 4])
  }
})
