import assert from 'node:assert/strict'
import { test } from 'node:test'
import { axesOf, cellsOf, firstPivot, turned } from '../../../web/run/pivot.js'

/** cfg 4, 6, 8 × seed 1, 2 × two samplers, told in the order in which they ended. */
const items = ['euler', 'dpm'].flatMap((sampler) => [2, 1].flatMap((seed) => [8, 4, 6].map((cfg) => ({ coordinate: { cfg, seed, sampler, model: 'a' }, name: `${sampler}${seed}${cfg}` }))))
const axes = axesOf(items.map(({ coordinate }) => coordinate))
const names = (cells) => cells.map((row) => row.map((cell) => cell.map(({ name }) => name).join()))

test('axes are what has several values: numbers by size, words as they came', () => {
  assert.deepEqual(axes, [{ name: 'cfg', values: [4, 6, 8] }, { name: 'seed', values: [1, 2] }, { name: 'sampler', values: ['euler', 'dpm'] }])
  assert.deepEqual(axesOf([]), [])
})

test('the longest axis lies across, and the others are held at one value', () => {
  const pivot = firstPivot(axes)
  assert.deepEqual(pivot, { across: 'cfg', down: 'seed', at: { sampler: 'euler' } })
  assert.deepEqual(names(cellsOf(items, axes, pivot)), [['euler14', 'euler16', 'euler18'], ['euler24', 'euler26', 'euler28']])
})

test('turning brings another axis in; one that is there already changes places', () => {
  const pivot = firstPivot(axes)
  assert.deepEqual(turned(pivot, axes, 'across', 'seed'), { across: 'seed', down: 'cfg', at: { sampler: 'euler' } })
  const other = turned({ ...pivot, at: { sampler: 'dpm' } }, axes, 'down', 'sampler')
  assert.deepEqual(other, { across: 'cfg', down: 'sampler', at: { seed: 1 } })
  assert.deepEqual(names(cellsOf(items, axes, other)), [['euler14', 'euler16', 'euler18'], ['dpm14', 'dpm16', 'dpm18']])
})

test('one axis is a row, none is one cell, and what has not come yet is empty', () => {
  const one = axesOf([{ cfg: 4 }, { cfg: 8 }])
  assert.deepEqual(names(cellsOf([{ coordinate: { cfg: 4 }, name: 'a' }], one, firstPivot(one))), [['a', '']])
  assert.deepEqual(names(cellsOf([{ coordinate: {}, name: 'a' }], [], firstPivot([]))), [['a']])
})
