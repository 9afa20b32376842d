import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kindOfNames, safetensorsNames } from '../../web/kernels/model_kind.js'
import { weighted } from '../../web/kernels/prompt_weight.js'

/** `a |cat| sat`: what is between the bars is selected; one bar is a caret. */
const press = (marked, ...ways) => ways.reduce((state, way) => {
  const [before, middle = '', after] = state.split('|').length === 3 ? state.split('|') : [state.split('|')[0], '', state.split('|')[1]]
  const text = before + middle + after
  const edit = weighted(text, before.length, before.length + middle.length, way)
  if (!edit) return state
  const now = text.slice(0, edit.from) + edit.insert + text.slice(edit.to)
  return `${now.slice(0, edit.start)}|${now.slice(edit.start, edit.end)}|${now.slice(edit.end)}`
}, marked)

test('a word at the caret gets a weight, which changes and goes again', () => {
  assert.equal(press('a red ca|t, sat', 1), 'a red (|cat|:1.1), sat')
  assert.equal(press('a red ca|t, sat', 1, 1, 1), 'a red (|cat|:1.3), sat')
  assert.equal(press('a red ca|t, sat', 1, -1), 'a red |cat|, sat')
  assert.equal(press('a red ca|t, sat', -1), 'a red (|cat|:0.9), sat')
})

test('a selection is weighted as it is, a weighted part from anywhere in it, a tag by its own step', () => {
  assert.equal(press('a |red cat,| sat', 1), 'a (|red cat|:1.1), sat')
  assert.equal(press('a (red |cat:1.25) sat', -1), 'a (|red cat|:1.15) sat')
  assert.equal(press('<lora:st|yle:0.8> cat', 1), '|<lora:style:0.85>| cat')
  assert.equal(press('a , | b', 1), 'a , | b')
})

/** A safetensors file of these names. */
const file = (...names) => {
  const header = new TextEncoder().encode(JSON.stringify({ __metadata__: {}, ...Object.fromEntries(names.map((name) => [name, { dtype: 'F32', shape: [0], data_offsets: [0, 0] }])) }))
  const length = new DataView(new ArrayBuffer(8))
  length.setBigUint64(0, BigInt(header.length), true)
  return new Blob([length, header])
}

test('a file of weights says what it is', async () => {
  const kind = async (...names) => kindOfNames(await safetensorsNames(file(...names)))?.loader ?? null
  assert.deepEqual(await Promise.all([
    kind('lora_unet_down_blocks_0.lora_down.weight'), kind('model.diffusion_model.input_blocks.0.0.weight', 'first_stage_model.encoder.conv_in.weight'),
    kind('control_model.zero_convs.0.0.weight'), kind('encoder.conv_in.weight', 'decoder.conv_in.weight'), kind('something.else'),
  ]), ['LoraLoader', 'CheckpointLoaderSimple', 'ControlNetLoader', 'VAELoader', null])
  await assert.rejects(safetensorsNames(new Blob([new Uint8Array([255, 255, 255, 0, 0, 0, 0, 0, 1])])), /its header is damaged/)
})
