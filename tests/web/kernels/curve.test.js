// Curves: the same values as the program's, in words and back, and what a hand makes of them.

import assert from 'node:assert/strict'
import test from 'node:test'
import { saidValue } from '../../../web/document/said.js'
import { curveAt, curveWords, isCurve, lineOf, readCurve, slopesOf } from '../../../web/kernels/curve.js'
import {
  addedPoint, flippedAcross, flippedUp, movedPoint, presetCurve, PRESETS, snappedPlace, splitBehind, viewOfCurve, withinLimits, withoutPoint,
} from '../../../web/kernels/curve_edit.js'

/** @typedef {import('../../../web/kernels/curve.js').Curve} Curve */

/** @param {[number, number][]} points @param {import('../../../web/kernels/curve.js').Interpolation} [interpolation] @returns {Curve} */
const curve = (points, interpolation = 'linear') => ({ points, interpolation })
const BEND = /** @type {[number, number][]} */ ([[0, 0], [0.5, 1], [1, 1]])
const UNEVEN = /** @type {[number, number][]} */ ([[0, 0], [0.5, 0.1], [1, 1]])
const LIMITS = { min: 0, max: 100, shown: /** @type {[number, number]} */ ([0, 15]) }

/** @param {number} actual @param {number} expected */
const close = (actual, expected) => assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`)

test('a curve has the values that tests/diffusion/test_curves.py works out by hand', () => {
  for (const [points, kind, x, y] of /** @type {const} */ ([
    [BEND, 'linear', 0.25, 0.5], [BEND, 'step', 0.49, 0], [BEND, 'step', 0.5, 1], [BEND, 'step', 1, 1], [BEND, 'smooth', 0.25, 0.5 + 0.125 * 0.5 * 2],
    [BEND, 'smooth', 0.75, 1], [UNEVEN, 'smooth', 0.25, 0.05 + (0.125 * 0.5 * (0.2 - 1) * 3) / Math.sqrt(26)],
    [[[0.2, 3], [0.4, 5]], 'linear', 0, 3], [[[0.2, 3], [0.4, 5]], 'smooth', 0.3, 4], [[[0.1, 1], [0.2, 3], [0.4, 5]], 'smooth', 0.9, 5],
  ])) close(curveAt({ points, interpolation: kind }, x), y)
  slopesOf(UNEVEN).forEach((slope, place) => close(slope, [0.6 / Math.sqrt(26), 3 / Math.sqrt(26), 1.8][place] ?? 0))
})

test('a line goes from end to end through all points, and a smooth one never beyond them', () => {
  assert.deepEqual(lineOf(curve([[0.2, 3], [0.4, 5]])), [[0, 3], [0.2, 3], [0.4, 5], [1, 5]])
  assert.deepEqual(lineOf(curve([[0, 1], [0.5, 2]], 'step')), [[0, 1], [0, 1], [0, 1], [0.5, 1], [0.5, 2], [1, 2]])
  const line = lineOf(curve([[0, 0], [0.3, 9], [0.5, 9], [1, 2]], 'smooth'))
  assert.ok(line.every(([x, y], place) => x >= (line[place - 1]?.[0] ?? 0) && y >= 0 && y <= 9))
})

test('a curve is said in words, and words are read', () => {
  const falling = curve([[0, 8], [0.5, 2.5]], 'smooth')
  assert.equal(curveWords(falling), '0: 8 → 0.5: 2.5, smooth')
  assert.deepEqual(readCurve(curveWords(falling)), falling)
  assert.deepEqual(readCurve('0: 8, 0.5: 2.5, smooth'), falling)
  assert.deepEqual(readCurve('7'), curve([[0, 7], [1, 7]]))
  for (const wrong of ['', 'smooth', '0:', '0: 1, 0: 2', '0.5: 1, 0.2: 2', '2: 1', '0: a', '0: 1, wavy']) assert.equal(readCurve(wrong), null, wrong)
  assert.equal(saidValue({ sweep: [falling, curve([[0, 1]], 'step')] }), '0: 8 → 0.5: 2.5, smooth; 0: 1, step')
  assert.deepEqual([4, null, { a: 1 }, { sweep: [1, 2] }, true].map(saidValue), ['4', '', '{"a":1}', '1, 2', 'true'])
  assert.deepEqual([{ points: [] }, { points: [[0]] }, { points: [[0, NaN]] }, null, 'x'].map(isCurve), [false, false, false, false, false])
})

test('a point stays between its neighbours and within the limits', () => {
  const given = curve([[0, 8], [0.5, 4], [1, 1]])
  assert.deepEqual(movedPoint(given, 1, [0.25, 6.123456], LIMITS).points[1], [0.25, 6.12])
  assert.deepEqual(movedPoint(given, 1, [3, 400], LIMITS).points[1], [0.999, 100])
  assert.deepEqual(movedPoint(given, 0, [-1, -5], LIMITS).points[0], [0, 0])
  assert.deepEqual(given.points[1], [0.5, 4])
})

test('points come where there is none, and the last one stays', () => {
  const given = curve([[0, 8], [1, 2]])
  assert.deepEqual(addedPoint(given, [0.5, 3], LIMITS), { curve: curve([[0, 8], [0.5, 3], [1, 2]]), index: 1 })
  assert.equal(addedPoint(given, [1, 3], LIMITS), null)
  assert.deepEqual(splitBehind(given, 0, LIMITS), { curve: curve([[0, 8], [0.5, 5], [1, 2]]), index: 1 })
  assert.deepEqual(splitBehind(given, 1, LIMITS), { curve: curve([[0, 8], [0.5, 5], [1, 2]]), index: 1 })
  assert.deepEqual(splitBehind(curve([[0.2, 5]]), 0, LIMITS), { curve: curve([[0.2, 5], [0.6, 5]]), index: 1 })
  assert.deepEqual(withoutPoint(given, 0), curve([[1, 2]]))
  assert.deepEqual(withoutPoint(curve([[1, 2]]), 0), curve([[1, 2]]))
})

test('flipping twice gives the same curve', () => {
  const given = curve([[0, 8], [0.3, 2], [1, 5]], 'smooth')
  assert.deepEqual(flippedAcross(given).points, [[0, 5], [0.7, 2], [1, 8]])
  assert.deepEqual(flippedUp(given).points, [[0, 2], [0.3, 8], [1, 5]])
  assert.deepEqual(flippedAcross(flippedAcross(given)), given)
  assert.deepEqual(flippedUp(flippedUp(given)), given)
})

test('what is drawn is the usual part and every point', () => {
  assert.deepEqual(viewOfCurve(LIMITS, curve([[0, 8]])), [0, 15])
  assert.deepEqual(viewOfCurve(LIMITS, curve([[0, 8], [1, 40]])), [0, 40])
  assert.deepEqual(viewOfCurve({ min: -1, max: 2 }, curve([[0, 0]])), [-1, 2])
})

test('Shift snaps to the steps of the sampler, or to twentieths', () => {
  assert.deepEqual(snappedPlace([0.3, 7.3], [0, 15], 5), [0.25, 7.5])
  assert.deepEqual(snappedPlace([0.33, 0.42], [0, 1], null), [0.35, 0.4])
})

test('shapes stand between what the curve has, and keep to what fits', () => {
  const given = curve([[0, 8], [1, 2]])
  assert.deepEqual(presetCurve('up', given, [0, 15]), curve([[0, 2], [1, 8]]))
  assert.deepEqual(presetCurve('interval', given, [0, 15]), curve([[0, 2], [0.2, 8], [0.8, 2]], 'step'))
  assert.deepEqual(presetCurve('bell', curve([[0, 6]]), [0, 15]).points, [[0, 0], [0.5, 6], [1, 0]])
  assert.deepEqual(presetCurve('down', curve([[0, 0]]), [0, 15]).points, [[0, 15], [1, 0]])
  for (const name of PRESETS) assert.ok(isCurve(presetCurve(name, given, [0, 15])), name)
  assert.deepEqual(withinLimits({ points: [[0, -4], [1, 400]] }, LIMITS), curve([[0, 0], [1, 100]]))
})
