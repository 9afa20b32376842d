// Which rows of a long history are listed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { extended, spanAround } from '../../../web/panels/history.js'

test('a short history is listed whole, of a long one what is around the present edit', () => {
  assert.deepEqual(spanAround(null, 3, 5), { from: 0, to: 5 })
  assert.deepEqual(spanAround(null, 5000, 5000), { from: 4900, to: 5000 })
  assert.deepEqual(spanAround(null, 2000, 5000), { from: 1900, to: 2100 })
})

test('what is listed stays, and what is done comes into it, until it is too long', () => {
  assert.deepEqual(spanAround({ from: 1900, to: 2100 }, 1950, 5000), { from: 1900, to: 2100 })
  assert.deepEqual(spanAround({ from: 1900, to: 2100 }, 2101, 2101), { from: 1900, to: 2101 })
  assert.deepEqual(spanAround({ from: 1900, to: 2100 }, 1950, 1950), { from: 1900, to: 1950 }, 'another edit ended the line there')
  assert.deepEqual(spanAround({ from: 1900, to: 2100 }, 100, 5000), { from: 0, to: 200 })
  assert.deepEqual(spanAround({ from: 1900, to: 2300 }, 2301, 2301), { from: 2201, to: 2301 })
})

test('an end leads on by as much again, and no further than there is', () => {
  assert.deepEqual(extended({ from: 1900, to: 2100 }, 'older', 5000), { from: 1700, to: 2100 })
  assert.deepEqual(extended({ from: 100, to: 300 }, 'older', 5000), { from: 0, to: 300 })
  assert.deepEqual(extended({ from: 1900, to: 2100 }, 'newer', 2200), { from: 1900, to: 2200 })
})
