// The workflows that ship, measured as the editor draws them.

import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { before, test } from 'node:test'
import { roomForPreview } from '../../web/canvas/picture_room.js'
import { Scene } from '../../web/canvas/scene.js'
import { Store } from '../../web/document/store.js'
import { documentCatalog } from '../../web/document/subgraphs.js'
import { grown, intersects, union } from '../../web/kernels/geometry.js'
import { arrangeNodes } from '../../web/tools/arrange_nodes.js'
import { heldByFrame } from '../../web/tools/held.js'
import { wholeCatalog } from './fixtures/whole_catalog.js'

const FOLDER = new URL('../../workflows/', import.meta.url)
/** Nearer things look like one. */
const APART = 12
/** A preview that is smaller says little. */
const LEAST_PREVIEW = 120
const SQUARE = { width: 128, height: 128 }
const LOADED = { url: 'loaded.png', ...SQUARE }
let catalog

before(async () => { catalog = await wholeCatalog() })

/** The things of a graph that lie nearer to one another than is good. */
const tooClose = ({ nodes, notes }) => {
  const things = [...nodes, ...notes]
  return things.flatMap((one, place) => things.slice(place + 1).filter((other) => intersects(grown(one, APART), other)).map((other) => `${one.id} and ${other.id}`))
}

/** Each graph of a document while all its samplers show a preview, and its loaders their pictures. */
const scenesOf = (document) => {
  const store = new Store(document)
  return ['', ...store.subgraphs().map(({ id }) => id)].map((id) => {
    const loads = (type) => type?.inputs.some(({ widget }) => widget?.kind === 'file' && widget.upload)
    const scene = new Scene(store.graph(id), documentCatalog(catalog, store, { graph: () => id }), (_, type) => (loads(type) ? LOADED : null))
    const samplers = scene.nodes.filter((placed) => roomForPreview(placed) > 0).map((placed) => placed.id)
    scene.setOverlay({ nodes: new Map(samplers.map((name) => [name, { run: 'running', preview: SQUARE }])), problems: [] })
    return { id, scene, samplers }
  })
}

const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.json'))

test('no two things of a workflow that ships lie over or at one another, also while previews are shown', async () => {
  const close = []
  for (const name of names) {
    for (const { id, scene } of scenesOf(JSON.parse(await readFile(new URL(name, FOLDER), 'utf8')))) {
      close.push(...tooClose(scene).map((pair) => `${name} ${id} ${pair}`))
    }
  }
  assert.deepEqual(close, [])
})

test('every preview in them is large enough to be looked at', async () => {
  const small = []
  let count = 0
  for (const name of names) {
    for (const { scene, samplers } of scenesOf(JSON.parse(await readFile(new URL(name, FOLDER), 'utf8')))) {
      count += samplers.length
      small.push(...samplers.map((id) => [name, id, scene.node(id).layout.picture.height]).filter(([, , height]) => height < LEAST_PREVIEW))
    }
  }
  assert.deepEqual(small, [])
  assert.ok(count > names.length / 2, `only ${count} nodes show previews`)
})

test('what is arranged leaves room for the previews that will come', async () => {
  for (const name of ['samplers_compared.json', 'latent_upscale.json', 'watch_diffusion.json']) {
    const store = new Store(JSON.parse(await readFile(new URL(name, FOLDER), 'utf8')))
    arrangeNodes({ store, scene: new Scene(store, documentCatalog(catalog, store)) })
    const [{ scene, samplers }] = scenesOf({ ...store.toJSON(), notes: [] })
    assert.deepEqual(tooClose(scene), [], name)
    assert.ok(samplers.length && samplers.every((id) => scene.node(id).layout.picture.height > 200), name)
  }
})

/** Wires whose end lies left of where they begin. */
const ledBack = ({ nodes }, links) => {
  const placed = new Map(nodes.map((node) => [node.id, node]))
  return links.flatMap(({ from, to }) => {
    const [source, target] = [placed.get(from[0]), placed.get(to[0])]
    return source && target && target.x < source.x + source.width ? [`${from[0]} to ${to[0]}`] : []
  })
}

const shapeOf = ({ nodes, notes, frames }) => {
  const { width, height } = union([...nodes, ...notes, ...frames.map(({ extent }) => extent)])
  return width / height
}

test('those that ship read from left to right, in a shape that a screen can show', async () => {
  const bad = []
  for (const name of names) {
    const document = JSON.parse(await readFile(new URL(name, FOLDER), 'utf8'))
    for (const { id, scene } of scenesOf(document)) {
      const links = id ? document.subgraphs.find((subgraph) => subgraph.id === id).links : document.links
      const shape = shapeOf(scene)
      bad.push(...[...ledBack(scene, links), ...(shape < 0.6 || shape > 4.5 ? [shape.toFixed(2)] : [])].map((what) => `${name} ${id}: ${what}`))
    }
  }
  assert.deepEqual(bad, [])
})

test('arranging any of them leads every wire to the right, covers nothing, keeps frames and has a good shape', async () => {
  const bad = []
  for (const name of names) {
    const store = new Store(JSON.parse(await readFile(new URL(name, FOLDER), 'utf8')))
    const own = documentCatalog(catalog, store)
    const before = new Scene(store, own)
    const heldIn = (scene) => new Map(scene.frames.map((frame) => [frame.id, heldByFrame(scene, frame)]))
    const held = heldIn(before)
    arrangeNodes({ store, scene: before })
    const scene = new Scene(store, own)
    const shape = shapeOf(scene)
    bad.push(...[...tooClose(scene), ...ledBack(scene, store.links()), ...(shape < 0.6 || shape > 4.2 ? [shape.toFixed(2)] : [])].map((what) => `${name}: ${what}`))
    assert.deepEqual(heldIn(scene), held, name)
  }
  assert.deepEqual(bad, [])
})
