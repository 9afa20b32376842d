// Thousands of random edits: undo to the start gives the first document back, redo the last, and saving loses nothing.

import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { Scene } from '../../web/canvas/scene.js'
import { indexCatalog } from '../../web/document/catalog.js'
import { usedBy } from '../../web/document/definitions.js'
import { viaOf } from '../../web/document/reroutes.js'
import { Selection } from '../../web/document/selection.js'
import { Store } from '../../web/document/store.js'
import { documentCatalog } from '../../web/document/subgraphs.js'
import { routeBounds, routeCurves } from '../../web/kernels/routes.js'
import { COMMANDS, generator } from './fixtures/random_walk.js'
import { MORE_COMMANDS } from './fixtures/random_walk_more.js'
import { catalogJSON, workflowJSON } from './fixtures/text_to_image.js'

/** `WALK=20 node --test …` walks so many times as far, from other seeds. */
const LENGTH = Number(process.env.WALK ?? 1)
/** What others of them call; and in a walk no sub-graph is without an instance. */
const WALKED_BY_OTHERS = new Set(['deleteUnused', 'insert', 'forgetFolded', 'addSocketFor', 'updateNodes', 'updateAnnotations'])
const WALKS = 12
const STEPS = 400 * LENGTH
const ALL = { ...COMMANDS, ...MORE_COMMANDS }

/** What never may be, whatever was done. @param {Store} store @param {Selection} selection */
const assertSound = (store, catalog, selection) => {
  for (const graph of ['', ...store.subgraphs().map(({ id }) => id)]) store.within(graph, () => assertGraph(store, catalog))
  const used = usedBy(store, store.graph('').nodes())
  assert.deepEqual(store.subgraphs().map(({ id }) => id).filter((id) => !used.includes(id)), [], 'nobody uses it')
  assert.ok(store.path.every(({ graph }) => store.subgraph(graph)))
  for (const id of selection.nodes) assert.ok(store.node(id))
}

/** In their order, too. @param {readonly object[]} a @param {readonly object[]} b */
const sameItems = (a, b) => a.length === b.length && a.every((item, place) => item === b[place])

/** @param {Store} store */
const assertGraph = (store, catalog) => {
  const ids = new Set(store.nodes().map(({ id }) => id))
  assert.equal(ids.size, store.nodes().length)
  const taken = new Set()
  for (const id of [...ids, 'nobody']) {
    assert.ok(sameItems(store.linksTo(id), store.links().filter(({ to }) => to[0] === id)), `what leads to ${id}`)
    assert.ok(sameItems(store.linksFrom(id), store.links().filter(({ from }) => from[0] === id)), `what ${id} leads to`)
  }
  for (const link of store.links()) {
    assert.ok(ids.has(link.from[0]) && ids.has(link.to[0]), `${link.id} hangs in the air`)
    assert.ok(link.from[1] !== '+' && link.to[1] !== '+', 'the free socket takes no wire')
    const sockets = link.from[0] === '@in' ? catalog.nodes.get('@in').outputs.map(({ name }) => name) : null
    assert.ok(!sockets || sockets.includes(link.from[1]), `@in has no ${link.from[1]}`)
    const isList = catalog.nodes.get(store.node(link.to[0]).type)?.inputs.find(({ name }) => name === link.to[1])?.list
    const end = link.to.join('\n')
    assert.ok(isList || !taken.has(end), `${end.replace('\n', '.')} has two links`)
    taken.add(end)
    assert.ok(Object.values(routeBounds(routeCurves([0, 0], viaOf(link), [10, 10]))).every(Number.isFinite))
  }
}

/** Commands that have changed something in any walk. @type {Set<string>} */
const effective = new Set()

const withoutView = (document) => ({ ...document, view: null })

/** What a walk goes by. @param {number} seed */
const walker = (seed) => {
  const random = generator(seed)
  let clock = 0
  const store = new Store(workflowJSON, () => (clock += random.below(1200)))
  const selection = new Selection(store)
  const catalog = documentCatalog(indexCatalog(catalogJSON), store)
  const scene = new Scene(store, catalog)
  store.subscribe(() => scene.touch())
  return { store, selection, catalog, scene, random }
}

/** @param {ReturnType<typeof walker>} walk @param {string} name @param {boolean} [isChecked] */
const go = (walk, name, isChecked = false) => {
  const { store, selection, catalog, random } = walk
  const ids = store.nodes().map(({ id }) => id)
  selection.set({ nodes: random.some(ids) })
  const before = isChecked ? withoutView(store.toJSON()) : null
  const { history: { done }, revision } = store
  ALL[name]({ ...walk, ids, link: random.one(store.links()) })
  if (store.revision !== revision) effective.add(name)
  assertSound(store, catalog, selection)
  if (!before || store.history.done !== done + 1 || name === 'redo') return
  const after = withoutView(store.toJSON())
  store.undo()
  assert.deepEqual(withoutView(store.toJSON()), before, `${name} is not undone`)
  store.redo()
  assert.deepEqual(withoutView(store.toJSON()), after, `${name} is not done again`)
}

for (let seed = 1; seed <= WALKS; seed += 1) {
  test(`walk ${seed}: all of it can be undone and done again`, () => {
    const walk = walker(seed * 7919 + LENGTH - 1)
    const { store, random } = walk
    const start = withoutView(store.toJSON())
    const did = []
    for (let step = 0; step < STEPS; step += 1) {
      const name = random.one(Object.keys(ALL))
      did.push(name)
      go(walk, name, step % 16 === 0)
    }
    const [end, { labels, done }] = [withoutView(store.toJSON()), store.history]
    assert.deepEqual(withoutView(new Store(store.toJSON()).toJSON()), end, 'saving and opening lose something')
    store.goTo(0)
    assert.deepEqual(withoutView(store.toJSON()), start, `not undone: ${did.slice(-400).join(' ')}`)
    store.goTo(labels.length)
    store.goTo(done)
    assert.deepEqual(withoutView(store.toJSON()), end)
  })
}

test('every command has changed something on the way, or does when it is tried often', () => {
  const walk = walker(1)
  const left = () => Object.keys(ALL).filter((name) => !effective.has(name))
  for (let step = 0; step < 4000 && left().length; step += 1) go(walk, walk.random.one([...left(), 'enter', 'instance', 'make', 'add', 'connect', 'undo']))
  assert.deepEqual(Object.keys(ALL).filter((name) => !effective.has(name)), [])
})

test('every function of the document that edits it is walked', async () => {
  const folder = new URL('../../web/document/', import.meta.url)
  const sources = await Promise.all((await readdir(folder)).filter((name) => name.endsWith('.js')).map((name) => readFile(new URL(name, folder), 'utf8')))
  const editing = sources.flatMap((source) => source.split(/^(?=export const )/m).flatMap((part) => {
    const [body] = part.split(/^\}$/m)
    const [, name] = /^export const (\w+) = /.exec(part) ?? []
    return name && /\bstore\.edit\(|\bupdate(Nodes|Annotations|Via|Record)\(/.test(body) ? [name] : []
  }))
  const fixtures = await Promise.all(['random_walk', 'random_walk_more'].map((name) => readFile(new URL(`fixtures/${name}.js`, import.meta.url), 'utf8')))
  assert.ok(editing.length > 35, String(editing))
  assert.deepEqual(editing.filter((name) => !fixtures.some((text) => new RegExp(`\\b${name}\\b`).test(text)) && !WALKED_BY_OTHERS.has(name)), [])
})
