import assert from 'node:assert/strict'
import { test } from 'node:test'
import { saidBelow } from '../../../web/panels/problems.js'

const said = (message, type = 'KSampler', input = 'model') => saidBelow({ code: 'any', node: 'sampler', input, message }, type)

test('below the name of a node its type is not said again, with or without a colon', () => {
  assert.equal(said('KSampler.model: it is for SD2'), 'It is for SD2')
  assert.equal(said('KSampler: RuntimeError: too large'), 'RuntimeError: too large')
  assert.equal(said('KSampler.model is not given'), 'model is not given')
  assert.equal(said("KSampler.model takes MODEL, not VAE of 'loader'"), "model takes MODEL, not VAE of 'loader'")
  assert.equal(said('Load (beta)|x.model: too old', 'Load (beta)|x'), 'Too old')
})

test('words before a colon that are not the node stay', () => {
  assert.equal(said('the file is damaged: it ends early'), 'The file is damaged: it ends early')
  assert.equal(said('KSamplerAdvanced.model: it is for SD2'), 'KSamplerAdvanced.model: it is for SD2')
  assert.equal(saidBelow({ code: 'any', message: 'a cycle: a -> b' }, ''), 'A cycle: a -> b')
})
