// What the journal keeps: of many documents, of notes without nodes, and where the browser's storage is full.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Autosave } from '../../../web/app/autosave.js'

/** A browser's storage that takes so many letters. */
class SmallStorage {
  #room
  constructor(room) {
    this.#room = room
  }

  getItem(key) {
    return Object.hasOwn(this, key) ? this[key] : null
  }

  setItem(key, text) {
    const others = Object.entries(this).reduce((sum, [name, held]) => sum + (name === key ? 0 : held.length), 0)
    if (others + text.length > this.#room) throw new DOMException('The quota has been exceeded.', 'QuotaExceededError')
    this[key] = text
  }

  removeItem(key) {
    delete this[key]
  }
}

const known = { localStorage: globalThis.localStorage, sessionStorage: globalThis.sessionStorage, navigator: globalThis.navigator, document: globalThis.document, addEventListener: globalThis.addEventListener }
before(() => Object.assign(globalThis, { localStorage: new SmallStorage(10_000), sessionStorage: new SmallStorage(1000), navigator: {} }))
after(() => Object.assign(globalThis, known))

const sized = (id, letters) => ({ format: 'tessera.workflow', version: 1, id, nodes: [{ id: 'n', type: 'Text', text: 'x'.repeat(letters) }] })
const kept = () => Object.values(localStorage).map((text) => JSON.parse(text).document.id)

test('documents that were closed make room for what is open, the oldest first; what is open never goes', (context) => {
  context.mock.timers.enable({ apis: ['Date'] })
  const failures = []
  let document = sized('open', 3000)
  const autosave = new Autosave(() => document, () => true, (error) => failures.push(error.name))
  autosave.use(autosave.add(), [])
  autosave.write()
  for (const id of ['first', 'second', 'third']) {
    context.mock.timers.tick(1000)
    autosave.keep(sized(id, 2500))
  }
  assert.deepEqual([kept().sort(), failures], [['open', 'second', 'third'], []])
  document = sized('open', 6000)
  autosave.write()
  assert.deepEqual([kept().sort(), failures], [['open', 'third'], []])
  document = sized('open', 20_000)
  autosave.write()
  autosave.write() // It is told once, and what would not make room enough stays.
  assert.deepEqual([kept().sort(), failures], [['open', 'third'], ['QuotaExceededError']])
  assert.equal(JSON.parse(localStorage[Object.keys(localStorage).find((key) => key.startsWith('tessera.document.'))]).document.nodes[0].text.length, 6000)
  document = sized('open', 5000)
  autosave.write()
  document = sized('open', 20_000)
  autosave.write()
  assert.equal(failures.length, 2)
})

/** A page that comes: what its storage holds, and what it makes of it. */
const comeTo = async (journals, page = {}, room = 1_000_000) => {
  globalThis.localStorage = new SmallStorage(room)
  globalThis.sessionStorage = new SmallStorage(1000)
  Object.assign(globalThis, { addEventListener: () => {}, document: { addEventListener: () => {} } })
  journals.forEach((journal, place) => localStorage.setItem(`tessera.document.${place}`, JSON.stringify({ savedAt: place, ...journal })))
  sessionStorage.setItem('tessera.tab', JSON.stringify(page))
  const autosave = new Autosave(() => sized('open', 1), () => true, assert.fail)
  return { autosave, ...(await autosave.restore()) }
}

test('however many tabs a window had, all of them are there for the next one; of what was closed the newest', async () => {
  const tabs = Array.from({ length: 40 }, (_, place) => ({ document: sized(`tab ${place}`, 5), ended: true }))
  const closed = Array.from({ length: 40 }, (_, place) => ({ document: sized(`closed ${place}`, 5), replaced: true }))
  await comeTo([...tabs, ...closed])
  assert.deepEqual(kept().sort(), [...tabs, ...closed.slice(16)].map(({ document }) => document.id).sort())
})

test('a document that a page has taken over counts as open, also before its first edit', async () => {
  const { entries } = await comeTo([{ document: sized('tab', 5), ended: true }])
  assert.deepEqual([entries.map(({ name, journal }) => [name, journal.ended]), JSON.parse(localStorage['tessera.document.0']).ended], [[['0', false]], false])
})

test('notes, frames and sub-graphs without nodes are kept, too, when their tab closes', async () => {
  const { autosave } = await comeTo([])
  for (const table of ['notes', 'frames', 'subgraphs']) autosave.retire(autosave.add(), { ...sized(table, 0), nodes: [], [table]: [{ id: 'a' }] })
  autosave.retire(autosave.add(), { id: 'blank', nodes: [], notes: [] })
  assert.deepEqual(kept().sort(), ['frames', 'notes', 'subgraphs'])
})

test('what cannot be read is neither opened nor written over: it is told of, and its document can be saved as a file', async () => {
  const newer = { ...sized('newer', 5), version: 2 }
  const { autosave, entries, active, unreadable } = await comeTo([{ document: newer }, { document: sized('tab', 5) }, {}], { names: ['0', '1', '2'], active: 0 })
  const stored = () => ['0', '2'].map((name) => localStorage[`tessera.document.${name}`])
  const before = stored()
  assert.deepEqual([entries.map(({ name }) => name), active], [['1'], 0])
  assert.deepEqual(unreadable.map(({ name, text, error }) => [name, text, error.message]), [
    ['0', JSON.stringify(newer, null, 2), 'version 2 is newer than 1, the newest this editor knows'], ['2', '{"savedAt":2}', 'A workflow is a JSON object'],
  ])
  autosave.use(entries[0].name, ['1'])
  autosave.write()
  autosave.keep(sized('kept', 5))
  assert.deepEqual([stored(), (await autosave.recent()).map(({ document }) => document.id)], [before, ['kept']])
  autosave.forget('2')
  assert.deepEqual(stored(), [before[0], undefined])
})

test('a page comes up also where the storage has no room for a single letter more', async () => {
  const journal = { savedAt: 0, document: sized('tab', 5), ended: true }
  const { entries } = await comeTo([journal], {}, JSON.stringify(journal).length)
  assert.deepEqual(entries.map(({ journal: { document } }) => document.id), ['tab'])
})

test('what was closed opens again at once, however late the browser grants its lock and takes it back', async () => {
  /** @type {Map<string, () => Promise<unknown>>} */
  const waiting = new Map()
  const told = new Set()
  globalThis.navigator = { locks: { request: (name, run) => (told.add(name), waiting.set(name, run)), query: async () => ({ held: [...told].map((name) => ({ name })) }) } }
  globalThis.localStorage = new SmallStorage(10_000)
  const autosave = new Autosave(() => sized('open', 1), () => true, assert.fail)
  const [open, closed] = [autosave.add(), autosave.add()]
  autosave.use(open, [open])
  autosave.write()
  autosave.retire(closed, sized('closed', 1))
  assert.deepEqual((await autosave.recent()).map(({ document }) => document.id), ['closed'])
  const ends = await Promise.race([...[...waiting].map(([name, run]) => run().then(() => name)), new Promise((resolve) => setTimeout(resolve, 50, 'none'))])
  assert.equal(ends, `tessera.document.${closed}`)
})
