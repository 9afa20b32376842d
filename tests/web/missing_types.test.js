import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copyText, duplicate, pasteText } from '../../web/document/clipboard.js'
import { moveNodes, setCollapsed, setMode, setTitle } from '../../web/document/edits.js'
import { indexCatalog } from '../../web/document/catalog.js'
import { swapType, wiresKept } from '../../web/document/rewiring.js'
import { Store } from '../../web/document/store.js'
import { layoutNode } from '../../web/kernels/layout.js'
import { catalogJSON } from './fixtures/text_to_image.js'

const workflow = {
  format: 'tessera.workflow', version: 1, title: 'From elsewhere', links: [{ from: ['gone', 'OUT_OF_A_PACK'], to: ['also_gone', 'pixels'] }],
  nodes: [
    { id: 'gone', type: 'NodeOfAPack', position: [0, 0], inputs: { strength: 0.35, nested: { deep: [1, 'two'] }, text: '多行\n文本' }, of_another_program: { kept: true } },
    { id: 'also_gone', type: 'AnotherOne', position: [400, 0], inputs: {} },
  ],
}
const nodeOf = (store, id) => store.toJSON().nodes.find((node) => node.id === id)

test('a node whose type is missing keeps its values and wires through every edit and undo', () => {
  const store = new Store(workflow)
  const before = store.toJSON()
  moveNodes(store, ['gone'], 40, 0)
  setTitle(store, 'gone', 'From a pack')
  setMode(store, ['gone'], 'bypassed')
  setCollapsed(store, ['gone'], true)
  const { inputs, of_another_program: own } = nodeOf(store, 'gone')
  assert.deepEqual([inputs, own, store.toJSON().links], [workflow.nodes[0].inputs, { kept: true }, before.links])
  while (store.undo());
  assert.deepEqual(store.toJSON(), before)
})

test('it is copied and pasted with all that it has', () => {
  const store = new Store(workflow)
  const { nodes: [copy] } = duplicate(store, { nodes: ['gone'] })
  assert.deepEqual([nodeOf(store, copy).inputs, nodeOf(store, copy).of_another_program], [workflow.nodes[0].inputs, { kept: true }])
  const other = new Store({ ...workflow, nodes: [], links: [] })
  assert.equal(pasteText(other, copyText(store, new Set(['gone', 'also_gone'])), [0, 0]).nodes.length, 2)
  const { nodes, links } = other.toJSON()
  assert.deepEqual(nodes.map(({ type, inputs }) => [type, inputs]), workflow.nodes.map(({ type, inputs }) => [type, inputs]))
  assert.deepEqual(links.map(({ from, to }) => [from[1], to[1]]), [['OUT_OF_A_PACK', 'pixels']])
})

test('it is drawn with the sockets that its wires need', () => {
  const layout = layoutNode(new Store(workflow).node('gone'), { type: undefined, picture: null, linkedInputs: [], linkedOutputs: ['OUT_OF_A_PACK'] })
  assert.deepEqual([layout.missing, layout.outputs.map(({ name }) => name)], [true, ['OUT_OF_A_PACK']])
})

test('another type in its place keeps the values and the wires that are called the same', () => {
  const catalog = indexCatalog(catalogJSON)
  const store = new Store({ ...workflow, nodes: [{ ...workflow.nodes[0], inputs: { text: 'words', strength: 2 } }, workflow.nodes[1]], links: [{ from: ['also_gone', 'X'], to: ['gone', 'clip'] }, { from: ['gone', 'CONDITIONING'], to: ['also_gone', 'y'] }, { from: ['gone', 'OTHER'], to: ['also_gone', 'z'] }] })
  const encode = catalog.nodes.get('CLIPTextEncode')
  assert.equal(wiresKept(store, catalog, 'gone', encode), 2)
  swapType(store, catalog, 'gone', encode)
  assert.deepEqual(store.node('gone').inputs, { text: 'words' })
  assert.deepEqual(store.links().map(({ from, to }) => [from, to]), [[['also_gone', 'X'], ['gone', 'clip']], [['gone', 'CONDITIONING'], ['also_gone', 'y']]])
})
