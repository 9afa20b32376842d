// Thousands of random edits: undo to the start gives the first document back, redo the last, and saving loses nothing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexCatalog } from '../../web/document/catalog.js'
import { usedBy } from '../../web/document/definitions.js'
import { viaOf } from '../../web/document/reroutes.js'
import { Selection } from '../../web/document/selection.js'
import { Store } from '../../web/document/store.js'
import { documentCatalog } from '../../web/document/subgraphs.js'
import { routeBounds, routeCurves } from '../../web/kernels/routes.js'
import { COMMANDS, generator } from './fixtures/random_walk.js'
import { catalogJSON, workflowJSON } from './fixtures/text_to_image.js'

const WALKS = 12
const STEPS = 400

/** What never may be, whatever was done. @param {Store} store @param {Selection} selection */
const assertSound = (store, catalog, selection) => {
  for (const graph of ['', ...store.subgraphs().map(({ id }) => id)]) store.within(graph, () => assertGraph(store, catalog))
  const used = usedBy(store, store.graph('').nodes())
  assert.deepEqual(store.subgraphs().map(({ id }) => id).filter((id) => !used.includes(id)), [], 'nobody uses it')
  assert.ok(store.path.every(({ graph }) => store.subgraph(graph)))
  for (const id of selection.nodes) assert.ok(store.node(id))
}

/** @param {Store} store */
const assertGraph = (store, catalog) => {
  const ids = new Set(store.nodes().map(({ id }) => id))
  assert.equal(ids.size, store.nodes().length)
  const taken = new Set()
  for (const link of store.links()) {
    assert.ok(ids.has(link.from[0]) && ids.has(link.to[0]), `${link.id} hangs in the air`)
    assert.ok(link.from[1] !== '+' && link.to[1] !== '+', 'the free socket takes no wire')
    const sockets = link.from[0] === '@in' ? catalog.nodes.get('@in').outputs.map(({ name }) => name) : null
    assert.ok(!sockets || sockets.includes(link.from[1]), `@in has no ${link.from[1]}`)
    const isList = catalog.nodes.get(store.node(link.to[0]).type)?.inputs.find(({ name }) => name === link.to[1])?.list
    const end = link.to.join('\n')
    assert.ok(isList || !taken.has(end), `${end.replace('\n', '.')} has two links`)
    taken.add(end)
    assert.ok(store.linksTo(...link.to).includes(link) && store.linksFrom(...link.from).includes(link))
    assert.ok(Object.values(routeBounds(routeCurves([0, 0], viaOf(link), [10, 10]))).every(Number.isFinite))
  }
}

const withoutView = (document) => ({ ...document, view: null })

for (let seed = 1; seed <= WALKS; seed += 1) {
  test(`walk ${seed}: all of it can be undone and done again`, () => {
    const random = generator(seed * 7919)
    let clock = 0
    const store = new Store(workflowJSON, () => (clock += random.below(1200)))
    const selection = new Selection(store)
    const catalog = documentCatalog(indexCatalog(catalogJSON), store)
    const start = withoutView(store.toJSON())
    const did = []
    for (let step = 0; step < STEPS; step += 1) {
      const name = random.one(Object.keys(COMMANDS))
      const ids = store.nodes().map(({ id }) => id)
      selection.set({ nodes: random.some(ids) })
      did.push(name)
      const before = step % 16 ? null : withoutView(store.toJSON())
      const { done } = store.history
      COMMANDS[name]({ store, catalog, random, ids, link: random.one(store.links()) })
      assertSound(store, catalog, selection)
      if (before && store.history.done === done + 1 && name !== 'redo') {
        const after = withoutView(store.toJSON())
        store.undo()
        assert.deepEqual(withoutView(store.toJSON()), before, `${name} is not undone`)
        store.redo()
        assert.deepEqual(withoutView(store.toJSON()), after, `${name} is not done again`)
      }
    }
    const [end, { labels, done }] = [withoutView(store.toJSON()), store.history]
    assert.deepEqual(withoutView(new Store(store.toJSON()).toJSON()), end, 'saving and opening lose something')
    store.goTo(0)
    assert.deepEqual(withoutView(store.toJSON()), start, `not undone: ${did.join(' ')}`)
    store.goTo(labels.length)
    store.goTo(done)
    assert.deepEqual(withoutView(store.toJSON()), end)
  })
}
