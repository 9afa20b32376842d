// What a wire in the hand knows, in plain Node: which nodes could take it, which socket attracts it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Scene } from '../../web/canvas/scene.js'
import { indexCatalog } from '../../web/document/catalog.js'
import { Store } from '../../web/document/store.js'
import { enterConnect } from '../../web/tools/connect.js'
import { catalogJSON, workflowJSON } from './fixtures/text_to_image.js'

const taken = (node, kind, name, zoom = 1) => {
  const store = new Store(workflowJSON)
  const scene = new Scene(store, indexCatalog(catalogJSON))
  const interaction = { wire: null }
  const bench = { store, scene, interaction, services: {}, invalidate: () => {}, camera: () => ({ x: 0, y: 0, zoom }) }
  const socket = scene.node(node).layout[`${kind}s`].find((each) => each.name === name)
  const tool = enterConnect(bench, node, socket)
  const at = (id, side, input, dx = 0, dy = 0) => {
    const [x, y] = scene.socketPoint(id, side, input)
    tool.move({ world: [x + dx, y + dy] })
    return interaction.wire
  }
  return { store, scene, interaction, tool, at }
}

test('nodes that could take a wire stand out: those upstream, and those without a socket that fits, do not', () => {
  const { interaction } = taken('decode', 'output', 'IMAGE')
  assert.deepEqual([...interaction.wire.compatible].sort(), ['save', 'scale'])
  assert.deepEqual([...taken('loader', 'output', 'VAE').interaction.wire.compatible], ['decode'])
  const back = taken('prompt', 'input', 'clip').interaction.wire // Its wire is picked up: it hangs on the loader now.
  assert.deepEqual([back.pending.node, back.pending.kind, [...back.compatible].sort()], ['loader', 'output', ['negative', 'prompt']])
})

test('a socket that fits attracts the wire from beside it, by as much on screen at any zoom', () => {
  for (const zoom of [0.5, 1, 3]) {
    const near = taken('loader', 'output', 'VAE', zoom)
    const target = near.scene.socketPoint('decode', 'input', 'vae')
    const wire = near.at('decode', 'input', 'vae', -18 / zoom, 4 / zoom)
    assert.deepEqual([wire.target, wire.tip], [{ node: 'decode', socket: 'vae' }, target], `zoom ${zoom}`)
    assert.equal(near.at('decode', 'input', 'vae', -40 / zoom, 0).target, null)
    assert.equal(near.at('decode', 'input', 'samples', 4, 0).target?.socket, 'vae', 'the whole node is a target')
  }
})

test('a wire that is let go of, or dropped where nothing fits, leaves nothing', () => {
  const { store, interaction, tool } = taken('loader', 'output', 'MODEL')
  const before = store.toJSON()
  tool.cancel()
  assert.deepEqual([interaction.wire, store.toJSON(), store.undoLabel], [null, before, null])
})

test('a wire from a missing type fits what its output feeds already, else what is called like it', () => {
  const store = new Store({ ...workflowJSON, links: [...workflowJSON.links, { id: 'x', from: ['gone', 'out'], to: ['save', 'images'] }], nodes: [...workflowJSON.nodes, { id: 'gone', type: 'OfAPack', position: [0, 900] }, { id: 'named', type: 'OfAPack', position: [0, 1200] }] })
  store.edit('link', (tx) => tx.put('links', { id: 'y', from: ['named', 'LATENT'], to: ['gone', 'in'] }))
  const scene = new Scene(store, indexCatalog(catalogJSON))
  const compatible = (node, name) => {
    const interaction = { wire: null }
    enterConnect({ store, scene, interaction, services: {}, invalidate: () => {}, camera: () => ({ x: 0, y: 0, zoom: 1 }) }, node, scene.node(node).layout.outputs.find((each) => each.name === name))
    return [interaction.wire.pending.type, [...interaction.wire.compatible].filter((id) => ['sampler', 'decode', 'scale', 'loader'].includes(id)).sort()]
  }
  assert.deepEqual(compatible('gone', 'out'), ['IMAGE', ['scale']])
  assert.deepEqual(compatible('named', 'LATENT'), ['LATENT', ['decode', 'sampler']])
})
