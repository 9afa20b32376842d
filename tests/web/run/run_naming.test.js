import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RunNaming } from '../../../web/run/run_naming.js'
import { PastDocuments } from '../../../web/run/past_documents.js'

const WORDS = { titleOf: ({ type }) => type, inputName: (input) => input }
const document = (seed) => ({ nodes: [{ id: 'sampler', type: 'KSampler', inputs: { seed } }], links: [] })
const run = (id, title = 'Foxes') => ({ id, title, steps: new Map() })

/** The server's runs by their seeds, and what it was asked for. */
const serve = (context, seeds) => {
  const asked = []
  context.mock.method(globalThis, 'fetch', async (path) => {
    const id = path.split('/').at(-1)
    asked.push(id)
    return new Response(JSON.stringify({ document: document(seeds[id]) }))
  })
  return asked
}

test('documents are asked for once, and again when a run that waits was edited', async (context) => {
  const seeds = { a: 1, b: 2, c: 3 }
  const asked = serve(context, seeds)
  let done = () => {}
  const told = () => new Promise((resolve) => (done = resolve))
  const naming = new RunNaming(() => done(), WORDS, new PastDocuments())
  const runs = [run('a'), run('b'), run('other', 'A title of its own')]
  let came = told()
  assert.deepEqual([...naming.of(runs)], [])
  assert.deepEqual([...naming.of(runs)], [])
  await came
  assert.deepEqual([...naming.of(runs)], [['a', 'seed 1'], ['b', 'seed 2']])
  assert.deepEqual(asked, ['a', 'b'])
  seeds.b = 7
  came = told()
  const edited = [{ ...runs[0] }, run('b'), run('c')]
  naming.of(edited)
  await came
  assert.deepEqual([...naming.of(edited)], [['a', 'seed 1'], ['b', 'seed 7'], ['c', 'seed 3']])
  assert.deepEqual(asked, ['a', 'b', 'b', 'c'])
})

test('a run whose document does not come has its title alone', async (context) => {
  context.mock.method(globalThis, 'fetch', async () => new Response('{"problems": []}', { status: 404 }))
  const runs = [run('a'), run('b')]
  await new Promise((resolve) => new RunNaming(resolve, WORDS).of(runs))
  assert.equal(globalThis.fetch.mock.callCount(), 2)
})
