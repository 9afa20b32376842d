import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeRows, coordinateRows } from '../../../web/run/differences.js'

const titleOf = (id) => ({ sampler: 'KSampler', lora: 'Load LoRA' })[id] ?? id

test('each change is a row: inputs by value, wires by where they come from, nodes by whether they are there', () => {
  const changed = { node: 'sampler', type: 'KSampler', change: 'changed' }
  assert.deepEqual(changeRows([
    { ...changed, input: 'seed', from: { value: 1 }, to: { value: 2 } },
    { ...changed, input: 'sampler_name', from: { value: 'euler' }, to: null },
    { ...changed, input: 'model', from: { links: [['loader', 'MODEL']] }, to: { links: [['lora', 'MODEL']] } },
    { ...changed, field: 'mode', from: 'active', to: 'muted' },
    { node: 'lora', change: 'added' }, { node: 'note', change: 'removed' },
  ], titleOf), [
    { name: 'KSampler · seed', here: '1', there: '2' }, { name: 'KSampler · sampler name', here: 'euler', there: '—' },
    { name: 'KSampler · model', here: 'loader.MODEL', there: 'Load LoRA.MODEL' }, { name: 'KSampler · mode', here: 'active', there: 'muted' },
    { name: 'Load LoRA', here: 'not there', there: 'there' }, { name: 'note', here: 'there', there: 'not there' },
  ])
})

test('two pictures of one sweep differ in their places, and long texts are cut', () => {
  assert.deepEqual(coordinateRows({ cfg: 4, seed: 1 }, { cfg: 8, seed: 1 }), [{ name: 'cfg', here: '4', there: '8' }])
  assert.equal(changeRows([{ node: 'a', change: 'changed', input: 't', from: { value: 'x'.repeat(500) }, to: { value: '' } }], titleOf)[0].here.length, 161)
})
