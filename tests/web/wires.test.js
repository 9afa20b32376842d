// Wires in plain Node: the way through their points, cuts, pairs of sockets, and edits that lead them anew.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexCatalog } from '../../web/document/catalog.js'
import { copyText, pasteText } from '../../web/document/clipboard.js'
import { addReroute, moveReroute, removeReroute, shiftWays, viaOf, waysBetween } from '../../web/document/reroutes.js'
import { connectInRow, pullOut, swapInputs, swapType, wiresKept } from '../../web/document/rewiring.js'
import { Store } from '../../web/document/store.js'
import { hitTest } from '../../web/kernels/hit_test.js'
import { linkCurve, pointOn } from '../../web/kernels/link_path.js'
import { bestPair } from '../../web/kernels/matching.js'
import { crossing, nearestPart, routeCurves, routeMiddle, STRETCHES } from '../../web/kernels/routes.js'
import { createShakeReader } from '../../web/kernels/shake.js'
import { nextNode, nextWire } from '../../web/kernels/walk.js'
import { catalogJSON, workflowJSON } from './fixtures/text_to_image.js'

const catalog = indexCatalog(catalogJSON)
const wired = (store) => store.links().map(({ from, to }) => `${from.join('.')} > ${to.join('.')}`).sort()
const without = (store, ...wires) => wired(store).filter((wire) => !wires.includes(wire))

test('a wire without points is the curve it was, and one with points goes through each', () => {
  assert.deepEqual(routeCurves([0, 0], [], [300, 40]), [linkCurve([0, 0], [300, 40])])
  const curves = routeCurves([0, 0], [[100, 80], [40, 160]], [300, 40])
  assert.deepEqual(curves.map(({ x1, y1, x2, y2 }) => [x1, y1, x2, y2]), [[0, 0, 100, 80], [100, 80, 40, 160], [40, 160, 300, 40]])
  // It is smooth where it turns: the tangents before and after a point are one line.
  const [before, after] = [curves[0], curves[1]]
  assert.ok((before.x2 - before.c2x) * (after.c1x - after.x1) > 0 && before.c2y === 80 && after.c1y === 80)
  assert.deepEqual(routeMiddle(routeCurves([0, 0], [[100, 80]], [300, 40])), [100, 80])
  assert.equal(nearestPart(curves, 60, 130), 1)
  const [line] = routeCurves([0, 0], [], [30, 60], 'straight')
  assert.deepEqual(pointOn(line, 0.5), [15, 30])
})

test('a stepped wire runs level and upright, goes around where it leads back, and keeps its points', () => {
  const corners = (curves) => [[curves[0].x1, curves[0].y1], ...curves.map(({ x2, y2 }) => [x2, y2])]
  assert.deepEqual(corners(routeCurves([0, 0], [], [300, 40], 'stepped')), [[0, 0], [150, 0], [150, 20], [150, 20], [150, 40], [300, 40]])
  assert.deepEqual(corners(routeCurves([0, 0], [], [-100, 80], 'stepped')), [[0, 0], [24, 0], [24, 40], [-124, 40], [-124, 80], [-100, 80]])
  const curves = routeCurves([0, 0], [[100, 80]], [300, 40], 'stepped')
  const stretches = STRETCHES.stepped
  assert.deepEqual([curves.length, crossing(curves, [250, 0], [250, 70], stretches).part, nearestPart(curves, 280, 41, stretches)], [10, 1, 1])
  assert.deepEqual(hitTest({ nodes: [], links: [{ id: 'a', curves, stretches }] }, 102, 81, { socket: 5, link: 4 }), { kind: 'reroute', id: 'a', index: 0 })
})

test('a cut says which part it crosses, and where', () => {
  const curves = routeCurves([0, 0], [[100, 0]], [200, 0])
  const found = crossing(curves, [150, -10], [150, 10])
  assert.equal(found.part, 1)
  assert.ok(Math.abs(found.at[0] - 150) < 0.5 && Math.abs(found.at[1]) < 0.5)
  assert.equal(crossing(curves, [150, 5], [150, 10]), null)
  assert.deepEqual(hitTest({ nodes: [], links: [{ id: 'a', curves }] }, 102, 3, { socket: 5, link: 4 }), { kind: 'reroute', id: 'a', index: 0 })
})

test('reroutes stand in the document, draw only, and leave no trace when they go', () => {
  const store = new Store(workflowJSON)
  const start = store.toJSON()
  const heard = []
  store.subscribe(({ affectsResult }) => heard.push(affectsResult))
  addReroute(store, 'link_2', 0, [250.4, 90])
  addReroute(store, 'link_2', 1, [300, 20])
  moveReroute(store, 'link_2', 0, [260, 80])
  assert.deepEqual(store.toJSON().links[1], { from: ['loader', 'CLIP'], to: ['prompt', 'clip'], bend: 3, via: [[260, 80], [300, 20]] })
  assert.deepEqual(heard, [false, false, false])
  removeReroute(store, 'link_2', 0)
  removeReroute(store, 'link_2', 0)
  assert.deepEqual(store.toJSON(), start)
  const kept = new Store({ ...start, links: [{ ...start.links[0], via: 'by hand' }] })
  assert.deepEqual([viaOf(kept.links()[0]), kept.toJSON().links[0].via], [[], 'by hand'])
})

test('reroutes go with the nodes between which they lie, by hand and through the clipboard', () => {
  const store = new Store(workflowJSON)
  addReroute(store, 'link_2', 0, [250, 90])
  const both = waysBetween(store, new Set(['loader', 'prompt']))
  shiftWays(store, both, [10, 20])
  shiftWays(store, waysBetween(store, new Set(['loader'])), [500, 0])
  assert.deepEqual(viaOf(store.link('link_2')), [[260, 110]])
  const { nodes: ids } = pasteText(store, copyText(store, ['loader', 'prompt']), [1000, 1000])
  const copied = store.links().find(({ to }) => ids.includes(to[0]) && to[1] === 'clip')
  assert.deepEqual(viaOf(copied), [[1260, 1110]]) // The pasted left top, (0, 0) before, is (1000, 1000) now.
})

test('the best pair of sockets of two nodes prefers what is free, and closes no circle', () => {
  const store = new Store(workflowJSON)
  const pair = (from, to) => bestPair(catalog, store, store.node(from), store.node(to))
  assert.deepEqual(pair('scale', 'save'), { from: ['scale', 'IMAGE'], to: ['save', 'images'] })
  assert.deepEqual(pair('negative', 'sampler').to[0], 'sampler')
  assert.deepEqual([pair('save', 'scale'), pair('decode', 'loader'), pair('decode', 'sampler')], [null, null, null])
  store.edit('cut', (tx) => tx.remove('links', 'link_5'))
  assert.deepEqual(pair('negative', 'sampler'), { from: ['negative', 'CONDITIONING'], to: ['sampler', 'negative'] })
})

test('nodes are connected in a row, a node is pulled out of its wires, two inputs are swapped: one undo each', () => {
  const store = new Store(workflowJSON)
  const start = wired(store)
  assert.equal(connectInRow(store, catalog, ['decode', 'scale', 'save']), 2)
  assert.deepEqual(store.linksTo('save').map(({ from }) => from), [['scale', 'IMAGE']])
  assert.ok(pullOut(store, catalog, ['scale']))
  assert.deepEqual(wired(store), without(new Store(workflowJSON), 'decode.IMAGE > scale.image'))
  assert.ok(!pullOut(store, catalog, ['scale']))
  assert.ok(swapInputs(store, catalog, 'sampler'))
  assert.deepEqual(store.linksTo('sampler', 'positive').map(({ from }) => from[0]), ['negative'])
  assert.deepEqual(store.linksTo('sampler', 'negative').map(({ from }) => from[0]), ['prompt'])
  assert.ok(!swapInputs(store, catalog, 'decode'))
  for (let undone = 0; undone < 3; undone += 1) store.undo()
  assert.deepEqual([wired(store), store.history.done], [start, 0])
})

test('several nodes are pulled out of their wires as one undo, and what fed the first feeds what the last fed', () => {
  const store = new Store(workflowJSON)
  connectInRow(store, catalog, ['decode', 'scale', 'save'])
  const start = wired(store)
  assert.ok(pullOut(store, catalog, ['scale', 'save']))
  assert.deepEqual(store.linksFrom('decode'), [])
  store.undo()
  assert.deepEqual(wired(store), start)
  assert.ok(pullOut(store, catalog, ['negative', 'scale']))
  assert.deepEqual(store.linksTo('save').map(({ from }) => from), [['decode', 'IMAGE']])
  assert.deepEqual([store.linksFrom('negative'), store.linksTo('negative')], [[], []])
  store.undo()
  assert.deepEqual(wired(store), start)
})

test('another type in a node\'s place keeps wires and values that fit', () => {
  const store = new Store(workflowJSON)
  swapType(store, catalog, 'save', catalog.nodes.get('ImageScaleBy'))
  const { type, inputs, position } = store.node('save')
  assert.deepEqual({ type, inputs, position }, { type: 'ImageScaleBy', position: [1340, 60], inputs: { upscale_method: 'lanczos', scale_by: 2, tiled: true } })
  assert.deepEqual(store.linksTo('save').map(({ from, to }) => [from, to]), [[['decode', 'IMAGE'], ['save', 'image']]])
  swapType(store, catalog, 'sampler', { ...catalog.nodes.get('KSampler'), id: 'Other', inputs: catalog.nodes.get('KSampler').inputs.filter(({ name }) => name !== 'negative') })
  assert.deepEqual([store.node('sampler').inputs.seed, store.node('sampler').inputs.cfg], [42, 7])
  assert.deepEqual(store.linksTo('sampler').map(({ to }) => to[1]).sort(), ['latent_image', 'model', 'positive'])
  assert.deepEqual(store.linksFrom('sampler').map(({ to }) => to), [['decode', 'samples']])
  store.undo()
  store.undo()
  assert.deepEqual(store.toJSON(), new Store(workflowJSON).toJSON())
})

test('the types that would keep most wires are known', () => {
  const store = new Store(workflowJSON)
  const kept = (type) => wiresKept(store, catalog, 'scale', catalog.nodes.get(type))
  assert.deepEqual(['ImageScaleBy', 'SaveImage', 'KSampler'].map(kept), [store.linksTo('scale').length + store.linksFrom('scale').length, 1, 0])
  const anything = { ...catalog.nodes.get('ImageScaleBy'), inputs: [{ name: 'image', type: 'ANY', widget: null }], outputs: [{ name: 'IMAGE', type: 'ANY' }] }
  assert.ok(wiresKept(store, catalog, 'scale', anything) < kept('SaveImage'))
  assert.equal(store.undoLabel, null)
})

test('a shake is several quick turns; a slow or small to and fro is none', () => {
  const shaken = (...moves) => {
    const read = createShakeReader()
    return moves.some(([x, time]) => read(x, time))
  }
  const turns = (width, pause) => [0, 1, 0, 1, 0, 1, 0].map((side, step) => [side * width, step * pause])
  assert.ok(shaken(...turns(40, 80)))
  assert.ok(!shaken(...turns(40, 400)))
  assert.ok(!shaken(...turns(8, 80)))
  assert.ok(!shaken(...[0, 40, 80, 120, 160, 200].map((x, step) => [x, step * 50])))
})

test('arrow keys follow the wires, else go to the nearest node that lies there', () => {
  const store = new Store(workflowJSON)
  const places = new Map(store.nodes().map(({ id, position: [x, y] }) => [id, { x, y, width: 240, height: 150 }]))
  const path = (from, ...ways) => ways.map((way) => (from = nextNode(store, places, from, way)))
  assert.deepEqual(path(null, 'Left', 'Right', 'Down', 'Right', 'Right', 'Down'), ['loader', 'prompt', 'negative', 'sampler', 'decode', 'scale'])
  assert.equal(nextNode(store, places, 'loader', 'Left'), null)
})

test('one key goes from a node to its wires, one after another, each end of which is a step away', () => {
  const store = new Store(workflowJSON)
  const wire = (selected) => {
    const link = store.link(nextWire(store, { nodes: new Set(), links: new Set(), ...selected }) ?? '')
    return link && [link.id, `${link.from.join('.')} > ${link.to.join('.')}`]
  }
  const seen = []
  for (let next = wire({ nodes: new Set(['loader']) }), count = 0; count < 5; count += 1, next = wire({ links: new Set([next[0]]) })) seen.push(next[1])
  assert.deepEqual(seen, ['loader.MODEL > sampler.model', 'loader.CLIP > prompt.clip', 'loader.CLIP > negative.clip', 'loader.VAE > decode.vae', 'loader.MODEL > sampler.model'])
  assert.equal(wire({ nodes: new Set(['save']) })[1], 'decode.IMAGE > save.images')
  assert.deepEqual([wire({}), wire({ links: new Set(['gone']) })], [undefined, undefined])
})
