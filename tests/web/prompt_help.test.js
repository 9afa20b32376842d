import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { test } from 'node:test'
import { fuzzyFind, fuzzyMatch } from '../../web/kernels/fuzzy.js'
import { completionsAt } from '../../web/kernels/prompt_completion.js'
import { bracketsOf, promptFaults } from '../../web/kernels/prompt_faults.js'

const FILES = { embeddings: ['sub/easynegative.pt', 'bad-hands.safetensors'], loras: ['style.safetensors', 'more/Detail_v2.safetensors'] }
/** What is marked, and what is said of it. */
const faults = (text, rules = 'comfy', files = FILES) => promptFaults(text, rules, files).map(({ from, to, message, remedy }) => `${text.slice(from, to)} | ${message} | ${remedy}`)

test('a prompt without faults has none', () => {
  for (const text of ['', 'a (red:1.2) (cat:0.7), \\(x\\) [letters', 'embedding:easynegative, embedding:BAD-HANDS.safetensors', 'a sign: (time: now and then)', '(embedding:easynegative:1.2)']) assert.deepEqual(faults(text), [], text)
  for (const text of ['(a [b] (c:1.3))', '<lora:style:0.8> <lora:detail_v2:te=0.5:1> <hypernet:x:1>', '[cat:dog:0.4] BREAK [a|b] AND c:0.5']) assert.deepEqual(faults(text, 'a1111'), [], text)
})

test('brackets without a partner are told by the rules of the node', () => {
  assert.deepEqual(faults('a (b'), ['( | ( has no partner: it is read as a letter | Close it, or write \\( where the letter is meant.'])
  assert.deepEqual(faults('a (b', 'a1111'), ['( | ( has no partner: it weighs everything to the end | Close it, or write \\( where the letter is meant.'])
  assert.deepEqual(faults('a] (b)', 'a1111'), ['] | ] has no partner: it is read as a letter | Close it, or write \\] where the letter is meant.'])
  assert.deepEqual(bracketsOf('(a [b) c]', 'a1111'), { pairs: [[0, 5]], loose: [3, 8] })
})

test('a weight that is no number is told with the number that was meant', () => {
  assert.deepEqual(faults('a (cat:abc)'), [':abc | abc is no number: it is read as words, and the bracket weighs 1.1 | Write a number behind the colon, such as (word:1.2).'])
  assert.deepEqual(faults('a (cat:1,3)'), [':1,3 | 1,3 is no number: it is read as words, and the bracket weighs 1.1 | Write 1.3.'])
  assert.deepEqual(faults('a (cat:)'), [': | nothing is no number: it is read as words, and the bracket weighs 1.1 | Write a number behind the colon, such as (word:1.2).'])
  assert.deepEqual(faults('(format 16:9)'), ['9 | 9 is a very strong weight | Weights from 0.5 to 1.5 keep pictures whole.'])
})

test('a file that is not there is told with the nearest, and with nothing while files are not known', () => {
  assert.deepEqual(faults('embedding:easynegativ, a'), ['easynegativ | There is no embedding easynegativ in models/embeddings | Did you mean easynegative?'])
  assert.deepEqual(faults('embedding:badhand'), ['badhand | There is no embedding badhand in models/embeddings | Did you mean bad-hands?'])
  assert.deepEqual(faults('embedding:x', 'comfy', { embeddings: [], loras: [] }), ['x | There is no embedding x in models/embeddings | Put its file there, or take it out of the prompt.'])
  assert.deepEqual(faults('<lora:stile:1>', 'a1111'), ['stile | There is no LoRA stile in models/loras | Did you mean style?'])
  assert.deepEqual(faults('<lora:style:much>', 'a1111'), ['<lora:style:much> | The strength in <lora:style:much> is no number | Write it as <lora:name:0.8>.'])
  assert.deepEqual(faults('embedding:x <lora:y:1>', 'a1111', null), [])
})

test('what belongs to the other program is told', () => {
  assert.deepEqual(faults('a BREAK <lora:style:1>').map((each) => each.split(' | ')[1]), ['This node reads BREAK as a word', 'This node reads tags as words'])
  assert.deepEqual(faults('a|b [cat:dog:0.4]', 'a1111').map((each) => each.split(' | ')[1]), ['| outside of brackets turns all schedules of the prompt off'])
})

const VOCABULARY = { phrases: [['red apple', 12], ['blue background', 7], ['a fox', 2], ['red', 1]], concepts: ['strawberry', 'fox'], embeddings: FILES.embeddings, loras: FILES.loras }
/** `red ap|`: the bar is the caret; what is replaced, and by what. */
const complete = (marked, rules = 'comfy', how = {}) => {
  const caret = marked.indexOf('|')
  const text = marked.replace('|', '')
  const found = completionsAt(text, caret, rules, VOCABULARY, how)
  return found && [text.slice(found.from, found.to), found.options.map(({ insert }) => insert), found.isAsked]
}

test('what is written goes on with what was used before, and with what the model knows', () => {
  assert.deepEqual(complete('a cat, red a|'), ['red a', ['red apple'], false])
  assert.deepEqual(complete('a big re|'), ['re', ['red apple', 'red'], false])
  assert.deepEqual(complete('(Str|)'), ['Str', ['strawberry'], false])
  assert.equal(complete('a f|rog'), null)
  assert.equal(complete('r|'), null)
  assert.equal(complete('zebra|'), null)
})

test('files are completed by their names, and keep the strength that stands there', () => {
  assert.deepEqual(complete('embedding:bad|'), ['embedding:bad', ['embedding:bad-hands'], true])
  assert.deepEqual(complete('easy|'), ['easy', ['embedding:easynegative'], false])
  assert.deepEqual(complete('easy|', 'a1111'), ['easy', ['easynegative'], false])
  assert.deepEqual(complete('a <|', 'a1111'), ['<', ['<lora:style:1>', '<lora:Detail_v2:1>'], true])
  assert.deepEqual(complete('<lora:dv2|:0.6> a', 'a1111'), ['<lora:dv2:0.6>', ['<lora:Detail_v2:0.6>'], true])
  assert.deepEqual([complete('<lo|', 'a1111')?.[1].length, complete('<det|', 'a1111')?.[1]], [2, ['<lora:Detail_v2:1>']])
  assert.equal(complete('<hypernet:x|', 'a1111'), null)
  assert.equal(complete('a <|'), null)
})

test('asked for, all that can come is offered', () => {
  assert.deepEqual(complete('a cat, |', 'comfy', { asked: true })?.[1].slice(0, 3), ['embedding:easynegative', 'embedding:bad-hands', 'strawberry'])
})

test('a few letters find a file; starts of words and rows of letters come first', () => {
  const names = ['sd15/dreamshaper_8.safetensors', 'v1-5-pruned.safetensors', 'deliberate_v2.safetensors', 'sub/vae-ft-mse.safetensors']
  const found = (query) => fuzzyFind(names, query, (name) => name).map(({ item }) => item)
  assert.deepEqual(found('ds8'), ['sd15/dreamshaper_8.safetensors'])
  assert.deepEqual(fuzzyFind(['sd15/some_v8.pt', 'sd15/dreamshaper_8.pt'], 'ds8', (name) => name)[0].item, 'sd15/dreamshaper_8.pt')
  assert.deepEqual(found('v2')[0], 'deliberate_v2.safetensors')
  assert.deepEqual(found('mse vae'), ['sub/vae-ft-mse.safetensors'])
  assert.deepEqual(found('zzz'), [])
  assert.deepEqual(found(' '), names)
  assert.deepEqual(fuzzyMatch('dreamshaper', 'shape')?.at, [5, 6, 7, 8, 9])
})

test('two thousand files are searched at once', () => {
  const names = Array.from({ length: 2000 }, (_, index) => `folder_${index % 20}/some_model_v${index}-fp16.safetensors`)
  const times = Array.from({ length: 6 }, () => {
    const start = performance.now()
    assert.equal(fuzzyFind(names, 'somo19fp', (name) => name).length > 10, true)
    return performance.now() - start
  })
  assert.ok(Math.min(...times) < 100, `${times} ms`) // 5 where nothing else runs
})
