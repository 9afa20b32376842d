import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluate } from '../../web/kernels/arithmetic.js'
import { conformed, fractionOf, hasSlider, MAX_SEED, numberText, randomSeed, readNumber, scrubbed } from '../../web/kernels/numbers.js'

test('arithmetic is understood', () => {
  const cases = { '512*1.5': 768, '= 1 + 2*3': 7, '(1+2)*3': 9, '-4': -4, '2^3^2': 512, '1e3/8': 125, '7 % 4': 3, '0,5': 0.5, '.25': 0.25, '--3': 3, '1_000': 1000, '512x2': 1024, '2*-3': -6 }
  for (const [text, value] of Object.entries(cases)) assert.equal(evaluate(text), value, text)
})

test('what comes with units, with commas or with another minus is read as it is meant', () => {
  const cases = { '512px': 512, '768 pixels': 768, '90°': 90, '50%': 0.5, '200*50%': 100, '7%3': 1, '50% + 1': 1.5, '−3': -3, '1,5': 1.5, '2.5e-3': 0.0025, '512 px * 2': 1024 }
  for (const [text, value] of Object.entries(cases)) assert.equal(evaluate(text), value, text)
  const whole = { kind: 'int' }
  assert.deepEqual(['1,024', '12,345,678', '1,5', '0,125', '-2,048', '1,024*2'].map((text) => readNumber(whole, text)), [1024, 12345678, 1.5, 0.125, -2048, 2.048])
  assert.deepEqual(['1,024', '7,5'].map((text) => readNumber({ kind: 'float' }, text)), [1.024, 7.5])
})

test('names stand for the values of other inputs, the longest first', () => {
  const names = { width: 512, width_2: 100, 'latent.height': 768, batch_size: 4 }
  const cases = { '=width/2': 256, 'width_2+1': 101, 'latent.height x 2': 1536, 'batch size*-1': -4, '(Width+latent.height)/2': 640 }
  for (const [text, value] of Object.entries(cases)) assert.equal(evaluate(text, names), value, text)
  for (const text of ['height/2', 'widths', 'width width', 'width('] ) assert.equal(evaluate(text, names), null, text)
})

test('what is no arithmetic is no number', () => {
  for (const text of ['', '  ', 'a', '1+', '(1', '1)', '2**3', '1/0', 'alert(1)', '1 2a', '..', 'width/2']) assert.equal(evaluate(text), null, text)
})

test('values keep limits, wholeness and steps', () => {
  const steps = { kind: 'int', min: 1, max: 100 }
  const cfg = { kind: 'float', min: 0, max: 30, step: 0.1 }
  const width = { kind: 'int', min: 16, max: 8192, step: 8 }
  assert.equal(conformed(steps, 19.6), 20)
  assert.equal(conformed(steps, 0), 1)
  assert.equal(conformed(cfg, 7.04, { snap: true }), 7)
  assert.equal(conformed(cfg, 0.1 + 0.2), 0.3)
  assert.equal(conformed(width, 100, { snap: true }), 104)
  assert.equal(conformed(width, 100), 100)
  assert.equal(conformed({ kind: 'seed', min: 0, max: 2 ** 64 }, 2 ** 60), MAX_SEED)
})

test('a slider follows the pointer, another number moves by steps; keys make it finer and coarser', () => {
  const slider = { kind: 'float', min: 0, max: 1, step: 0.01 }
  assert.equal(hasSlider(slider), true)
  assert.equal(scrubbed(slider, 0.5, 50, 200), 0.75)
  assert.equal(scrubbed(slider, 0.5, 50, 200, { fine: true }), 0.525)
  const steps = { kind: 'int', min: 1, max: 10000 }
  assert.equal(hasSlider(steps), false)
  assert.equal(scrubbed(steps, 20, 40, 200), 30)
  assert.equal(scrubbed(steps, 20, 40, 200, { coarse: true }), 120)
  assert.equal(scrubbed(steps, 20, 40, 200, { fine: true }), 21)
  assert.equal(scrubbed(steps, 20, -4000, 200), 1)
  assert.equal(fractionOf(slider, 0.25), 0.25)
})

test('numbers are written as short as says it', () => {
  assert.equal(numberText({ kind: 'float', step: 0.01 }, 7), '7.00')
  assert.equal(numberText({ kind: 'float', step: 0.1 }, 7), '7.0')
  assert.equal(numberText({ kind: 'float', step: 0.1 }, 7.125), '7.125')
  assert.equal(numberText({ kind: 'int' }, 20), '20')
  assert.equal(numberText({ kind: 'int' }, null), '')
})

test('a rolled seed is whole and within its limits', () => {
  for (const share of [0, 0.5, 0.999999999]) {
    const seed = randomSeed({ kind: 'seed', min: 0, max: 2 ** 64 }, () => share)
    assert.ok(Number.isSafeInteger(seed) && seed >= 0)
  }
  assert.equal(randomSeed({ kind: 'seed', min: 3, max: 3 }, () => 0.99), 3)
})
