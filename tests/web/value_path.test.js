// The way of a value in plain Node: what a wire that is pointed at brings forward.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groundOf } from '../../web/document/ground.js'
import { pathText } from '../../web/canvas/path_words.js'
import { indexCatalog } from '../../web/document/catalog.js'
import { Store } from '../../web/document/store.js'
import { documentCatalog } from '../../web/document/subgraphs.js'
import { valuePath } from '../../web/kernels/value_path.js'

const socket = (name, type) => ({ name, type })
const type = (id, inputs, outputs) => ({ id, title: id, category: 'test', inputs: inputs.map(([name, kind]) => socket(name, kind)), outputs: outputs.map(([name, kind]) => socket(name, kind)) })
const catalog = indexCatalog({ nodes: [
  type('Loader', [], [['model', 'MODEL'], ['clip', 'CLIP']]),
  type('Lora', [['model', 'MODEL'], ['clip', 'CLIP']], [['model', 'MODEL'], ['clip', 'CLIP']]),
  type('Merge', [['model1', 'MODEL'], ['model2', 'MODEL']], [['model', 'MODEL']]),
  type('Encode', [['clip', 'CLIP']], [['conditioning', 'CONDITIONING']]),
  type('Control', [['positive', 'CONDITIONING'], ['negative', 'CONDITIONING'], ['image', 'IMAGE']], [['positive', 'CONDITIONING'], ['negative', 'CONDITIONING']]),
  type('Empty', [], [['latent', 'LATENT']]),
  type('Sampler', [['model', 'MODEL'], ['positive', 'CONDITIONING'], ['negative', 'CONDITIONING'], ['latent_image', 'LATENT']], [['latent', 'LATENT']]),
  type('Advanced', [['model', 'MODEL'], ['latent_image', 'LATENT']], [['output', 'LATENT'], ['denoised', 'LATENT']]),
  type('Decode', [['samples', 'LATENT']], [['image', 'IMAGE']]),
  type('Reroute', [['value', 'ANY']], [['value', 'ANY']]),
] })

/** `loader.model>lora.model` by words; a node's type is the beginning of its name. */
const made = (wires, { nodes = [], ...others } = {}) => {
  const link = (wire) => ({ from: wire.split('>')[0].split('.'), to: wire.split('>')[1].split('.') })
  const links = wires.map(link)
  const ids = [...new Set(links.flatMap(({ from, to }) => [from[0], to[0]]))]
  const typeOf = (id) => (id.startsWith('@') ? id : id[0].toUpperCase() + id.slice(1).replace(/\d+$/, ''))
  const store = new Store({ format: 'tessera.workflow', version: 1, nodes: ids.map((id) => ({ id, type: typeOf(id), ...nodes.find((node) => node.id === id) })), links, ...others })
  const ground = groundOf(store, documentCatalog(catalog, store))
  const named = ({ from, to }) => `${from.join('.')}>${to.join('.')}`
  return {
    store,
    follow: (wire) => {
      const path = valuePath(ground, store.links().find((each) => named(each) === wire))
      return { ...path, links: store.links().filter(({ id }) => path.links.has(id)).map(named), nodes: [...path.nodes] }
    },
  }
}

const PORTRAIT = [
  'loader.model>lora1.model', 'loader.clip>lora1.clip', 'lora1.model>lora2.model', 'lora1.clip>lora2.clip', 'lora2.clip>encode1.clip', 'lora2.clip>encode2.clip',
  'lora2.model>sampler1.model', 'lora2.model>sampler2.model', 'loader.model>sampler3.model', 'encode1.conditioning>control.positive', 'encode2.conditioning>control.negative',
  'control.positive>sampler1.positive', 'control.negative>sampler1.negative', 'empty.latent>sampler1.latent_image', 'sampler1.latent>sampler2.latent_image', 'sampler2.latent>decode.samples',
]

test('a model is followed through its LoRAs to the checkpoint, and not to what else these feed', () => {
  assert.deepEqual(made(PORTRAIT).follow('lora2.model>sampler1.model'), {
    type: 'MODEL', links: ['loader.model>lora1.model', 'lora1.model>lora2.model', 'lora2.model>sampler1.model'],
    nodes: ['loader', 'lora1', 'lora2', 'sampler1'], sources: ['loader'], through: ['lora1', 'lora2'], ends: ['sampler1'],
  })
})

test('near its source it leads to all that it reaches by this wire', () => {
  const { links, through, ends } = made(PORTRAIT).follow('loader.model>lora1.model')
  assert.deepEqual([links.filter((link) => link.includes('sampler')), through, ends],
    [['lora2.model>sampler1.model', 'lora2.model>sampler2.model'], ['lora1', 'lora2'], ['sampler1', 'sampler2']])
})

test('a latent goes through samplers to where it becomes a picture', () => {
  const { links, ...path } = made(PORTRAIT).follow('sampler1.latent>sampler2.latent_image')
  assert.equal(links.length, 3)
  assert.deepEqual(path, { type: 'LATENT', nodes: ['empty', 'sampler1', 'sampler2', 'decode'], sources: ['empty'], through: ['sampler1', 'sampler2'], ends: ['decode'] })
})

test('of two values of a type each takes its own way, by its name', () => {
  const { follow } = made(PORTRAIT)
  assert.deepEqual(follow('control.negative>sampler1.negative').sources, ['encode2'])
  assert.deepEqual(follow('encode1.conditioning>control.positive').links, ['encode1.conditioning>control.positive', 'control.positive>sampler1.positive'])
})

test('what is made of several comes from all of them; two outputs of one input both lead on', () => {
  const merged = made(['loader1.model>merge.model1', 'loader2.model>lora.model', 'lora.model>merge.model2', 'merge.model>sampler.model'])
  assert.deepEqual(merged.follow('merge.model>sampler.model').sources, ['loader1', 'loader2'])
  assert.deepEqual(merged.follow('loader1.model>merge.model1').links, ['loader1.model>merge.model1', 'merge.model>sampler.model'])
  const split = made(['empty.latent>advanced.latent_image', 'advanced.output>decode1.samples', 'advanced.denoised>decode2.samples'])
  assert.deepEqual(split.follow('empty.latent>advanced.latent_image').ends, ['decode1', 'decode2'])
})

test('what takes anything hands on the type that comes; another type ends the way', () => {
  const { follow } = made(['empty.latent>reroute.value', 'reroute.value>decode.samples', 'loader.clip>encode.clip'])
  assert.deepEqual(follow('empty.latent>reroute.value').ends, ['decode'])
  const { type: handedOn, sources } = follow('reroute.value>decode.samples')
  assert.deepEqual([handedOn, sources], ['LATENT', ['empty']])
  assert.deepEqual(follow('loader.clip>encode.clip').ends, ['encode'])
})

test('a bypassed node is passed as values pass it, and nothing comes out of a muted one', () => {
  const wires = ['loader1.model>merge.model1', 'loader2.model>merge.model2', 'merge.model>sampler.model']
  assert.deepEqual(made(wires, { nodes: [{ id: 'merge', mode: 'bypassed' }] }).follow('merge.model>sampler.model').sources, ['loader1'])
  const { sources, through } = made(wires, { nodes: [{ id: 'merge', mode: 'muted' }] }).follow('merge.model>sampler.model')
  assert.deepEqual([sources, through], [['merge'], []])
})

test('an instance is passed as its inside leads, also where names say otherwise', () => {
  const subgraph = {
    id: 'swap', inputs: [socket('a', 'LATENT'), socket('b', 'LATENT')], outputs: [socket('a', 'LATENT'), socket('c', 'LATENT')],
    nodes: [{ id: 'sampler', type: 'Sampler' }, { id: 'own', type: 'Empty' }], links: [
      { from: ['@in', 'b'], to: ['sampler', 'latent_image'] }, { from: ['sampler', 'latent'], to: ['@out', 'a'] }, { from: ['own', 'latent'], to: ['@out', 'c'] }],
  }
  const { follow } = made(['empty1.latent>@swap.a', 'empty2.latent>@swap.b', '@swap.a>decode1.samples', '@swap.c>decode2.samples'],
    { nodes: [{ id: '@swap', type: '@swap' }], subgraphs: [subgraph] })
  assert.deepEqual(follow('@swap.a>decode1.samples').sources, ['empty2'])
  assert.deepEqual(follow('empty1.latent>@swap.a').ends, ['@swap'])
  assert.deepEqual(follow('@swap.c>decode2.samples').sources, ['@swap'])
})

test('a long chain is followed to both its ends', () => {
  const { follow } = made(Array.from({ length: 500 }, (_, place) => `lora${place}.model>lora${place + 1}.model`))
  const { nodes, sources, ends } = follow('lora250.model>lora251.model')
  assert.deepEqual([nodes.length, sources, ends], [501, ['lora0'], ['lora500']])
})

test('the way is told in a sentence that counts what is alike', () => {
  const said = (sources, through, ends) => pathText({ sources, through, ends }, (id) => ({ l1: 'Load LoRA', l2: 'Load LoRA', c: 'Load Checkpoint', f: 'FreeU', k: 'KSampler' })[id])
  assert.equal(said(['c'], [], ['k']), 'from Load Checkpoint to KSampler')
  assert.equal(said(['c'], ['l1', 'l2'], ['k', 'f', 'l1']), 'from Load Checkpoint, through 2 × Load LoRA, to KSampler and 2 more')
  assert.equal(said(['c', 'f'], ['l1', 'f'], ['k']), 'from Load Checkpoint and 1 more, through Load LoRA and 1 more, to KSampler')
})
