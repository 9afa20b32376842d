import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../../../web/run/api.js'
import { GONE, Looks } from '../../../web/run/looks.js'
import { LivePlan } from '../../../web/run/plan.js'

const settled = () => new Promise((resolve) => setTimeout(resolve, 5))
const eventually = async (isSo) => {
  while (!isSo()) await settled()
}

test('a look is asked for once and tells when it is there', async () => {
  const asked = []
  let changes = 0
  const looks = new Looks(() => { changes += 1 }, async (key, output) => (asked.push([key, output]), { kind: 'text', value: key }))
  assert.equal(looks.get('a', 0), null)
  assert.equal(looks.get('a', 0), null)
  await settled()
  assert.deepEqual([looks.get('a', 0), changes, asked], [{ kind: 'text', value: 'a' }, 1, [['a', 0]]])
})

test('a value that is gone says so, one that nobody answered for is asked for again', async () => {
  let answer = () => { throw new ApiError(404, []) }
  let now = 0
  const looks = new Looks(() => {}, async () => answer(), () => now)
  looks.get('a', 0)
  await settled()
  assert.equal(looks.get('a', 0), GONE)
  now = 4000 // Another run may have made it again.
  answer = () => ({ kind: 'nothing' })
  assert.equal(looks.get('a', 0), null)
  await settled()
  assert.deepEqual(looks.get('a', 0), { kind: 'nothing' })
  answer = () => { throw new Error('the server does not answer') }
  looks.get('b', 0)
  await settled()
  answer = () => ({ kind: 'nothing' })
  assert.equal(looks.get('b', 0), null)
  await settled()
  assert.deepEqual(looks.get('b', 0), { kind: 'nothing' })
})

test('the plan remembers the last result of each node, and which ones are old', async () => {
  const answers = [
    { steps: [{ id: 'a', state: 'cached', key: 'k1' }, { id: 'b[x=1]', node: 'b', state: 'cached', key: 'k2' }], problems: [] },
    { steps: [{ id: 'a', state: 'will_run' }, { id: 'b[x=1]', node: 'b', state: 'cached', key: 'k3' }], problems: [] },
    { steps: [], problems: [] },
  ]
  const fetched = globalThis.fetch
  globalThis.fetch = async () => new Response(JSON.stringify(answers.shift()), { status: 200 })
  try {
    let document = { id: 'one', nodes: [{ id: 'a' }, { id: 'b' }] }
    const plan = new LivePlan(() => document, () => {})
    const ask = async () => (plan.schedule(0), settled())
    await ask()
    assert.deepEqual([...plan.results], [['a', { key: 'k1', old: false }], ['b', { key: 'k2', old: false }]])
    await ask()
    assert.deepEqual([...plan.results], [['a', { key: 'k1', old: true }], ['b', { key: 'k3', old: false }]])
    document = { id: 'another', nodes: [{ id: 'c' }] }
    await ask()
    assert.equal(plan.results.size, 0)
  } finally {
    globalThis.fetch = fetched
  }
})

test('an answer that is under way when another document comes up says nothing about that one', async () => {
  const steps = [{ id: 'a', state: 'cached', key: 'k1' }]
  const fetched = globalThis.fetch
  const waiting = []
  globalThis.fetch = () => new Promise((resolve) => waiting.push(() => resolve(new Response(JSON.stringify({ steps, problems: [{ code: 'x', message: 'x' }], facts: { a: {} }, models: [{}] }), { status: 200 }))))
  try {
    const plan = new LivePlan(() => ({ id: 'one', nodes: [{ id: 'a' }] }), () => {})
    const known = () => [plan.steps, plan.problems, plan.facts, plan.models, [...plan.results.keys()]].map((each) => Object.keys(each).length)
    plan.schedule(0)
    await settled()
    waiting.shift()()
    await settled()
    assert.deepEqual(known(), [1, 1, 1, 1, 1])
    plan.schedule(0)
    await settled()
    plan.renew()
    assert.deepEqual(known(), [0, 0, 0, 0, 0])
    waiting.shift()()
    await settled()
    assert.deepEqual(known(), [0, 0, 0, 0, 0])
    await eventually(() => waiting.length) // The new one is asked about without another word.
    waiting.shift()()
    await settled()
    assert.deepEqual(known(), [1, 1, 1, 1, 1])
  } finally {
    globalThis.fetch = fetched
  }
})
