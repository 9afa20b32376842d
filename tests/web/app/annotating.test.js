// Notes, frames and reroutes, looked for among nodes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import uFuzzy from '@leeoniya/ufuzzy'
import { DRAWN, makeDrawn } from '../../../web/app/annotating.js'
import { Selection } from '../../../web/document/selection.js'
import { Store } from '../../../web/document/store.js'
import { rank, searchText } from '../../../web/panels/search_ranking.js'
import { workflowJSON } from '../fixtures/text_to_image.js'

test('a search for nodes finds notes, frames and reroutes by what other programs call them', () => {
  const named = (query) => rank(DRAWN, query, { fuzzy: new uFuzzy({ intraMode: 1 }), text: searchText, title: ({ title }) => title, synonyms: ({ id, search = [] }) => [id, ...search] }).map(({ title }) => title)
  assert.deepEqual(['note', 'frame', 'reroute', 'group'].map(named), [['Note'], ['Frame'], ['Reroute'], ['Frame']])
  assert.deepEqual(named('comment').toSorted(), ['Frame', 'Note'])
})

test('each is made where it was asked for, a reroute on the selected wires', () => {
  const store = new Store(workflowJSON)
  const [link] = store.links()
  const asked = []
  const selection = new Selection(store)
  const app = { store, selection, editor: { bounds: () => undefined, editTitle: (_id, closed) => closed(), reroute: (...given) => asked.push(given) } }
  const [note, frame, reroute] = DRAWN.map(({ id }) => id)
  assert.deepEqual([makeDrawn(app, note, [10, 20]), makeDrawn(app, frame, [30, 40]), makeDrawn(app, 'KSampler', [0, 0])], [true, true, false])
  const { notes, frames } = store.toJSON()
  assert.deepEqual([notes.at(-1).position, frames.at(-1).title, selection.annotations.size], [[10, 20], 'Frame', 1])
  selection.set({ links: [link.id] })
  assert.equal(makeDrawn(app, reroute, [5, 6]), true)
  assert.deepEqual(asked, [[link.id, [5, 6]]])
})
