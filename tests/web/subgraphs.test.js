// Sub-graphs in the document: made of a selection, unpacked, edited inside, copied; one undo each.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Scene } from '../../web/canvas/scene.js'
import { shownName } from '../../web/canvas/text.js'
import { addFrame } from '../../web/document/annotations.js'
import { indexCatalog } from '../../web/document/catalog.js'
import { copyText, duplicate, pasteText } from '../../web/document/clipboard.js'
import { addressOf, locate } from '../../web/document/addresses.js'
import { RecursionError } from '../../web/document/definitions.js'
import { addNode, applyPatch, connect, deleteSelection, setInput } from '../../web/document/edits.js'
import { diffLines } from '../../web/document/document_diff.js'
import { replacements, replaceValues } from '../../web/document/replacing.js'
import { changedDocumentValues, takeDocumentValues } from '../../web/document/values.js'
import { insertDocument } from '../../web/document/insertion.js'
import { makeSubgraph, SubgraphError } from '../../web/document/make_subgraph.js'
import { moveSocket, removeSocket, renameSocket, setKind, setSocket } from '../../web/document/signature.js'
import { Store } from '../../web/document/store.js'
import { documentCatalog } from '../../web/document/subgraphs.js'
import { emptySubgraph, makeUnique, unpackSubgraph } from '../../web/document/unpack_subgraph.js'
import { WorkflowFormatError } from '../../web/document/workflow_format.js'
import { catalogJSON, workflowJSON } from './fixtures/text_to_image.js'

const open = (document = workflowJSON) => {
  const store = new Store(document)
  return { store, catalog: documentCatalog(indexCatalog(catalogJSON), store) }
}

/** Nodes and wires in an order of their own: what a run computes. */
const graphOf = (store) => {
  const { nodes, links } = store.toJSON()
  return { nodes: nodes.toSorted((a, b) => a.id.localeCompare(b.id)), links: links.map(({ from, to }) => [...from, ...to].join(' ')).sort() }
}

const ends = (links) => links.map(({ from, to }) => [...from, ...to].join(' '))

test('a selection becomes a sub-graph whose signature is the wires that crossed its edge, as one entry', () => {
  const { store, catalog } = open({ ...workflowJSON, parameters: [] })
  const before = store.toJSON()
  const id = makeSubgraph(store, catalog, { nodes: ['sampler', 'decode'] })
  assert.equal(id, 'subgraph')
  assert.deepEqual(store.subgraph('subgraph'), {
    id: 'subgraph', title: 'Sub-graph',
    inputs: [{ name: 'model', type: 'MODEL' }, { name: 'positive', type: 'CONDITIONING' }, { name: 'negative', type: 'CONDITIONING' }, { name: 'latent_image', type: 'LATENT' }, { name: 'vae', type: 'VAE' }],
    outputs: [{ name: 'IMAGE', type: 'IMAGE' }],
  })
  assert.deepEqual(store.node(id), { id, type: '@subgraph', inputs: {}, position: [712, 60] })
  assert.deepEqual(ends(store.linksFrom(id)), ['subgraph IMAGE save images', 'subgraph IMAGE scale image'])
  const body = store.graph('subgraph')
  assert.deepEqual(body.nodes().map((node) => node.id), ['@in', '@out', 'sampler', 'decode'])
  assert.deepEqual(ends(body.linksTo('decode')), ['sampler LATENT decode samples', '@in vae decode vae'])
  const after = store.toJSON()
  assert.deepEqual(new Store(after).toJSON(), after)
  store.undo()
  assert.deepEqual(store.toJSON(), before)
  store.redo()
  assert.deepEqual(store.toJSON(), after)
})

test('unpacking gives back nodes, wires and values', () => {
  for (const nodes of [['sampler', 'decode'], ['prompt', 'negative'], ['loader', 'sampler', 'prompt', 'negative', 'latent'], workflowJSON.nodes.map(({ id }) => id), ['save']]) {
    const { store, catalog } = open()
    const [before, parameters] = [graphOf(store), store.toJSON().parameters]
    unpackSubgraph(store, makeSubgraph(store, catalog, { nodes }))
    assert.deepEqual(graphOf(store), before)
    assert.deepEqual(store.toJSON().parameters, parameters)
    assert.deepEqual(store.subgraphs(), [])
    assert.equal(store.history.done, 2)
  }
})

test('wires of an input that takes many keep their order', () => {
  const { store, catalog } = open()
  const batch = addNode(store, catalog, { type: 'ImageBatch', position: [1700, 0] })
  for (const source of ['decode', 'scale']) connect(store, catalog, { from: [source, 'IMAGE'], to: [batch, 'images'] })
  const order = () => store.linksTo(batch).map(({ from }) => from[0])
  assert.deepEqual(order(), ['decode', 'scale'])
  const id = makeSubgraph(store, catalog, { nodes: ['decode'] })
  assert.deepEqual(order(), [id, 'scale'])
  unpackSubgraph(store, id)
  assert.deepEqual(order(), ['decode', 'scale'])
  const around = makeSubgraph(store, catalog, { nodes: [batch] })
  assert.deepEqual(store.subgraph('subgraph').inputs.map(({ name, list }) => [name, list]), [['images', true], ['images_2', true]])
  unpackSubgraph(store, around)
  assert.deepEqual(order(), ['decode', 'scale'])
})

test('a literal of the instance counts inside when it is unpacked; frames and notes come along', () => {
  const { store, catalog } = open()
  const frame = addFrame(store, { x: 712, y: 60, width: 300, height: 300 }, 'Sampling')
  const id = makeSubgraph(store, catalog, { nodes: ['sampler'], annotations: [frame] })
  assert.deepEqual(store.toJSON().parameters, [{ name: 'seed', node: id, input: 'seed', label: 'Seed' }])
  assert.deepEqual(store.node(id).inputs, { seed: 42 })
  assert.equal(store.graph('subgraph').carried('frames').length, 1)
  setInput(store, id, 'seed', 7)
  unpackSubgraph(store, id)
  assert.equal(store.node('sampler').inputs.seed, 7)
  assert.deepEqual(store.carried('frames').map(({ value }) => value.title), ['Kept', 'Sampling'])
  assert.deepEqual(store.toJSON().parameters, workflowJSON.parameters)
})

test('a sweep stays outside, where it may stand', () => {
  const { store, catalog } = open()
  const sweep = { sweep: [4, 6, 8], axis: 'cfg' }
  setInput(store, 'sampler', 'cfg', sweep)
  const before = graphOf(store)
  const id = makeSubgraph(store, catalog, { nodes: ['sampler'] }, { kind: 'repeat' })
  assert.deepEqual(store.node(id).inputs.cfg, sweep)
  assert.equal(store.graph('repeat').node('sampler').inputs.cfg, 4)
  unpackSubgraph(store, id)
  assert.deepEqual(graphOf(store), before)
})

test('what lies between the selected nodes must be selected too', () => {
  const { store, catalog } = open()
  assert.throws(() => makeSubgraph(store, catalog, { nodes: ['loader', 'sampler'] }), (error) => error instanceof SubgraphError && /Prompt lies between|Negative lies between/.test(error.message))
  assert.throws(() => makeSubgraph(store, catalog, { nodes: [] }), SubgraphError)
  assert.equal(store.undoLabel, null)
})

test('a loop takes what comes out in again, by the name of the input', () => {
  const { store, catalog } = open()
  makeSubgraph(store, catalog, { nodes: ['sampler'] }, { kind: 'repeat' })
  assert.deepEqual(store.subgraph('repeat').outputs, [{ name: 'latent_image', type: 'LATENT' }])
  const type = catalog.nodes.get('@repeat')
  assert.deepEqual(type.inputs.map(({ name }) => name), ['model', 'positive', 'negative', 'latent_image', 'seed', 'times'])
  assert.deepEqual(store.within('repeat', () => catalog.nodes.get('@in').outputs.map(({ name }) => name)), ['model', 'positive', 'negative', 'latent_image', 'seed', 'index', '+'])
})

test('an instance has the widgets of the first inputs inside, with what stands there as default', () => {
  const { store, catalog } = open()
  const id = makeSubgraph(store, catalog, { nodes: ['sampler'] })
  const seed = () => catalog.nodes.get('@subgraph').inputs.find(({ name }) => name === 'seed')
  assert.deepEqual(seed().widget, { kind: 'seed', default: 42, min: 0, max: 18446744073709551615 })
  const type = catalog.nodes.get('@subgraph')
  store.within('subgraph', () => setInput(store, 'sampler', 'steps', 3))
  assert.equal(catalog.nodes.get('@subgraph'), type, 'the same object while it says the same')
  store.within('subgraph', () => setInput(store, 'sampler', 'seed', 5))
  assert.equal(seed().widget.default, 5)
  setSocket(store, 'subgraph', 'inputs', 'seed', { default: 9 })
  assert.equal(seed().widget.default, 9)
  assert.equal(catalog.nodes.get('@nowhere'), undefined)
  assert.deepEqual(store.node(id).inputs, { seed: 42 })
})

test('a label is what a socket is called, at the instance and inside; its name stays', () => {
  const { store, catalog } = open()
  const id = makeSubgraph(store, catalog, { nodes: ['sampler'] })
  setSocket(store, 'subgraph', 'inputs', 'seed', { label: 'Luck' })
  setSocket(store, 'subgraph', 'outputs', 'LATENT', { label: 'Refined' })
  const labels = (sockets) => sockets.filter(({ label }) => label).map(({ name, label }) => [name, label])
  const { inputs, outputs } = catalog.nodes.get('@subgraph')
  assert.deepEqual([labels(inputs), labels(outputs)], [[['seed', 'Luck']], [['LATENT', 'Refined']]])
  const scene = new Scene(store, catalog, () => null, (graph) => ({ graph: store.graph(graph), catalog }))
  assert.deepEqual(scene.node(id).layout.outputs.map(shownName), ['Refined'])
  assert.deepEqual(scene.node(id).layout.widgets.map(({ input }) => shownName(input)), ['Luck'])
  store.enter(id)
  assert.deepEqual([labels(catalog.nodes.get('@in').outputs), labels(catalog.nodes.get('@out').inputs)], [[['seed', 'Luck']], [['LATENT', 'Refined']]])
  setSocket(store, 'subgraph', 'outputs', 'LATENT', { label: undefined })
  assert.deepEqual(store.subgraph('subgraph').outputs, [{ name: 'LATENT', type: 'LATENT' }])
})

test('one history over all graphs: undo shows where it undoes', () => {
  const { store, catalog } = open()
  const id = makeSubgraph(store, catalog, { nodes: ['sampler'] })
  const heard = []
  store.subscribe(({ kind }) => heard.push(`${kind} ${store.current}`))
  assert.equal(store.enter('loader'), false)
  assert.equal(store.enter(id), true)
  setInput(store, 'sampler', 'steps', 9)
  store.leave()
  store.undo()
  assert.equal(store.current, 'subgraph')
  assert.equal(store.node('sampler').inputs.steps, 20)
  store.undo()
  assert.deepEqual([store.current, store.path], ['', []])
  assert.deepEqual(heard, ['enter subgraph', 'edit subgraph', 'enter ', 'undo subgraph', 'enter subgraph', 'undo ', 'enter '])
})

test('the free socket of an end adds to the signature', () => {
  const { store, catalog } = open({ ...workflowJSON, parameters: [] })
  const id = makeSubgraph(store, catalog, { nodes: ['sampler'] })
  store.enter(id)
  connect(store, catalog, { from: ['@in', '+'], to: ['sampler', 'denoise'] })
  connect(store, catalog, { from: ['@in', 'denoise'], to: ['sampler', 'cfg'] })
  connect(store, catalog, { from: ['sampler', 'LATENT'], to: ['@out', '+'] })
  assert.deepEqual(store.subgraph('subgraph').inputs.at(-1), { name: 'denoise', type: 'FLOAT' })
  assert.deepEqual(store.subgraph('subgraph').outputs, [{ name: 'LATENT', type: 'LATENT' }, { name: 'LATENT_2', type: 'LATENT' }])
  deleteSelection(store, { nodes: ['@in', '@out'], links: [] })
  assert.equal(store.nodes().length, 3)
  store.undo()
  assert.equal(store.subgraph('subgraph').outputs.length, 1)
})

test('renaming, moving and removing a socket takes every instance along, in one step', () => {
  const { store, catalog } = open({ ...workflowJSON, parameters: [] })
  const id = makeSubgraph(store, catalog, { nodes: ['sampler', 'decode'] })
  const { nodes: [copy] } = duplicate(store, { nodes: [id] }, { fed: true })
  assert.equal(store.node(copy).type, '@subgraph')
  const before = store.toJSON()
  assert.equal(renameSocket(store, 'subgraph', 'inputs', 'model', 'vae'), 'vae_2')
  assert.equal(renameSocket(store, 'subgraph', 'outputs', 'IMAGE', 'picture'), 'picture')
  assert.deepEqual(ends(store.linksTo(copy, 'vae_2')), [`loader MODEL ${copy} vae_2`])
  assert.deepEqual(ends(store.linksFrom(id)), [`${id} picture save images`, `${id} picture scale image`])
  assert.deepEqual(ends(store.graph('subgraph').linksFrom('@in', 'vae_2')), ['@in vae_2 sampler model'])
  moveSocket(store, 'subgraph', 'inputs', 'vae_2', 2)
  assert.deepEqual(store.subgraph('subgraph').inputs.map(({ name }) => name), ['positive', 'negative', 'vae_2', 'latent_image', 'vae'])
  removeSocket(store, 'subgraph', 'inputs', 'vae_2')
  assert.deepEqual([store.linksTo(copy).length, store.linksTo(id).length, store.graph('subgraph').linksFrom('@in').length], [4, 4, 4])
  store.goTo(store.history.done - 4)
  assert.deepEqual(store.toJSON(), before)
})

test('another kind takes the wires and values of the old one away', () => {
  const { store, catalog } = open()
  const id = makeSubgraph(store, catalog, { nodes: ['sampler'] }, { kind: 'repeat' })
  setInput(store, id, 'times', 5)
  store.within('repeat', () => connect(store, catalog, { from: ['@in', 'index'], to: ['sampler', 'steps'] }))
  const before = store.toJSON()
  const { done } = store.history
  setKind(store, 'repeat', 'map')
  assert.deepEqual([store.subgraph('repeat').kind, store.node(id).inputs, store.graph('repeat').linksTo('sampler', 'steps').length], ['map', { seed: 42 }, 1])
  assert.deepEqual(store.subgraph('repeat').inputs.filter(({ each }) => each).map(({ name }) => name), ['model'])
  setSocket(store, 'repeat', 'inputs', 'model', { each: undefined })
  assert.deepEqual(store.subgraph('repeat').inputs[0], { name: 'model', type: 'MODEL', each: true }, 'a map takes items by one input at least')
  removeSocket(store, 'repeat', 'inputs', 'model')
  assert.deepEqual(store.subgraph('repeat').inputs[0].each, true)
  setKind(store, 'repeat', 'graph')
  assert.equal(store.graph('repeat').linksTo('sampler', 'steps').length, 0)
  store.goTo(done)
  assert.deepEqual(store.toJSON(), before)
})

test('what a kind has for itself keeps its name: a socket called so gets another', () => {
  const { store, catalog } = open({ ...workflowJSON, parameters: [] })
  const id = makeSubgraph(store, catalog, { nodes: ['sampler'] })
  renameSocket(store, 'subgraph', 'inputs', 'model', 'times')
  setKind(store, 'subgraph', 'repeat')
  assert.deepEqual(store.subgraph('subgraph').inputs[0], { name: 'times_2', type: 'MODEL' })
  assert.deepEqual(ends(store.linksTo(id, 'times_2')), [`loader MODEL ${id} times_2`])
  assert.equal(store.undoLabel, 'Make it repeat')
  store.undo()
  assert.deepEqual([store.subgraph('subgraph').inputs[0].name, store.subgraph('subgraph').kind], ['times', undefined])
})

test('the last instance takes its sub-graph along, and undo brings it back', () => {
  const { store, catalog } = open()
  const inner = makeSubgraph(store, catalog, { nodes: ['sampler'] })
  const outer = makeSubgraph(store, catalog, { nodes: [inner, 'decode'] })
  const { nodes: [copy] } = duplicate(store, { nodes: [outer] })
  const before = store.toJSON()
  deleteSelection(store, { nodes: [outer], links: [] })
  assert.equal(store.subgraphs().length, 2)
  deleteSelection(store, { nodes: [copy], links: [] })
  assert.deepEqual(store.subgraphs(), [])
  store.goTo(store.history.done - 2)
  assert.deepEqual(store.toJSON(), before)
  const kept = new Store({ ...before, nodes: [], links: [] })
  kept.edit('add', (tx) => tx.put('nodes', { id: 'x', type: 'A' }))
  assert.equal(kept.subgraphs().length, 2, 'what a file brought unused stays')
})

test('a sub-graph of its own', () => {
  const { store, catalog } = open()
  const id = makeSubgraph(store, catalog, { nodes: ['sampler'] })
  const { nodes: [copy] } = duplicate(store, { nodes: [id] })
  assert.equal(makeUnique(store, copy), 'subgraph_2')
  assert.equal(store.subgraph('subgraph_2').title, 'Sub-graph 2')
  store.within('subgraph_2', () => setInput(store, 'sampler', 'steps', 3))
  assert.equal(store.graph('subgraph').node('sampler').inputs.steps, 20)
})

test('pasting brings sub-graphs along: equal ones are shared, others get a name of their own', () => {
  const { store, catalog } = open()
  const inner = makeSubgraph(store, catalog, { nodes: ['sampler'] })
  const outer = makeSubgraph(store, catalog, { nodes: [inner, 'decode'] })
  const text = copyText(store, [outer])
  const other = open({ ...workflowJSON, nodes: [], links: [] })
  assert.deepEqual(pasteText(other.store, text).nodes, ['subgraph_2'])
  assert.deepEqual(pasteText(other.store, text).nodes, ['subgraph_3'])
  assert.deepEqual(other.store.subgraphs().map(({ id }) => id), ['subgraph', 'subgraph_2'])
  other.store.within('subgraph', () => setInput(other.store, 'sampler', 'steps', 3))
  pasteText(other.store, text)
  assert.deepEqual(other.store.subgraphs().map(({ id }) => id), ['subgraph', 'subgraph_2', 'subgraph_3', 'subgraph_4'])
  assert.deepEqual(other.store.nodes().map(({ type }) => type), ['@subgraph_2', '@subgraph_2', '@subgraph_4'])
  assert.equal(other.store.graph('subgraph_4').node('subgraph').type, '@subgraph_3')
})

test('nothing stands in itself', () => {
  const { store, catalog } = open()
  const inner = makeSubgraph(store, catalog, { nodes: ['sampler'] })
  const outer = makeSubgraph(store, catalog, { nodes: [inner, 'decode'] })
  const before = store.toJSON()
  store.enter(outer)
  store.enter(inner)
  for (const type of ['@subgraph', '@subgraph_2']) {
    assert.throws(() => addNode(store, catalog, { type, position: [0, 0] }), RecursionError)
  }
  assert.throws(() => addNode(store, catalog, { type: '@subgraph_2', position: [0, 0] }), /Sub-graph 2 cannot stand in Sub-graph: it holds Sub-graph itself/)
  assert.deepEqual(store.toJSON(), before)
  assert.deepEqual([...catalog.nodes.values()].filter(({ subgraph }) => subgraph), [], 'the search offers none')
})

test('what is kept on the server comes into its own likeness as a copy', () => {
  const { store, catalog } = open()
  const id = makeSubgraph(store, catalog, { nodes: ['decode'] })
  const kept = { ...JSON.parse(copyText(store, [id])), incoming: undefined }
  store.enter(id)
  assert.throws(() => pasteText(store, copyText(new Store({ ...workflowJSON, ...kept }), [id])), /Sub-graph cannot stand in itself/)
  assert.deepEqual(insertDocument(store, 'Add', kept, [0, 0]), ['subgraph'])
  assert.deepEqual([store.node('subgraph').type, store.subgraphs().map((each) => each.id)], ['@subgraph_2', ['subgraph', 'subgraph_2']])
})

test('an empty zone comes with its instance, each time its own', () => {
  const { store } = open()
  const zone = { id: '@new repeat', title: 'Repeat', category: 'sub-graphs', inputs: [], outputs: [], document: emptySubgraph('repeat') }
  const catalog = documentCatalog(indexCatalog(catalogJSON), store, { offered: () => [zone] })
  assert.deepEqual([addNode(store, catalog, { type: zone.id, position: [5, 6] }), addNode(store, catalog, { type: zone.id, position: [5, 6] })], ['repeat', 'repeat_2'])
  assert.deepEqual(store.nodes().slice(-2).map(({ type }) => type), ['@repeat', '@repeat_2'])
  assert.equal(store.history.done, 2)
})

test('what cannot be read is named, and what an instance cannot find is kept', () => {
  const with_ = (...subgraphs) => ({ ...workflowJSON, subgraphs })
  const good = { id: 'a', nodes: [], links: [] }
  const cases = [
    [{ ...workflowJSON, subgraphs: {} }, /subgraphs is not a list/], [with_(4), /subgraphs\[0\] is not an object/], [with_({ id: 'a/b' }), /without "\/"/],
    [with_(good, good), /two sub-graphs are called a/], [with_({ ...good, kind: 'forever' }), /sub-graph a is of the kind "forever"/],
    [with_({ ...good, inputs: [{ name: 'x' }] }), /sub-graph a: inputs: each needs/], [with_({ ...good, outputs: [{ name: 'x', type: 'A' }, { name: 'x', type: 'A' }] }), /two are called x/],
    [with_({ ...good, nodes: [{ type: 'A' }] }), /sub-graph a: nodes\[0\] has no id/], [with_({ ...good, nodes: [{ id: '@in', type: 'A' }] }), /a node is called @in/],
  ]
  for (const [document, message] of cases) assert.throws(() => new Store(document), (error) => error instanceof WorkflowFormatError && message.test(error.message))
  const odd = with_({ later: 1, id: 'self', input_position: [1, 2], nodes: [{ id: 'me', type: '@self' }], links: [{ from: ['@in', 'x'], to: ['me', 'x'] }], notes: [{ text: 'hi' }] })
  odd.nodes = [...odd.nodes, { id: 'gone', type: '@gone', inputs: { a: 1 } }, { id: 'me', type: '@self' }]
  const { store, catalog } = open(odd)
  assert.equal(JSON.stringify(store.toJSON()), JSON.stringify(odd))
  assert.equal(catalog.nodes.get('@gone'), undefined)
  assert.equal(store.enter('gone'), false)
  assert.equal(catalog.nodes.get('@self').id, '@self')
})

test('a fix that names a node inside changes the sub-graph', () => {
  const { store, catalog } = open()
  const inner = makeSubgraph(store, catalog, { nodes: ['sampler'] })
  const outer = makeSubgraph(store, catalog, { nodes: [inner, 'decode'] })
  const address = `${outer}/${inner}/sampler`
  assert.deepEqual(locate(store, address), { path: [{ node: outer, graph: 'subgraph_2' }, { node: inner, graph: 'subgraph' }], graph: 'subgraph', node: 'sampler' })
  assert.equal(addressOf(locate(store, address).path, 'sampler'), address)
  assert.equal(locate(store, `${outer}/nobody`), null)
  const before = store.toJSON()
  applyPatch(store, catalog, [
    { op: 'set_input', node: address, input: 'steps', value: 4 }, { op: 'add_node', node: `${outer}/${inner}/more`, type: 'EmptyLatentImage', inputs: {}, before: address },
    { op: 'add_link', from: [`${outer}/${inner}/more`, 'LATENT'], to: [address, 'latent_image'] }, { op: 'set_mode', node: `${outer}/decode`, mode: 'muted' },
  ])
  const body = store.graph('subgraph')
  assert.deepEqual([body.node('sampler').inputs.steps, ends(body.linksTo('sampler', 'latent_image')), store.graph('subgraph_2').node('decode').mode], [4, ['more LATENT sampler latent_image'], 'muted'])
  assert.equal(store.current, '')
  store.undo()
  assert.deepEqual(store.toJSON(), before)
})

test('a diff tells what changed in a sub-graph', () => {
  const { store, catalog } = open()
  const plain = store.toJSON()
  makeSubgraph(store, catalog, { nodes: ['sampler'] })
  const before = store.toJSON()
  const titleOf = ({ id }) => id
  assert.ok(diffLines(plain, before, titleOf).some(({ kind, text }) => kind === 'added' && text === 'Sub-graph Sub-graph'))
  store.within('subgraph', () => setInput(store, 'sampler', 'steps', 3))
  renameSocket(store, 'subgraph', 'inputs', 'seed', 'luck')
  assert.deepEqual(diffLines(before, store.toJSON(), titleOf).map(({ text }) => text), [
    'subgraph · luck: nothing → 42', 'Sub-graph Sub-graph: what goes in and comes out', 'Sub-graph › sampler · steps: 20 → 3', 'Sub-graph › @in · luck → sampler · seed', 'Sub-graph › @in · seed → sampler · seed'])
})

test('a value is replaced in sub-graphs too, whichever is shown', () => {
  const { store, catalog } = open()
  const id = makeSubgraph(store, catalog, { nodes: ['sampler', 'decode'] })
  store.enter(id)
  const asked = { find: 'dpmpp_2m', replace: 'euler' }
  const found = ['', 'subgraph'].flatMap((graph) => replacements(store.graph(graph).nodes(), catalog, asked, graph))
  assert.deepEqual(found.map(({ graph, node, input, fits }) => [graph, node, input, fits]), [['subgraph', 'sampler', 'sampler_name', true]])
  store.leave()
  replaceValues(store, found)
  assert.equal(store.graph('subgraph').node('sampler').inputs.sampler_name, 'euler')
})

test('values of another state come back in sub-graphs too, wherever one looks, as one entry', () => {
  const { store, catalog } = open()
  const id = makeSubgraph(store, catalog, { nodes: ['sampler'] })
  const then = store.toJSON()
  setInput(store, 'latent', 'width', 64)
  store.enter(id)
  setInput(store, 'sampler', 'steps', 3)
  const { done } = store.history
  assert.deepEqual(changedDocumentValues(store, then), [{ graph: '', node: 'latent', input: 'width', now: 64, then: 128 }, { graph: 'subgraph', node: 'sampler', input: 'steps', now: 3, then: 20 }])
  assert.equal(takeDocumentValues(store, then), 2)
  assert.deepEqual(store.toJSON(), then)
  assert.equal(store.history.done, done + 1)
  assert.equal(takeDocumentValues(store, then), 0)
})
