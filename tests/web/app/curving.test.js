// Curves of a document: how often one is read, in the layout of a node, in sweeps, and wherever a value is told.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readsNear } from '../../../web/app/curving.js'
import { indexCatalog } from '../../../web/document/catalog.js'
import { diffLines } from '../../../web/document/document_diff.js'
import { Store } from '../../../web/document/store.js'
import { chipText, readValues, typedText } from '../../../web/document/sweeps.js'
import { fitted } from '../../../web/kernels/fitting.js'
import { CURVE_HEIGHT, layoutNode, WIDGET_HEIGHT } from '../../../web/kernels/layout.js'
import { findable, rankFound } from '../../../web/panels/find.js'
import { matches, recipeOf } from '../../../web/panels/result_search.js'
import { readDefault } from '../../../web/panels/socket_fields.js'
import { changeRows } from '../../../web/run/differences.js'
import { widgetKind } from '../../../web/widgets/kinds.js'

const CURVE = { points: [[0, 8], [1, 2]], interpolation: 'smooth' }
const WIDGET = { kind: 'curve', min: 0, max: 100, shown: [0, 10], default: { points: [[0, 8], [1, 2]], interpolation: 'linear' } }
const TYPE = { id: 'GuidanceCurve', title: 'Guidance Curve', category: 'm', inputs: [{ name: 'model', type: 'MODEL' }, { name: 'cfg', type: 'CURVE', widget: WIDGET }], outputs: [{ name: 'MODEL', type: 'MODEL' }] }
const CATALOG = indexCatalog({ nodes: [TYPE] })
const documentOf = (nodes, links = []) => ({
  format: 'tessera.workflow', version: 1, nodes: Object.entries(nodes).map(([id, [type, inputs = {}]]) => ({ id, type, inputs, position: [0, 0] })),
  links: links.map((link) => { const [from, to] = link.split(' > ').map((end) => end.split('.')); return { from, to } }),
})
const storeOf = (...parts) => new Store(documentOf(...parts))

test('a curve is read by the steps of its own node, of the sampler below, or of the levels beside that', () => {
  const reads = (store, node = 'curve') => readsNear({ store }, node)
  assert.deepEqual(reads(storeOf({ curve: ['CurveScheduler', { steps: 9 }] })), { count: 9, of: 'step' })
  assert.deepEqual(reads(storeOf({ curve: ['CurveValues', { count: 4 }] })), { count: 4, of: 'item' })
  const model = { curve: ['GuidanceCurve'], lora: ['LoraLoader'], sampler: ['KSampler', { steps: 20 }] }
  assert.deepEqual(reads(storeOf(model, ['curve.MODEL > lora.model', 'lora.MODEL > sampler.model'])), { count: 20, of: 'step' })
  const custom = { curve: ['GuidanceCurve'], sampler: ['SamplerCustom'], cut: ['SplitSigmas'], levels: ['KarrasScheduler', { steps: 12 }] }
  assert.deepEqual(reads(storeOf(custom, ['curve.MODEL > sampler.model', 'levels.SIGMAS > cut.sigmas', 'cut.low_sigmas > sampler.sigmas'])), { count: 12, of: 'step' })
  assert.equal(reads(storeOf({ curve: ['GuidanceCurve'] })), null)
  assert.equal(reads(storeOf({ curve: ['CurveValues', { count: 4 }], n: ['PrimitiveInt', { value: 8 }] }, ['n.INT > curve.count'])), null)
})

test('a curve has room on its node unless a wire gives it, and is hidden by a compact node where it is the usual one', () => {
  const node = { id: 'g', type: TYPE.id, inputs: { cfg: CURVE }, position: [0, 0] }
  const heightOf = (linkedInputs) => layoutNode(node, { type: TYPE, linkedInputs, linkedOutputs: [], picture: null }).widgets[0].rect.height
  assert.deepEqual([heightOf([]), heightOf(['cfg'])], [CURVE_HEIGHT, WIDGET_HEIGHT])
  const compact = (cfg) => layoutNode({ ...node, compact: true, inputs: { cfg } }, { type: TYPE, linkedInputs: [], linkedOutputs: [], picture: null }).widgets.length
  assert.deepEqual([compact(CURVE), compact(structuredClone(WIDGET.default))], [1, 0])
})

test('a press opens the editor; a swept one its values', () => {
  assert.deepEqual(widgetKind(WIDGET, CURVE).press({}, 0, 0).click, { kind: 'curve' })
  assert.deepEqual(widgetKind(WIDGET, { sweep: [CURVE] }).press({}, 0, 0).click, { kind: 'sweep' })
})

test('curves are swept line by line, and what is none is refused', () => {
  const flat = { points: [[0, 3], [1, 3]], interpolation: 'linear' }
  assert.equal(typedText(WIDGET, [CURVE, flat]), '0: 8 → 1: 2, smooth\n0: 3 → 1: 3, linear')
  assert.deepEqual(readValues(WIDGET, typedText(WIDGET, [CURVE, flat])), [CURVE, flat])
  assert.deepEqual(readValues(WIDGET, '0: 8, 1: 2, smooth\n3\n'), [CURVE, flat])
  assert.deepEqual([readValues(WIDGET, ''), readValues(WIDGET, '3\n0: x')], [null, null])
  assert.equal(chipText(WIDGET, { sweep: [CURVE, flat], axis: 'cfg' }), '0: 8 → 1: 2, smooth; 0: 3 → 1: 3, linear · cfg')
})

test('a curve fits another input within its limits, and so does a number or a text that says one', () => {
  const small = { kind: 'curve', min: 0, max: 5 }
  assert.deepEqual(fitted(small, CURVE).points, [[0, 5], [1, 2]])
  assert.deepEqual(fitted(small, 3).points, [[0, 3], [1, 3]])
  assert.deepEqual(fitted(small, '0: 1, step'), { points: [[0, 1]], interpolation: 'step' })
  assert.deepEqual([fitted(small, 'a cat'), fitted(small, true), fitted({ kind: 'float' }, CURVE)], [undefined, undefined, undefined])
  assert.deepEqual([readDefault(WIDGET, '0: 8, 1: 2, smooth'), readDefault(WIDGET, ''), readDefault(WIDGET, 'x')], [CURVE, undefined, null])
})

test('a curve is found, compared and told in words', () => {
  const document = documentOf({ g: ['GuidanceCurve', { cfg: CURVE }] })
  const entry = findable(document.nodes[0], CATALOG)
  assert.deepEqual(rankFound([entry], 'smooth').map(({ id }) => id), ['g'])
  assert.equal(entry.said('smooth'), 'cfg: 0: 8 → 1: 2, smooth')
  assert.equal(matches(recipeOf(document), 'cfg:smooth'), true)
  const change = { node: 'g', change: 'changed', input: 'cfg', from: { value: CURVE }, to: { value: 7 } }
  assert.deepEqual(changeRows([change], () => 'Guidance'), [{ name: 'Guidance · cfg', here: '0: 8 → 1: 2, smooth', there: '7' }])
  const after = documentOf({ g: ['GuidanceCurve', { cfg: { ...CURVE, interpolation: 'step' } }] })
  assert.match(diffLines(document, after, () => 'Guidance')[0].text, /0: 8 → 1: 2, smooth.*0: 8 → 1: 2, step/)
})
