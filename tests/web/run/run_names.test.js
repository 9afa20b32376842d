import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runNames } from '../../../web/run/run_names.js'

const WORDS = { titleOf: ({ title, type }) => title ?? type, inputName: (input) => input.replaceAll('_', ' ') }

/** A document of a prompt and a sampler. */
const made = (text, sampler = {}, more = {}) => ({
  nodes: [{ id: 'prompt', type: 'CLIPTextEncode', inputs: { text } }, { id: 'sampler', type: 'KSampler', inputs: { seed: 1, cfg: 7, sampler_name: 'euler', ...sampler } }], links: [], ...more,
})

/** What runs of these documents are called, all with the same title. */
const names = (...documents) => {
  const runs = documents.map((_, place) => ({ id: `r${place}`, title: 'Foxes' }))
  const named = runNames(runs, (id) => documents[Number(id.slice(1))], WORDS)
  return runs.map(({ id }) => named.get(id) ?? '')
}

test('a run is named by the values that are not the same in all', () => {
  assert.deepEqual(names(made('a fox'), made('a fox', { seed: 2 }), made('a fox', { seed: 2, sampler_name: 'heun' })), ['seed 1 · sampler name euler', 'seed 2 · sampler name euler', 'seed 2 · sampler name heun'])
  assert.deepEqual(names(made('a fox', { cfg: { sweep: [4, 6, 8], axis: 'cfg' } }), made('a fox')), ['cfg 4, 6, 8', 'cfg 7'])
  assert.deepEqual(names(made('a fox', { seed: 3, cfg: 4, sampler_name: 'heun', steps: 9 }), made('a fox', { steps: 1 })), ['seed 3 · cfg 4 · sampler name heun · …', 'seed 1 · cfg 7 · sampler name euler · …'])
})

test('of a prompt those words are told that differ', () => {
  assert.deepEqual(names(made('a red fox in the snow'), made('a blue fox in the snow'), made('a blue cat in the snow')), ['“red fox”', '“blue fox”', '“blue cat”'])
  assert.deepEqual(names(made('a fox, (snow:1.1), night'), made('a fox, (snow:1.25), night')), ['“snow:1.1”', '“snow:1.25”'])
  assert.deepEqual(names(made('a fox'), made('a red fox')), ['“a fox”', '“red”'])
  const [long] = names(made('a picture of everything that one can think of when it rains'), made('foxes'))
  assert.equal(long, '“a picture of everything that one c…”')
})

test('Chinese prompts are told by their words, and cut by the room that they take', () => {
  assert.deepEqual(names(made('一只红色的狐狸在雪地里'), made('一只蓝色的狐狸在雪地里')), ['“红色”', '“蓝色”'])
  assert.equal(names(made('雪'.repeat(60)), made('fox'))[0], `“${'雪'.repeat(17)}…”`)
})

test('other nodes are told where no value differs, and runs that do the same say so', () => {
  const lora = { id: 'lora', type: 'LoraLoader', title: 'Load LoRA' }
  const plain = made('a fox')
  assert.deepEqual(names(plain, { ...plain, nodes: [...plain.nodes, lora] }), ['− Load LoRA', '+ Load LoRA'])
  assert.deepEqual(names(plain, plain, plain), ['', 'the same again', 'the same again'])
  assert.deepEqual(names(plain, plain, made('a fox', { seed: 5 })), ['seed 1', 'seed 1', 'seed 5'])
})

test('values in sub-graphs count, and a title of its own says enough', () => {
  const within = (steps) => made('a fox', {}, { subgraphs: [{ id: 'refine', nodes: [{ id: 'again', type: 'KSampler', inputs: { steps } }] }] })
  assert.deepEqual(names(within(4), within(8)), ['steps 4', 'steps 8'])
  const documents = { one: made('a fox'), two: made('a cat'), three: made('a cat', { seed: 2 }) }
  const runs = [{ id: 'one', title: 'Fox' }, { id: 'two', title: 'Cat' }, { id: 'three', title: 'Cat' }, { id: 'unread', title: 'Cat' }]
  assert.deepEqual([...runNames(runs, (id) => documents[id], WORDS)], [['two', 'seed 1'], ['three', 'seed 2']])
})
