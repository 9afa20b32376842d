import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstWords, missingFiles, sketchOf } from '../../web/app/templates.js'
import { indexCatalog } from '../../web/document/catalog.js'
import { diffLines } from '../../web/document/document_diff.js'
import { addNode, connect, setInput, setMode } from '../../web/document/edits.js'
import { Store } from '../../web/document/store.js'
import { catalogJSON, workflowJSON } from './fixtures/text_to_image.js'

const catalog = indexCatalog(catalogJSON)
const titleOf = ({ id, title }) => title ?? id

test('a diff names nodes, wires, values, modes and titles; not places', () => {
  const store = new Store(workflowJSON)
  const before = store.toJSON()
  addNode(store, catalog, { type: 'PreviewImage', position: [0, 0] })
  connect(store, catalog, { from: ['decode', 'IMAGE'], to: ['preview', 'images'] })
  setInput(store, 'sampler', 'seed', 7)
  setMode(store, ['scale'], 'muted')
  store.edit('move', (tx) => {
    tx.put('nodes', { ...store.node('latent'), position: [1, 2] })
    tx.remove('links', 'link_3')
  })
  store.setTitle('Another')
  assert.deepEqual(diffLines(before, store.toJSON(), titleOf), [
    { kind: 'added', text: 'preview', node: 'preview' },
    { kind: 'changed', text: 'sampler · seed: 42 → 7', node: 'sampler' },
    { kind: 'changed', text: 'scale: active → muted', node: 'scale' },
    { kind: 'added', text: 'decode · IMAGE → preview · images', node: 'preview' },
    { kind: 'removed', text: 'loader · CLIP → Negative · clip' },
    { kind: 'changed', text: 'Title: “Text to image” → “Another”' },
  ])
  assert.deepEqual(diffLines(before, before, titleOf), [])
  assert.deepEqual(diffLines(store.toJSON(), before, titleOf)[0], { kind: 'removed', text: 'preview' })
})

test('a template needs the model files that nobody has; a picture to choose is no model', () => {
  const document = (inputs, mode) => ({ ...workflowJSON, links: [], nodes: [
    { id: 'loader', type: 'CheckpointLoaderSimple', mode, inputs }, { id: 'image', type: 'LoadImage', inputs: { image: 'gone.png' } }] })
  assert.deepEqual(missingFiles(document({ ckpt_name: 'tessera-embedded.safetensors' }), catalog), [])
  assert.deepEqual(missingFiles(document({ ckpt_name: 'sd21.safetensors' }), catalog), ['sd21.safetensors'])
  assert.deepEqual(missingFiles(document({ ckpt_name: 'sd21.safetensors' }, 'muted'), catalog), [])
  assert.deepEqual(missingFiles({ ...workflowJSON, nodes: [{ id: 'a', type: 'Unheard' }], links: [] }, catalog), ['the node type Unheard'])
  const inner = { ...workflowJSON, links: [], nodes: [{ id: 'a', type: '@a' }, { id: 'b', type: '@b' }], subgraphs: [{ id: 'a', nodes: [{ id: 'l', type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'gone.safetensors' } }], links: [] }] }
  assert.deepEqual(missingFiles(inner, catalog), ['the node type @b', 'gone.safetensors'])
  assert.equal(firstWords({ ...workflowJSON, notes: [{ text: '# Heading\n- point\nPlain words.' }] }), 'Plain words.')
  const { boxes, lines } = sketchOf(workflowJSON, catalog)
  assert.deepEqual([boxes.length, lines.length], [workflowJSON.nodes.length, workflowJSON.links.length])
})

test('a suspended document is taken up with its history, and can be read while it rests', () => {
  const store = new Store(workflowJSON)
  setInput(store, 'sampler', 'seed', 7)
  const [state, document] = [store.suspend(), store.toJSON()]
  store.load({ format: 'tessera.workflow', version: 1, nodes: [], links: [] })
  assert.deepEqual([store.nodes(), store.linksTo('sampler'), store.undoLabel], [[], [], null])
  assert.deepEqual(store.read(state), document)
  store.resume(state)
  assert.deepEqual([store.toJSON(), store.undoLabel, store.linksTo('save').length], [document, 'Set seed', 1])
  store.undo()
  assert.equal(store.node('sampler').inputs.seed, 42)
})
