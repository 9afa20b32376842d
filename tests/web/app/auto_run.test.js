// Running by itself, in plain Node: the server's part is answered by hand.

import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { AutoRun } from '../../../web/app/auto_run.js'
import { indexCatalog } from '../../../web/document/catalog.js'
import { setInput } from '../../../web/document/edits.js'
import { Store } from '../../../web/document/store.js'
import { catalogJSON } from '../fixtures/text_to_image.js'

const branch = (name) => [{ id: `load_${name}`, type: 'LoadImage', inputs: { image: 'a.png' } }, { id: `save_${name}`, type: 'SaveImage', inputs: {} }]
const TWO_BRANCHES = { format: 'tessera.workflow', version: 1, id: 'open', nodes: [...branch('one'), ...branch('two')],
  links: ['one', 'two'].map((name) => ({ from: [`load_${name}`, 'IMAGE'], to: [`save_${name}`, 'images'] })) }

test('a change that comes while the last run is being cancelled is run in its turn', async () => {
  globalThis.document = { getElementById: () => ({}) } // Where runs are announced.
  mock.timers.enable({ apis: ['setTimeout'] })
  const store = new Store(TWO_BRANCHES)
  const running = { id: 'r', client: 'editor:open', status: 'running', seq: 1 }
  const app = { store, catalog: indexCatalog(catalogJSON), documentId: 'open', shownRun: null, looking: {}, session: { runs: new Map([['r', running]]), seconds: new Map([['save_one', 1], ['save_two', 1]]) } }
  const auto = new AutoRun(app)
  store.subscribe(({ changes }) => auto.schedule(changes))
  const started = []
  globalThis.fetch = async (url, { body } = {}) => {
    const answer = (value) => new Response(JSON.stringify(value))
    if (url.endsWith('/plan')) return answer({ steps: JSON.parse(body).targets?.map((id) => ({ id, node: id, state: 'will_run' })) ?? [{ id: 'save_one', state: 'will_run' }], problems: [] })
    if (url.endsWith('/cancel')) {
      if (running.status === 'running') setInput(store, 'load_two', 'image', 'b.png')
      running.status = 'cancelled'
      return answer({})
    }
    started.push(JSON.parse(body).targets)
    return answer({ run: 'next' })
  }
  const rest = async () => {
    mock.timers.tick(1000)
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }
  running.status = 'succeeded'
  auto.switch()
  await rest()
  running.status = 'running'
  setInput(store, 'load_one', 'image', 'b.png')
  await rest()
  await rest()
  mock.timers.reset()
  assert.deepEqual(started, [undefined, ['save_one', 'save_two']])
})
