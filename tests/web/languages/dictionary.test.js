import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Dictionary } from '../../../web/languages/dictionary.js'

const file = (texts, more = {}) => ({ code: 'zh', name: '中文', titles: {}, names: {}, categories: {}, ...more, texts })
const say = (texts, more) => {
  const dictionary = new Dictionary(file(texts, more))
  return (text) => dictionary.translate(text)
}

test('a text is said as the file has it, and one that it does not know stays', () => {
  const said = say({ Run: '运行' })
  assert.deepEqual(['Run', ' Run ', 'run', 'Walk', ''].map(said), ['运行', ' 运行 ', 'run', 'Walk', ''])
})

test('places stand for names and numbers, in the order of the other language', () => {
  const said = say({ 'Opened {name}': '已打开 {name}', '{a} instead of {b}': '用 {a} 代替 {b}', '{n} nodes': '{n} 个节点' })
  assert.deepEqual(['Opened a fox.json', 'b instead of c', '12 nodes', 'many nodes'].map(said), ['已打开 a fox.json', '用 b 代替 c', '12 个节点', 'many nodes'])
})

test('what stands in a place is translated too', () => {
  const said = say({ 'Will run: {why}': '将运行：{why}', '{input} changed': '{input} 已改变' }, { names: { latent_image: '潜图像' } })
  assert.equal(said('Will run: latent image changed'), '将运行：潜图像 已改变')
})

test('the text with the most words of its own is chosen', () => {
  const said = say({ '{a} is {b}': '{a}是{b}', '{a} is not {b}': '{a}不是{b}' })
  assert.equal(said('this is not that'), 'this不是that')
})

test('a label keeps its keys, a Problem its place, and a row its parts', () => {
  const said = say({ ': ': '：', Undo: '撤销', Delete: '删除', '{a} is above {n}': '{a} 大于 {n}', 'Sweep {input}': '扫描 {input}' }, { names: { steps: '步数', IMAGE: '图像' } })
  assert.deepEqual(['Undo (Ctrl+Z)', 'Undo (Ctrl+Z): Delete', 'KSampler.cfg: 40 is above 30', 'steps  ·  IMAGE', 'IMAGE · batch 4', 'a cat: sitting (in the sun)'].map(said),
    ['撤销 (Ctrl+Z)', '撤销 (Ctrl+Z)：删除', 'KSampler.cfg：40 大于 30', '步数  ·  图像', '图像 · batch 4', 'a cat: sitting (in the sun)'])
})

test('a language with several plurals has a form for each', () => {
  const polish = new Dictionary({ ...file({ '{n} nodes': { one: '{n} węzeł', few: '{n} węzły', many: '{n} węzłów', other: '{n} węzła' } }), code: 'pl' })
  assert.deepEqual(['1 nodes', '3 nodes', '5 nodes'].map((text) => polish.translate(text)), ['1 węzeł', '3 węzły', '5 węzłów'])
})

test('signs in a text are no expression', () => {
  const said = say({ 'Fit (0), {n} %?': '适应 (0)，{n} %？' })
  assert.deepEqual(['Fit (0), 5 %?', 'Fit 0, 5 %'].map(said), ['适应 (0)，5 %？', 'Fit 0, 5 %'])
})

test('a Problem that stands alone, and the ends of a wire, are said too', () => {
  const said = say({ 'there is no {a}': '没有 {a}' }, { names: { LATENT: '潜图像', samples: '样本' }, titles: { KSampler: 'K 采样器' } })
  assert.deepEqual(['There is no door', 'LATENT → KSampler · samples', 'samples ← KSampler · LATENT'].map(said), ['没有 door', '潜图像 → K 采样器 · 样本', '样本 ← K 采样器 · 潜图像'])
})

test('signs are those of the language, lines are said one by one, and a full stop belongs to the sentence', () => {
  const chinese = say({ ': ': '：', '.': '。', Opened: '已打开', '{word} is heavy': '{word} 很重' })
  const french = say({ Opened: 'Ouvert', '{word} is heavy': '{word} est lourd' })
  assert.deepEqual(['Opened: it', 'fox is heavy.', 'a.json\nOpened'].map(chinese), ['已打开：it', 'fox 很重。', 'a.json\n已打开'])
  assert.deepEqual(['Opened: it', 'fox is heavy.'].map(french), ['Ouvert: it', 'fox est lourd.'])
})
