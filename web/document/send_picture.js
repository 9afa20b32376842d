// A picture goes to where it is wanted: into the loader that is there, or through nodes that are put in for it.

import { addNode, connect, setInput } from './edits.js'

/** @typedef {import('./catalog.js').Catalog} Catalog */
/** @typedef {import('./store.js').Store} Store */
/** @typedef {readonly [string, string]} End a node and its socket */
/** @typedef {'image' | 'mask' | 'outpaint' | 'control' | 'upscale'} Destination */
/** @typedef {{store: Store, catalog: Catalog, file: string}} Sending */

/** @type {readonly {to: Destination, label: string}[]} */
export const DESTINATIONS = [
  { to: 'image', label: 'Image to image' }, { to: 'mask', label: 'Inpainting' }, { to: 'outpaint', label: 'Outpainting' },
  { to: 'control', label: 'Control' }, { to: 'upscale', label: 'Upscale' },
]

const LOADER = 'LoadImage'
const FRAME = 'ImagePadForOutpaint'
const CONTROLS = new Set(['ControlNetApplyAdvanced', 'ControlNetApply', 'T2IAdapterApply'])
/** Of the noise, so that the picture is still seen. */
const USUAL_DENOISE = 0.6
const COLUMN = 300
const BELOW = 60

/** The workflow lacks what the picture would go to. */
export class CannotSend extends Error {}

/**
 * As one undo entry. @param {Store} store @param {Catalog} catalog @param {Destination} to @param {string} file in the input folder
 * @returns {string} the node that loads it, or the one that puts a frame around it
 */
export const sendPicture = (store, catalog, to, file) => {
  const sending = { store, catalog, file }
  const label = DESTINATIONS.find((each) => each.to === to)?.label ?? to
  return store.edit(`Send to ${label.toLowerCase()}`, () => WAYS[to](sending))
}

/** @param {Store} store @param {string} node @param {string} input @returns {End | null} */
const sourceOf = (store, node, input) => store.linksTo(node, input)[0]?.from ?? null

/** The nearest node of a type upstream of an input. @param {Store} store @param {string} node @param {string} input @param {string} [type] */
const loaderAbove = (store, node, input, type = LOADER) => {
  const waiting = store.linksTo(node, input).map(({ from }) => from[0])
  for (const id of waiting) {
    if (store.node(id)?.type === type) return id
    waiting.push(...store.linksTo(id).map(({ from }) => from[0]).filter((above) => !waiting.includes(above)))
  }
  return null
}

/** @param {Catalog} catalog @param {readonly string[]} types */
const demand = (catalog, types) => {
  for (const type of types) if (!catalog.nodes.has(type)) throw new CannotSend(`There is no node type ${type}`)
}

/** The sampler that the picture is for: the first that reads a latent. @param {Sending} sending */
const samplerOf = ({ store, catalog }) => {
  const found = store.nodes().find(({ type, mode = 'active' }) => mode === 'active' && catalog.nodes.get(type)?.inputs.some(({ name, type: kind }) => name === 'latent_image' && kind === 'LATENT'))
  if (!found) throw new CannotSend('This workflow has no sampler to give the picture to')
  return found
}

/** What decodes here encodes, too. @param {Sending} sending @returns {End} */
const vaeOf = ({ store, catalog }) => {
  const used = store.links().find(({ to }) => to[1] === 'vae')?.from
  if (used) return used
  for (const { id, type } of store.nodes()) {
    const output = catalog.nodes.get(type)?.outputs.find((each) => each.type === 'VAE')
    if (output) return [id, output.name]
  }
  throw new CannotSend('This workflow has no VAE to encode the picture with')
}

/** Nodes in a row below all others, the last one left of `before`. @param {Sending} sending @param {string | null} before @param {readonly {type: string, inputs?: Record<string, unknown>}[]} nodes */
const addRow = ({ store, catalog }, before, nodes) => {
  demand(catalog, nodes.map(({ type }) => type))
  const places = store.nodes().map(({ position: [x, y] = [0, 0], size }) => ({ x, bottom: y + (size?.[1] ?? 300) }))
  const right = store.node(before ?? '')?.position?.[0] ?? Math.min(...places.map(({ x }) => x), Infinity)
  const left = Number.isFinite(right) ? (before ? right - COLUMN * nodes.length : right) : 0
  const top = Math.max(...places.map(({ bottom }) => bottom), -BELOW) + BELOW
  return nodes.map((node, index) => addNode(store, catalog, { ...node, position: [left + COLUMN * index, top] }))
}

/** @type {Record<Destination, (sending: Sending) => string>} */
const WAYS = {
  image: (sending) => intoSampler(sending, false),
  mask: (sending) => intoSampler(sending, true),
  outpaint: (sending) => intoFrame(sending),
  control: (sending) => {
    const { store, catalog, file } = sending
    const applied = store.nodes().find(({ type, mode = 'active' }) => CONTROLS.has(type) && mode === 'active')
    const known = applied && loaderAbove(store, applied.id, 'image')
    if (known) return load(store, known, file)
    if (applied) {
      const [loader = ''] = addRow(sending, applied.id, [{ type: LOADER, inputs: { image: file } }])
      connect(store, catalog, { from: [loader, 'IMAGE'], to: [applied.id, 'image'] })
      return loader
    }
    return controlAnew(sending)
  },
  upscale: (sending) => {
    const { store, catalog, file } = sending
    const [loader = '', scaled = '', saved = ''] = addRow(sending, null, [{ type: LOADER, inputs: { image: file } }, { type: 'ImageScaleBy', inputs: { scale_by: 2 } }, { type: 'SaveImage' }])
    connect(store, catalog, { from: [loader, 'IMAGE'], to: [scaled, 'image'] })
    connect(store, catalog, { from: [scaled, 'IMAGE'], to: [saved, 'images'] })
    return loader
  },
}

/** @param {Store} store @param {string} loader @param {string} file */
const load = (store, loader, file) => {
  setInput(store, loader, 'image', file)
  return loader
}

/** The picture becomes what sampling begins with. @param {Sending} sending @param {boolean} masked only where it is painted on */
const intoSampler = (sending, masked) => {
  const { store, catalog, file } = sending
  const sampler = samplerOf(sending)
  const known = loaderAbove(store, sampler.id, 'latent_image')
  if (known) load(store, known, file)
  const isMasked = store.links().some(({ from }) => from[0] === known && from[1] === 'MASK')
  if (known && (!masked || isMasked)) return known
  const vae = known ? null : vaeOf(sending)
  const types = [...(known ? [] : [{ type: LOADER, inputs: { image: file } }, { type: 'VAEEncode' }]), ...(masked ? [{ type: 'SetLatentNoiseMask' }] : [])]
  const added = addRow(sending, sampler.id, types)
  const loader = known ?? added[0] ?? ''
  if (vae) {
    connect(store, catalog, { from: [loader, 'IMAGE'], to: [added[1] ?? '', 'pixels'] })
    connect(store, catalog, { from: vae, to: [added[1] ?? '', 'vae'] })
  }
  const latent = vae ? /** @type {End} */ ([added[1] ?? '', 'LATENT']) : sourceOf(store, sampler.id, 'latent_image')
  const mask = added.at(-1) ?? ''
  if (masked) {
    connect(store, catalog, { from: [loader, 'MASK'], to: [mask, 'mask'] })
    if (latent) connect(store, catalog, { from: latent, to: [mask, 'samples'] })
  }
  const given = masked ? /** @type {End} */ ([mask, 'LATENT']) : latent
  if (given) connect(store, catalog, { from: given, to: [sampler.id, 'latent_image'] })
  if (sampler.inputs?.denoise === 1) setInput(store, sampler.id, 'denoise', USUAL_DENOISE)
  return loader
}

/** The picture in a frame that is painted: all of the noise goes where nothing is yet. @param {Sending} sending @returns {string} the frame */
const intoFrame = (sending) => {
  const { store, catalog, file } = sending
  const sampler = samplerOf(sending)
  const known = loaderAbove(store, sampler.id, 'latent_image', FRAME)
  const loads = known && loaderAbove(store, known, 'image')
  if (known && loads) return load(store, loads, file), known
  const vae = vaeOf(sending)
  const [loader = '', frame = '', encode = '', mask = ''] = addRow(sending, sampler.id, [{ type: LOADER, inputs: { image: file } }, { type: FRAME }, { type: 'VAEEncode' }, { type: 'SetLatentNoiseMask' }])
  for (const [from, to] of /** @type {[End, End][]} */ ([
    [[loader, 'IMAGE'], [frame, 'image']], [[frame, 'IMAGE'], [encode, 'pixels']], [vae, [encode, 'vae']],
    [[encode, 'LATENT'], [mask, 'samples']], [[frame, 'MASK'], [mask, 'mask']], [[mask, 'LATENT'], [sampler.id, 'latent_image']],
  ])) connect(store, catalog, { from, to })
  return frame
}

/** A ControlNet between the prompts and the sampler. @param {Sending} sending */
const controlAnew = (sending) => {
  const { store, catalog, file } = sending
  const sampler = samplerOf(sending)
  const sources = ['positive', 'negative'].map((name) => sourceOf(store, sampler.id, name))
  if (sources.some((source) => source === null)) throw new CannotSend('The sampler has no two prompts that a control could lie between')
  const [loader = '', net = '', apply = ''] = addRow(sending, sampler.id, [{ type: LOADER, inputs: { image: file } }, { type: 'ControlNetLoader' }, { type: 'ControlNetApplyAdvanced' }])
  connect(store, catalog, { from: [loader, 'IMAGE'], to: [apply, 'image'] })
  connect(store, catalog, { from: [net, 'CONTROL_NET'], to: [apply, 'control_net'] })
  for (const [index, name] of ['positive', 'negative'].entries()) {
    const source = sources[index]
    if (source) connect(store, catalog, { from: source, to: [apply, name] })
    connect(store, catalog, { from: [apply, name], to: [sampler.id, name] })
  }
  return loader
}
