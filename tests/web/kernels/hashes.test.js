// Finding files by the first digits of their hash.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { digitsOf, withHash } from '../../../web/kernels/hashes.js'

test('what has four hexadecimal digits or more may be a hash', () => {
  assert.deepEqual(['ec41', ' EC41BD2A82 ', '0xec41bd', 'abc', 'photon', 'ec41 bd', '', '0x', 'e'.repeat(65)].map(digitsOf),
    ['ec41', 'ec41bd2a82', 'ec41bd', '', '', '', '', '', ''])
})

test('a hash finds what begins with it and nothing that is not known', () => {
  /** @type {Record<string, string>} */
  const hashes = { a: 'ec41bd2a', b: 'ec41ff00', c: '00ec41bd' }
  const find = (/** @type {string} */ query) => withHash(['a', 'b', 'c', 'unread'], query, (name) => hashes[name])
  assert.deepEqual([find('EC41'), find('ec41b'), find('ec4'), find('dead'), find('unread')], [['a', 'b'], ['a'], [], [], []])
})
