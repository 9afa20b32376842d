// What runs say of all graphs, as one graph shows it; and where one hits an instance.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Scene } from '../../web/canvas/scene.js'
import { scopeOverlay } from '../../web/canvas/scopes.js'
import { indexCatalog } from '../../web/document/catalog.js'
import { makeSubgraph } from '../../web/document/make_subgraph.js'
import { togglePeek } from '../../web/document/peek.js'
import { Store } from '../../web/document/store.js'
import { documentCatalog } from '../../web/document/subgraphs.js'
import { hitTest } from '../../web/kernels/hit_test.js'
import { catalogJSON, workflowJSON } from './fixtures/text_to_image.js'

const preview = { width: 64, height: 64 }
const problem = { code: 'missing_input', node: 'outer/inner/sampler', input: 'model', message: 'not connected' }
const overlay = {
  nodes: new Map([
    ['loader', { run: 'cached' }], ['outer/prompt', { run: 'done', seconds: 1, plan: 'cached' }],
    ['outer/inner/sampler', { run: 'running', progress: { done: 3, total: 8 }, preview, plan: 'will_run', reason: 'steps changed' }],
    ['outer/save', { run: 'waiting', plan: 'will_run' }], ['loop', { run: 'running', progress: { done: 1, total: 4 } }], ['loop/sampler', { run: 'done', seconds: 2, preview }],
  ]),
  problems: [problem, { code: 'cycle', node: null, message: 'a circle' }],
  facts: { 'outer/prompt': { CONDITIONING: { tokens: 7 } }, loader: { MODEL: {} } },
}
const nobody = () => false

test('an instance sums up what is in it: the preview of what runs, how many steps have ended, what the plan will do', () => {
  const { nodes, problems } = scopeOverlay(overlay, '', nobody)
  const { run, progress, plan, reason, preview: shown } = nodes.get('outer')
  assert.deepEqual({ run, progress, plan, reason, shown }, { run: 'running', progress: { done: 1, total: 3 }, plan: 'will_run', reason: 'inner/sampler: steps changed', shown: preview })
  assert.deepEqual([nodes.get('loop').progress, nodes.get('loop').run, nodes.get('loop').preview], [{ done: 1, total: 4 }, 'running', preview], 'a zone is a step itself')
  assert.deepEqual([...nodes.keys()], ['loader', 'loop', 'outer'])
  assert.deepEqual(problems.map(({ node, input }) => [node, input]), [['outer', null], [null, undefined]])
})

test('inside, nodes are called by their own names', () => {
  const { nodes, problems, facts } = scopeOverlay(overlay, 'outer/', nobody)
  assert.deepEqual([...nodes.keys()], ['prompt', 'save', 'inner'])
  assert.deepEqual(problems.map(({ node, input }) => [node, input]), [['inner', null]])
  assert.deepEqual(scopeOverlay(overlay, 'outer/inner/', nobody).problems, [{ ...problem, node: 'sampler' }])
  assert.deepEqual(facts, { prompt: { CONDITIONING: { tokens: 7 } } })
})

test('a branch alone and the viewer\'s places are those of the graph that is shown', () => {
  const seeing = { ...overlay, solo: new Set(['loader', 'outer', 'outer/inner', 'outer/inner/sampler']), slots: { A: 'outer/prompt', B: 'loader' } }
  const of = (prefix) => (({ solo, slots }) => [[...solo], slots])(scopeOverlay(seeing, prefix, nobody))
  assert.deepEqual(of('outer/'), [['inner', 'inner/sampler'], { A: 'prompt', B: null }])
  assert.deepEqual(of('loop/'), [[], { A: null, B: null }])
  assert.deepEqual(of('')[1], seeing.slots)
  assert.deepEqual([scopeOverlay(overlay, 'outer/', nobody).solo, scopeOverlay({ ...overlay, solo: null }, 'outer/', nobody).solo], [undefined, null])
})

test('a document without sub-graphs is not looked through, and an id may hold a slash', () => {
  const plain = { nodes: new Map([['a', { run: 'done' }]]), problems: [] }
  assert.equal(scopeOverlay(plain, '', nobody), plain)
  assert.deepEqual([...scopeOverlay({ ...plain, nodes: new Map([['a/b', { run: 'done' }]]) }, '', (name) => name === 'a/b').nodes.keys()], ['a/b'])
})

test('an instance has a tab; open, it shows what is in it, and follows edits there', () => {
  const store = new Store(workflowJSON)
  const catalog = documentCatalog(indexCatalog(catalogJSON), store)
  const scene = new Scene(store, catalog, () => null, (id) => ({ graph: store.graph(id), catalog: documentCatalog(catalog, store, { graph: () => id }) }))
  const id = makeSubgraph(store, catalog, { nodes: ['sampler'] })
  scene.touch()
  const at = ({ tab, x = 0, y = 0 }) => hitTest(scene, scene.node(id).x + x + (tab ? tab.x + 4 : 0), scene.node(id).y + y + (tab ? tab.y + 4 : 0), { socket: 10, link: 6 })
  assert.deepEqual(at(scene.node(id).layout), { kind: 'tab', node: id })
  assert.equal(scene.node(id).layout.picture, null)
  assert.equal(togglePeek(store, catalog, [id]), true)
  scene.touch()
  const area = scene.node(id).layout.picture
  assert.ok(area.width > 500 && area.height > 100)
  const body = scene.body(store.node(id))
  assert.deepEqual(body.nodes.map((node) => [node.id, node.layout.outputs.map(({ name }) => name)]), [
    ['@in', ['model', 'positive', 'negative', 'latent_image', 'seed', '+']], ['@out', []], ['sampler', ['LATENT']]])
  scene.setOverlay({ nodes: new Map([[`${id}/sampler`, { run: 'running' }]]), problems: [] })
  assert.equal(body.state('sampler'), 'running')
  assert.equal(scene.state(id), 'running')
  assert.equal(togglePeek(store, catalog, ['loader']), false)
  togglePeek(store, catalog, [id])
  assert.equal(scene.body(store.node(id)), null)
})

test('what stands right of an opened instance makes room, and comes back', () => {
  const store = new Store(workflowJSON)
  const catalog = documentCatalog(indexCatalog(catalogJSON), store)
  const id = makeSubgraph(store, catalog, { nodes: ['sampler'] })
  const before = store.toJSON()
  const at = (name) => store.node(name).position
  togglePeek(store, catalog, [id])
  assert.deepEqual([at('decode'), at('prompt'), at(id)], [[1032 + 312, 60], [320, 0], [712, 60]])
  togglePeek(store, catalog, [id])
  assert.deepEqual(store.toJSON(), before)
})

test('a sub-graph that holds itself is drawn so deep and no deeper', () => {
  const self = { id: 'self', nodes: [{ id: 'me', type: '@self', open: true, position: [0, 0] }], links: [] }
  const store = new Store({ ...workflowJSON, nodes: [{ id: 'me', type: '@self', open: true, position: [0, 0] }], links: [], subgraphs: [self] })
  const catalog = documentCatalog(indexCatalog(catalogJSON), store)
  const scene = new Scene(store, catalog, () => null, (id) => ({ graph: store.graph(id), catalog }))
  assert.ok(scene.bounds().height > 0)
})
