// Files that are opened: what they say about how they were made.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recipeOf } from '../../../web/app/opening.js'
import { workflowJSON } from '../fixtures/text_to_image.js'

const fileOf = (content, name, type = 'application/json') => new File([typeof content === 'string' ? content : JSON.stringify(content)], name, { type })

test('a file of our format opens while the server is away; what only the server can read says so', async () => {
  globalThis.fetch = async () => { throw new TypeError('Failed to fetch') }
  assert.deepEqual(await recipeOf(fileOf(workflowJSON, 'fox.json')), workflowJSON)
  await assert.rejects(recipeOf(fileOf({ ...workflowJSON, version: 2 }, 'newer.json')), /version 2 is newer than 1/)
  const away = globalThis.fetch
  globalThis.fetch = async () => new Response('Bad gateway', { status: 502 })
  assert.deepEqual(await recipeOf(fileOf(workflowJSON, 'fox.json')), workflowJSON)
  globalThis.fetch = away
  const foreign = [fileOf({ 3: { class_type: 'KSampler', inputs: {} } }, 'other.json'), fileOf('{"format":', 'broken.json'), fileOf('null', 'null.json'), fileOf('pixels', 'fox.png', 'image/png')]
  for (const file of foreign) await assert.rejects(recipeOf(file), /the server does not answer/, file.name)
})

test('what the server says about a file counts', async () => {
  globalThis.fetch = async () => new Response(JSON.stringify({ problems: [{ message: 'two nodes are called a' }] }), { status: 422 })
  await assert.rejects(recipeOf(fileOf(workflowJSON, 'fox.json')), /two nodes are called a/)
  assert.equal(await recipeOf(fileOf('pixels', 'fox.png', 'image/png')), null)
})
