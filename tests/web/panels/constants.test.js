import assert from 'node:assert/strict'
import { test } from 'node:test'
import { constantsOf } from '../../../web/panels/constants.js'

const types = ['PrimitiveInt', 'PrimitiveFloat', 'PrimitiveString', 'PrimitiveStringMultiline'].map((id) => ({ id, title: id, inputs: [], outputs: [] }))
const of = (query, pending, among = types) => {
  const { sure, guess } = constantsOf(among, query, pending)
  return [sure, guess].map((list) => list.map(({ type, inputs }) => `${type.id} ${inputs.value}`))
}

test('a number, also as a sum, is a constant of its kind', () => {
  assert.deepEqual(of('42'), [['PrimitiveInt 42', 'PrimitiveFloat 42'], []])
  assert.deepEqual(of('-7.5'), [['PrimitiveFloat -7.5'], []])
  assert.deepEqual(of('512*1.5'), [['PrimitiveInt 768', 'PrimitiveFloat 768'], []])
  assert.deepEqual(of('1/3')[0][0].slice(0, 18), 'PrimitiveFloat 0.3')
  assert.deepEqual(of('42', undefined, types.slice(1)), [['PrimitiveFloat 42'], []])
})

test('words in quotes are a text; without them they are a guess behind all that is called so', () => {
  assert.deepEqual(of('"a fox"'), [['PrimitiveString a fox'], []])
  assert.deepEqual(of('a fox'), [[], ['PrimitiveString a fox']])
  assert.deepEqual(of('  '), [[], []])
  assert.deepEqual(of('4x upscaler'), [[], ['PrimitiveString 4x upscaler']])
})

test('a wire from an input for words gets the words that are typed, and one for a picture none', () => {
  const wire = (type) => ({ kind: 'input', node: 'prompt', socket: 'text', type })
  assert.deepEqual(of('a cat', wire('STRING')), [['PrimitiveString a cat'], []])
  assert.deepEqual(of('a cat', wire('IMAGE'), []), [[], []])
})

test('text of several lines, or longer than one, gets a constant with room for it; quotes within it stay', () => {
  assert.deepEqual(of('a fox\nin snow'), [[], ['PrimitiveStringMultiline a fox\nin snow']])
  assert.deepEqual(of('fox '.repeat(30)), [[], [`PrimitiveStringMultiline ${'fox '.repeat(30).trim()}`]])
  assert.deepEqual(of('"fox" in snow'), [[], ['PrimitiveString "fox" in snow']])
})
