import assert from 'node:assert/strict'
import { test } from 'node:test'

import { placeFor, serverName } from '../../../web/app/keeping.js'

/** @param {Record<string, string>} kept the documents on the server, by name */
const among = (kept) => async (/** @type {string} */ name) => (name in kept ? /** @type {any} */ ({ id: kept[name] }) : null)

test('a workflow kept again takes the place of itself, another of the same title a name of its own', async () => {
  const read = among({ Fox: 'first', 'Fox 2': 'second' })
  assert.deepEqual(await placeFor('Fox', 'first', read), { name: 'Fox', before: { id: 'first' } })
  assert.deepEqual(await placeFor('Fox', 'second', read), { name: 'Fox 2', before: { id: 'second' } })
  assert.deepEqual(await placeFor('Fox', 'third', read), { name: 'Fox 3', before: null })
})

test('a name on the server begins and ends with a letter, however long the title is', () => {
  assert.equal(serverName('Kept: here/there'), 'Kept here there')
  assert.equal(serverName(`${'a'.repeat(89)} and more`), 'a'.repeat(89))
  assert.equal(serverName('🦊'), 'Untitled')
})
