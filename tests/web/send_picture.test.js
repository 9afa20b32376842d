import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexCatalog } from '../../web/document/catalog.js'
import { CannotSend, sendPicture } from '../../web/document/send_picture.js'
import { Store } from '../../web/document/store.js'

const type = (id, inputs, outputs) => ({
  id, title: id, category: 'test',
  inputs: Object.entries(inputs).map(([name, kind]) => ({ name, type: kind, required: true, widget: kind === 'FILE' ? { kind: 'file', folder: 'input', upload: true, default: null } : kind === 'FLOAT' ? { kind: 'float', default: 1 } : null })),
  outputs: outputs.map((name) => ({ name, type: name === 'positive' || name === 'negative' ? 'CONDITIONING' : name })),
})
const catalog = indexCatalog({
  nodes: [
    type('Loader', {}, ['MODEL', 'CLIP', 'VAE']), type('Prompt', {}, ['CONDITIONING']), type('Empty', {}, ['LATENT']),
    type('KSampler', { positive: 'CONDITIONING', negative: 'CONDITIONING', latent_image: 'LATENT', denoise: 'FLOAT' }, ['LATENT']),
    type('VAEDecode', { samples: 'LATENT', vae: 'VAE' }, ['IMAGE']), type('VAEEncode', { pixels: 'IMAGE', vae: 'VAE' }, ['LATENT']),
    type('LoadImage', { image: 'FILE' }, ['IMAGE', 'MASK']), type('SetLatentNoiseMask', { samples: 'LATENT', mask: 'MASK' }, ['LATENT']),
    type('ImagePadForOutpaint', { image: 'IMAGE' }, ['IMAGE', 'MASK']), type('ControlNetLoader', {}, ['CONTROL_NET']), type('ImageScaleBy', { image: 'IMAGE', scale_by: 'FLOAT' }, ['IMAGE']), type('SaveImage', { images: 'IMAGE' }, []),
    type('ControlNetApplyAdvanced', { positive: 'CONDITIONING', negative: 'CONDITIONING', control_net: 'CONTROL_NET', image: 'IMAGE' }, ['positive', 'negative']),
  ], types: {}, conversions: [], problems: [],
})

const node = (id, kind, inputs = {}) => ({ id, type: kind, inputs, position: [0, 0] })
const link = (from, output, to, input) => ({ from: [from, output], to: [to, input] })
const make = () => new Store({
  format: 'tessera.workflow', version: 1,
  nodes: [node('loader', 'Loader'), node('good', 'Prompt'), node('bad', 'Prompt'), node('latent', 'Empty'), node('sampler', 'KSampler', { denoise: 1 }), node('decode', 'VAEDecode')],
  links: [link('good', 'CONDITIONING', 'sampler', 'positive'), link('bad', 'CONDITIONING', 'sampler', 'negative'), link('latent', 'LATENT', 'sampler', 'latent_image'), link('sampler', 'LATENT', 'decode', 'samples'), link('loader', 'VAE', 'decode', 'vae')],
})
const into = (store, id, input) => store.linksTo(id, input).map(({ from }) => from.join('.')).join()

test('image to image puts loader and encoder in, as one undo entry', () => {
  const store = make()
  const before = store.toJSON()
  assert.equal(sendPicture(store, catalog, 'image', 'fox.png'), 'image')
  assert.equal(store.undoLabel, 'Send to image to image')
  assert.deepEqual([into(store, 'sampler', 'latent_image'), into(store, 'encode', 'pixels'), into(store, 'encode', 'vae')], ['encode.LATENT', 'image.IMAGE', 'loader.VAE'])
  assert.deepEqual([store.node('image').inputs.image, store.node('sampler').inputs.denoise], ['fox.png', 0.6])
  store.undo()
  assert.deepEqual(store.toJSON(), before)
})

test('where a loader is there already, it gets the file and nothing else changes', () => {
  const store = make()
  sendPicture(store, catalog, 'image', 'fox.png')
  const links = store.links().length
  assert.equal(sendPicture(store, catalog, 'image', 'cat.png'), 'image')
  assert.deepEqual([store.node('image').inputs.image, store.links().length], ['cat.png', links])
})

test('inpainting puts the mask between the latent and the sampler', () => {
  const store = make()
  sendPicture(store, catalog, 'mask', 'fox.png')
  const masked = store.linksTo('sampler', 'latent_image')[0].from[0]
  assert.equal(store.node(masked).type, 'SetLatentNoiseMask')
  assert.deepEqual([into(store, masked, 'samples'), into(store, masked, 'mask')], ['encode.LATENT', 'image.MASK'])
  const nodes = store.nodes().length
  sendPicture(store, catalog, 'mask', 'cat.png')
  assert.deepEqual([store.nodes().length, store.node('image').inputs.image], [nodes, 'cat.png'])
  const plain = make()
  sendPicture(plain, catalog, 'image', 'fox.png')
  sendPicture(plain, catalog, 'mask', 'fox.png')
  assert.equal(plain.nodes().filter((each) => each.type === 'LoadImage').length, 1)
  assert.equal(into(plain, plain.linksTo('sampler', 'latent_image')[0].from[0], 'samples'), 'encode.LATENT')
})

test('control goes between the prompts and the sampler, or to the one that is there', () => {
  const store = make()
  sendPicture(store, catalog, 'control', 'edges.png')
  const [apply] = store.nodes().filter((each) => each.type === 'ControlNetApplyAdvanced')
  assert.deepEqual([into(store, 'sampler', 'positive'), into(store, apply.id, 'negative'), into(store, apply.id, 'image')], [`${apply.id}.positive`, 'bad.CONDITIONING', 'image.IMAGE'])
  sendPicture(store, catalog, 'control', 'other.png')
  assert.deepEqual([store.node('image').inputs.image, store.nodes().filter((each) => each.type === 'LoadImage').length], ['other.png', 1])
})

test('upscaling is a branch of its own, below all others', () => {
  const store = make()
  assert.equal(sendPicture(store, catalog, 'upscale', 'fox.png'), 'image')
  assert.deepEqual(store.linksFrom('image').map(({ to }) => to.join('.')), ['image_scale_by.image'])
  assert.ok(store.node('image').position[1] > 300)
})

test('what cannot be sent says why and leaves nothing behind', () => {
  const store = new Store({ format: 'tessera.workflow', version: 1, nodes: [node('good', 'Prompt')], links: [] })
  assert.throws(() => sendPicture(store, catalog, 'image', 'fox.png'), CannotSend)
  assert.throws(() => sendPicture(store, catalog, 'control', 'fox.png'), /no sampler/)
  assert.deepEqual([store.nodes().length, store.undoLabel], [1, null])
})

test('outpainting puts a frame around the picture and masks it, and a second picture takes the first one\'s place', () => {
  const store = make()
  const before = store.toJSON()
  const frame = sendPicture(store, catalog, 'outpaint', 'fox.png')
  assert.equal(store.node(frame).type, 'ImagePadForOutpaint')
  const [mask] = store.linksTo('sampler', 'latent_image')[0].from
  assert.deepEqual([into(store, frame, 'image'), into(store, mask, 'mask'), into(store, 'encode', 'pixels'), into(store, mask, 'samples')], ['image.IMAGE', `${frame}.MASK`, `${frame}.IMAGE`, 'encode.LATENT'])
  assert.equal(store.node('sampler').inputs.denoise, 1)
  const nodes = store.nodes().length
  assert.equal(sendPicture(store, catalog, 'outpaint', 'cat.png'), frame)
  assert.deepEqual([store.nodes().length, store.node('image').inputs.image], [nodes, 'cat.png'])
  store.undo()
  store.undo()
  assert.deepEqual(store.toJSON(), before)
})
