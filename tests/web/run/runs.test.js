import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPreview, retryDelay } from '../../../web/run/connection.js'
import { turnsOf } from '../../../web/run/turns.js'
import { buildOverlay } from '../../../web/run/overlay.js'
import { applyEvent, byTurn, fromHistory, isActive, picturesOf, progressOf } from '../../../web/run/runs.js'

const picture = { kind: 'image', folder: 'output', name: 'a b.png', width: 8, height: 8 }

/** Events of one run, folded. */
const fold = (events, runs = new Map()) => {
  for (const [index, event] of events.entries()) applyEvent(runs, { seq: index + 1, time: 1, run: 'r', ...event }, 100)
  return runs
}

const queued = { type: 'RunQueued', title: 'T', client: 'c', steps: [['loader', 'cached'], ['sampler', 'will_run'], ['save', 'will_run']] }

test('a run goes from queued to succeeded and keeps its pictures', () => {
  const runs = fold([
    queued, { type: 'RunStarted' }, { type: 'StepCached', step: 'loader', artifacts: [] },
    { type: 'StepStarted', step: 'sampler' }, { type: 'StepFinished', step: 'sampler', seconds: 2, artifacts: [] },
    { type: 'StepStarted', step: 'save' }, { type: 'StepFinished', step: 'save', seconds: 0.1, artifacts: [picture] },
    { type: 'RunFinished', status: 'succeeded', seconds: 2.1, problems: [] },
  ])
  const run = runs.get('r')
  assert.equal(isActive(run), false)
  assert.deepEqual([...run.steps].map(([id, { state }]) => [id, state]), [['loader', 'cached'], ['sampler', 'done'], ['save', 'done']])
  assert.deepEqual(picturesOf(run), [picture])
})

test('a cancelled run marks what worked and what waited, and keeps what was done', () => {
  const runs = fold([
    queued, { type: 'RunStarted' }, { type: 'StepStarted', step: 'sampler' }, { type: 'StepProgress', step: 'sampler', done: 3, total: 20 },
    { type: 'RunFinished', status: 'cancelled', seconds: 1 },
  ])
  const states = [...runs.get('r').steps].map(([id, { state }]) => [id, state])
  assert.deepEqual(states, [['loader', 'cached'], ['sampler', 'cancelled'], ['save', 'cancelled']])
})

test('a failure is listed once, though step and run both report it', () => {
  const problem = { code: 'out_of_memory', node: 'sampler', input: null, message: 'too large' }
  const runs = fold([queued, { type: 'StepFailed', step: 'sampler', problem }, { type: 'RunFinished', status: 'failed', problems: [problem] }])
  assert.deepEqual(runs.get('r').problems, [problem])
})

test('a warning is listed and stops nothing', () => {
  const problem = { code: 'unmatched_keys', severity: 'warning', node: 'lora', input: 'lora_name', message: 'some keys' }
  const runs = fold([queued, { type: 'StepStarted', step: 'sampler' }, { type: 'StepWarned', step: 'sampler', problem }])
  assert.deepEqual(runs.get('r').problems, [problem])
  assert.equal(runs.get('r').steps.get('sampler').state, 'running')
})

test('progress weighs steps by their seconds of last time', () => {
  const runs = fold([queued, { type: 'StepStarted', step: 'sampler' }, { type: 'StepProgress', step: 'sampler', done: 5, total: 10 }])
  assert.equal(progressOf(runs.get('r'), new Map([['sampler', 9], ['save', 1]])), 0.45)
})

test('events of an unknown run change nothing', () => {
  const runs = new Map()
  assert.equal(applyEvent(runs, { type: 'StepStarted', step: 'a', run: 'r', seq: 1, time: 1 }, 0), null)
  assert.equal(runs.size, 0)
})

test('the newest run decides the states, an older one lends its pictures', () => {
  const runs = fold([queued, { type: 'StepFinished', step: 'save', seconds: 1, artifacts: [picture] }, { type: 'RunFinished', status: 'succeeded' }])
  fold([{ ...queued, run: 's' }], runs)
  const overlay = buildOverlay([...runs.values()], [{ id: 'save', state: 'will_run' }], [])
  const { run, plan, pictures } = overlay.nodes.get('save')
  assert.deepEqual({ run, plan }, { run: 'waiting', plan: 'will_run' })
  assert.equal(pictures[0].url, '/api/v1/files/output/a%20b.png')
})

test('while a run works, one that waits behind it does not hide it', () => {
  const runs = fold([queued, { type: 'RunStarted' }, { type: 'StepStarted', step: 'sampler' }])
  fold([{ ...queued, run: 's' }], runs)
  assert.equal(buildOverlay([...runs.values()], [], []).nodes.get('sampler').run, 'running')
})

test('a preview frame is a header and the picture behind it', async () => {
  const header = new TextEncoder().encode(JSON.stringify({ type: 'StepPreview', run: 'r', step: 's', mime: 'image/webp' }))
  const frame = new Uint8Array(4 + header.length + 3)
  new DataView(frame.buffer).setUint32(0, header.length)
  frame.set(header, 4)
  frame.set([7, 8, 9], 4 + header.length)
  const { header: read, image } = readPreview(frame.buffer)
  assert.deepEqual(read, { type: 'StepPreview', run: 'r', step: 's', mime: 'image/webp' })
  assert.equal(image.type, 'image/webp')
  assert.deepEqual([...new Uint8Array(await image.arrayBuffer())], [7, 8, 9])
})

test('tries to connect again wait longer, up to a bound', () => {
  const delays = [0, 1, 2, 10].map((attempt) => retryDelay(attempt, () => 0.5))
  assert.deepEqual(delays, [250, 500, 1000, 4000])
})

const at = (node, coordinate = {}) => ({ node, coordinate })
const swept = { type: 'RunQueued', title: 'T', client: 'c', steps: [
  ['loader', 'cached', at('loader')], ['sampler[seed=1]', 'will_run', at('sampler', { seed: 1 })],
  ['sampler[seed=2]', 'will_run', at('sampler', { seed: 2 })], ['save[seed=1]', 'will_run', at('save', { seed: 1 })],
  ['save[seed=2]', 'will_run', at('save', { seed: 2 })],
] }

test('a sweep shows on its nodes: how many are done, then all that they made', () => {
  const second = { ...picture, name: 'b.png' }
  const first = [
    swept, { type: 'RunStarted' }, { type: 'StepCached', step: 'loader', artifacts: [] },
    { type: 'StepStarted', step: 'sampler[seed=1]' }, { type: 'StepFinished', step: 'sampler[seed=1]', seconds: 2, artifacts: [] },
  ]
  const half = buildOverlay([fold(first).get('r')], [], []).nodes
  assert.deepEqual([half.get('sampler').run, half.get('sampler').progress], ['running', { done: 1, total: 2 }])
  assert.deepEqual([half.get('loader').run, half.get('save').run, half.has('sampler[seed=1]')], ['cached', 'waiting', false])
  const whole = buildOverlay([fold([
    ...first, { type: 'StepFinished', step: 'sampler[seed=2]', seconds: 3, artifacts: [] },
    { type: 'StepFinished', step: 'save[seed=1]', seconds: 0.1, artifacts: [picture] },
    { type: 'StepFinished', step: 'save[seed=2]', seconds: 0.1, artifacts: [second] },
    { type: 'RunFinished', status: 'succeeded', seconds: 5 },
  ]).get('r')], [], []).nodes
  assert.deepEqual([whole.get('sampler').run, whole.get('sampler').seconds, whole.get('sampler').progress], ['done', 5, undefined])
  assert.equal(whole.get('save').pictures.length, 2)
})

test('a sweep that fails at one place has failed, and a stopped one is stopped', () => {
  const failed = fold([swept, { type: 'RunStarted' }, { type: 'StepFailed', step: 'sampler[seed=1]', problem: { code: 'x', message: 'x' } },
    { type: 'StepFinished', step: 'sampler[seed=2]', seconds: 1, artifacts: [] }, { type: 'RunFinished', status: 'failed', seconds: 1 }])
  const nodes = buildOverlay([failed.get('r')], [], []).nodes
  assert.deepEqual(['sampler', 'save'].map((id) => nodes.get(id).run), ['failed', 'cancelled'])
})

test('the live plan of a sweep says how many of a node will run, and why', () => {
  const step = (id, node, state, reason) => ({ id, node, state, reason, coordinate: {} })
  const { nodes } = buildOverlay([], [
    step('loader', 'loader', 'cached', 'in the cache'), step('sampler[seed=1]', 'sampler', 'cached', 'in the cache'),
    step('sampler[seed=2]', 'sampler', 'will_run', 'not run before'),
  ], [])
  assert.deepEqual([...nodes].map(([id, { plan, reason }]) => [id, plan, reason]),
    [['loader', 'cached', 'in the cache'], ['sampler', 'will_run', '1 of 2: not run before']])
})

test('progress of a sweep counts all its instances', () => {
  const run = fold([swept, { type: 'StepFinished', step: 'sampler[seed=1]', seconds: 2, artifacts: [] }]).get('r')
  assert.equal(progressOf(run, new Map()), 0.25)
})

test('what waits runs by priority and place; moving, editing and interrupting a run change it', () => {
  const runs = fold([
    { ...queued, run: 'a', priority: 0, place: 1 }, { ...queued, run: 'b', priority: 0, place: 2 }, { ...queued, run: 'c', priority: 5, place: 3 },
  ])
  const turns = () => [...runs.values()].sort(byTurn).map(({ id }) => id)
  assert.deepEqual(turns(), ['c', 'a', 'b'])
  fold([{ type: 'RunMoved', run: 'b', priority: 5, place: 0.5 }, { type: 'RunStarted', run: 'a' }], runs)
  assert.deepEqual(turns(), ['a', 'b', 'c'])
  fold([{ type: 'StepStarted', run: 'a', step: 'sampler' }, { type: 'RunInterrupted', run: 'a', reason: 'killed' }], runs)
  assert.deepEqual([runs.get('a').status, [...runs.get('a').steps.values()].map(({ state }) => state)], ['queued', ['waiting', 'waiting', 'waiting']])
  fold([{ type: 'RunEdited', run: 'a', title: 'Other', steps: [['only', 'will_run']] }], runs)
  assert.deepEqual([runs.get('a').title, [...runs.get('a').steps.keys()]], ['Other', ['only']])
})

test('an event that nobody here knows, or without a run, changes nothing', () => {
  const runs = fold([queued])
  const before = structuredClone([...runs])
  assert.equal(applyEvent(runs, { type: 'QueueChanged', seq: 2, time: 1, run: '', paused: true }, 100), null)
  applyEvent(runs, { type: 'FromTheFuture', seq: 3, time: 1, run: 'r' }, 100)
  applyEvent(runs, { type: 'RunMoved', seq: 4, time: 1, run: 'unheard of', priority: 1, place: 1 }, 100)
  assert.deepEqual([...runs], before)
})

test('a run of the log is a run, with its pictures', () => {
  const run = fromHistory({ id: 'a', seq: 3, title: 'T', client: 'c', status: 'succeeded', queued: 9, seconds: null, priority: 0, place: 1, problems: [],
    artifacts: [{ step: 'save', ...picture }, { step: 'save', ...picture, name: 'b.png' }, { step: 'other', ...picture, name: 'c.png' }] })
  assert.deepEqual([picturesOf(run).map(({ name }) => name), isActive(run), run.time, 'seconds' in run], [['a b.png', 'b.png', 'c.png'], false, 9, false])
})

test('a node keeps the pictures of earlier runs behind the newest, each with its run', () => {
  const shown = (run, name) => fold([{ ...queued, run }, { type: 'StepFinished', run, step: 'save', seconds: 1, artifacts: [{ kind: 'image', folder: 'output', name, width: 8, height: 8 }] }]).get(run)
  const runs = ['a', 'b', 'c'].map((run, index) => shown(run, index === 2 ? 'a.png' : `${run}.png`)) // The third found the first's in the cache.
  const { pictures } = buildOverlay(runs, [], []).nodes.get('save')
  assert.deepEqual(pictures.map(({ url, run, past = false }) => [url.split('/').at(-1), run, past]), [['a.png', 'c', false], ['b.png', 'b', true]])
  const many = Array.from({ length: 12 }, (_, index) => shown(`r${index}`, `${index}.png`))
  assert.equal(buildOverlay(many, [], []).nodes.get('save').pictures.length, 8)
})

test('what was deleted is shown nowhere, until it is back', async () => {
  const { Session } = await import('../../../web/run/session.js')
  const session = new Session()
  const file = { folder: 'output', name: 'a b.png' }
  for (const [index, event] of [queued, { type: 'StepFinished', step: 'save', seconds: 1, artifacts: [picture] }].entries()) session.receive({ seq: index + 1, time: 1, run: 'r', ...event })
  session.hide(file)
  assert.deepEqual([picturesOf(session.runs.get('r')), buildOverlay([...session.runs.values()], [], []).nodes.get('save').pictures], [[], undefined])
  session.receive({ seq: 3, time: 1, run: 'r', type: 'StepCached', step: 'save', artifacts: [picture] })
  assert.deepEqual(picturesOf(session.runs.get('r')), [])
  session.unhide(file)
  assert.equal(picturesOf(session.runs.get('r')).length, 1)
})

test('turns of a zone are heard of when they begin, and seen together or one by one', () => {
  const runs = new Map()
  let seq = 0
  const tell = (type, fields) => applyEvent(runs, { seq: (seq += 1), time: 0, run: 'r', type, ...fields }, seq * 1000)
  const turn = (at) => ({ step: `loop/sampler[loop=${at}]`, node: 'loop/sampler', coordinate: { loop: at } })
  tell('RunQueued', { title: '', client: 'c', steps: [['loader', 'cached'], ['loop', 'will_run']] })
  tell('RunStarted', {})
  tell('StepStarted', { step: 'loop' })
  tell('StepStarted', turn(0))
  tell('StepFinished', { ...turn(0), seconds: 2, artifacts: [{ kind: 'image', folder: 'temp', name: 'a.png' }] })
  tell('StepProgress', { step: 'loop', done: 1, total: 3 })
  tell('StepStarted', turn(1))
  const { steps } = runs.get('r')
  assert.deepEqual(turnsOf(runs.get('r'), 'loop').map(({ turn }) => turn), [0, 1])
  const all = buildOverlay([runs.get('r')], [], []).nodes
  assert.deepEqual([all.get('loop').run, all.get('loop').progress.done, all.get('loop/sampler').run, all.get('loop/sampler').pictures.length], ['running', 1, 'running', 1])
  const first = buildOverlay([runs.get('r')], [], [], new Map(), new Map([['loop', 0]])).nodes
  assert.deepEqual([first.get('loop/sampler').run, first.get('loop/sampler').seconds, first.get('loop').run], ['done', 2, 'running'])
  const second = buildOverlay([runs.get('r')], [], [], new Map(), new Map([['loop', 1]])).nodes
  assert.deepEqual([second.get('loop/sampler').run, second.get('loop/sampler').pictures], ['running', undefined])
})
