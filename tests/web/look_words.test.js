import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesText, faultWords, lookWords, numberText } from '../../web/canvas/look_words.js'

const tensor = (shape, more = {}) => ({ shape, dtype: 'float32', min: 0, max: 1, mean: 0.48213, nan: 0, inf: 0, ...more })

test('a picture tells size and range, and a batch its number', () => {
  assert.deepEqual(lookWords({ kind: 'image', tensor: tensor([1, 512, 768, 3]), pictures: 1 }), ['768 × 512', '0 to 1 · mean 0.4821 · float32'])
  assert.deepEqual(lookWords({ kind: 'image', tensor: tensor([4, 8, 8, 4]) })[0], '8 × 8 · batch 4 · 4 channels')
  assert.deepEqual(lookWords({ kind: 'mask', tensor: tensor([1, 8, 16], { min: 1, max: 1 }) }), ['16 × 8', 'all 1 · float32'])
  assert.deepEqual(lookWords({ kind: 'tensor', tensor: { shape: [0, 3], dtype: 'int64' } }), ['0 × 3', 'int64'])
})

test('numbers that are none are said apart', () => {
  assert.equal(faultWords({ kind: 'image', tensor: tensor([1, 2, 2, 3], { nan: 1200, inf: 1 }) }), '1,200 NaN, 1 infinite')
  assert.equal(faultWords({ kind: 'latent', fields: { samples: { kind: 'tensor', tensor: tensor([1, 4, 8, 8], { nan: 2 }) } } }), '2 NaN')
  assert.equal(faultWords({ kind: 'text', value: 'a' }), '')
})

test('a latent tells its size and whether it is masked', () => {
  const samples = { kind: 'tensor', tensor: tensor([2, 4, 16, 24], { min: -3.123456, max: 2 }) }
  assert.deepEqual(lookWords({ kind: 'latent', fields: { samples, noise_mask: { kind: 'mask' } } }), ['24 × 16 · 4 channels · batch 2 · masked', '-3.123 to 2 · mean 0.4821 · float32'])
})

test('conditioning tells tokens, area and strength of each entry', () => {
  const entry = (fields) => ({ kind: 'object', class: 'Cond', fields: { tensor: { kind: 'mask', tensor: tensor([1, 77, 768]) }, strength: { kind: 'number', value: 1 }, start: { kind: 'number', value: 0 }, end: { kind: 'number', value: 1 }, ...fields } })
  assert.deepEqual(lookWords({ kind: 'conditioning', count: 1, items: [entry({})] }), ['77 tokens × 768'])
  const two = { kind: 'conditioning', count: 2, items: [entry({}), entry({ area: { kind: 'object' }, strength: { kind: 'number', value: 0.5 }, end: { kind: 'number', value: 0.4 } })] }
  assert.deepEqual(lookWords(two), ['2 entries', '77 tokens × 768', '77 tokens × 768 · strength 0.5 · an area · from 0 to 0.4'])
})

test('models, lists, texts and what has no words of its own', () => {
  const network = { kind: 'network', class: 'UNet', weights: 3_120_000, bytes: 12_480_000, dtype: 'float32' }
  const model = { kind: 'object', class: 'Model', fields: { network, prediction: { kind: 'text', value: 'eps' }, family: { kind: 'text', value: 'sd1' }, digest: { kind: 'text', value: 'abc' } } }
  assert.deepEqual(lookWords(model), ['sd1 · eps', 'UNet · 3,120,000 weights · 12 MB · float32'])
  assert.deepEqual(lookWords({ kind: 'object', class: 'SamplerChoice', fields: { name: { kind: 'text', value: 'euler' }, noise_scale: { kind: 'number', value: 1 } } }), ['name euler · noise scale 1'])
  assert.deepEqual(lookWords({ kind: 'list', count: 9, items: [{ kind: 'text', value: 'a fox', length: 5 }] }), ['9 items', 'a fox'])
  assert.deepEqual(lookWords({ kind: 'text', value: '  ', length: 2 }), ['An empty text'])
  assert.deepEqual(lookWords({ kind: 'numbers', count: 21, value: [14.61464, 0] }), ['21 numbers: 14.61 … 0'])
  assert.deepEqual(lookWords({ kind: 'number', value: 'nan' }), ['nan'])
  assert.deepEqual(lookWords({ kind: 'nothing' }), ['Nothing'])
  assert.deepEqual(lookWords({ kind: 'unheard' }), ['unheard'])
  assert.deepEqual([bytesText(999), bytesText(1200), bytesText(34_000_000), bytesText(5e12), numberText(undefined)], ['999 B', '1.2 kB', '34 MB', '5000 GB', ''])
})
