import assert from 'node:assert/strict'
import { test } from 'node:test'
import { promptRules, promptServices, selectedText } from '../../../web/app/prompting.js'
import { indexCatalog } from '../../../web/document/catalog.js'
import { Store } from '../../../web/document/store.js'

const text = (name, more = {}) => ({ name, type: 'STRING', widget: { kind: 'text', multiline: true, default: '', ...more } })
const catalog = indexCatalog({ nodes: [
  { id: 'Words', title: 'Words', category: '', inputs: [text('value')], outputs: [{ name: 'STRING', type: 'STRING' }] },
  { id: 'Join', title: 'Join', category: '', inputs: [text('a'), text('b', { multiline: false })], outputs: [{ name: 'STRING', type: 'STRING' }] },
  { id: 'Encode', title: 'Encode', category: '', inputs: [text('text', { prompt: 'a1111' }), { name: 'steps', type: 'INT', widget: { kind: 'int', default: 20 } }], outputs: [] },
  { id: 'Show', title: 'Show', category: '', inputs: [text('text')], outputs: [] },
] })
const node = (id, type, inputs = {}) => ({ id, type, inputs })
const app = (links, selected = []) => ({
  catalog, selection: { nodes: new Set(selected) },
  store: new Store({
    format: 'tessera.workflow', version: 1, nodes: [node('words', 'Words'), node('join', 'Join'), node('prompt', 'Encode', { steps: 30 }), node('show', 'Show')],
    links: links.map(([from, to]) => ({ from: [from, 'STRING'], to: to.split('.') })),
  }),
})

test('a text is read by its own rules, else by those of the prompt that it flows into', () => {
  const linked = app([['words', 'join.a'], ['join', 'prompt.text']])
  assert.deepEqual([promptRules(linked, 'prompt', 'text'), promptRules(linked, 'words', 'value'), promptRules(linked, 'join', 'a')], ['a1111', 'a1111', 'a1111'])
  assert.deepEqual([promptRules(linked, 'join', 'b'), promptRules(linked, 'prompt', 'steps'), promptRules(linked, 'gone', 'text')], [null, null, null])
  assert.equal(promptRules(app([['words', 'show.text']]), 'words', 'value'), null)
  assert.equal(promptServices(app([]), 'words', 'value'), null)
})

test('texts that flow in a circle are looked at once', () => {
  assert.equal(promptRules(app([['words', 'join.a'], ['join', 'join.a']]), 'words', 'value'), null)
})

test('the large editor takes the first long text of the one selected node that no wire feeds', () => {
  assert.deepEqual(selectedText(app([], ['join'])), { node: 'join', input: 'a' })
  assert.equal(selectedText(app([['words', 'join.a']], ['join'])), null)
  assert.equal(selectedText(app([], ['join', 'words'])), null)
})
