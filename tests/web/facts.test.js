import assert from 'node:assert/strict'
import { test } from 'node:test'
import { factsText } from '../../web/canvas/facts.js'
import { Scene } from '../../web/canvas/scene.js'
import { indexCatalog } from '../../web/document/catalog.js'
import { applyPatch } from '../../web/document/edits.js'
import { Store } from '../../web/document/store.js'
import { LivePlan } from '../../web/run/plan.js'
import { catalogJSON, workflowJSON } from './fixtures/text_to_image.js'

const catalog = indexCatalog(catalogJSON)
const linksOf = (store) => store.links().map(({ from, to }) => `${from.join('.')} > ${to.join('.')}`)

test('facts are told in few words, those that matter first', () => {
  const model = { context: 768, channels: 4, role: 'base', prediction: 'eps', family: 'sd1', digest: 'f00' }
  assert.deepEqual([
    factsText(model),
    factsText({ width: 512, batch: 4, height: 768, channels: 4, factor: 8, masked: true }),
    factsText({ width: 1024, role: 'base' }), factsText({ family: 'sd2', width: 1024, digest: 'f00' }),
    factsText({ factor: 8, channels: 4 }), factsText({ value: 20 }), factsText({ colour: 'red' }), factsText({}),
  ], [
    'SD1 · eps · base · context 768 · 4 channels', '512 × 768 · batch 4 · masked', 'base · width 1024',
    'SD2 · width 1024', 'VAE ×8 · 4 channels', '20', 'colour red', '',
  ])
})

test('the live plan keeps what is known, and forgets it when the server refuses', async () => {
  const facts = { latent: { LATENT: { width: 512, height: 512 } } }
  const answers = [{ status: 200, body: { steps: [], problems: [], facts } }, { status: 422, body: { problems: [{ code: 'x', message: 'x' }] } }]
  const real = globalThis.fetch
  globalThis.fetch = async () => {
    const { status, body } = answers.shift()
    return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
  }
  try {
    const seen = []
    for (const _ of answers.slice()) {
      await new Promise((resolve) => {
        const plan = new LivePlan(() => workflowJSON, () => resolve(seen.push(plan.facts)))
        plan.schedule(0)
      })
    }
    assert.deepEqual(seen, [facts, {}])
  } finally {
    globalThis.fetch = real
  }
})

test('a scene knows the facts of an output', () => {
  const scene = new Scene(new Store(workflowJSON), catalog)
  assert.equal(scene.factsOf(['latent', 'LATENT']), undefined)
  scene.setOverlay({ nodes: new Map(), problems: [], facts: { latent: { LATENT: { width: 8, height: 8 } } } })
  assert.deepEqual(scene.factsOf(['latent', 'LATENT']), { width: 8, height: 8 })
  assert.equal(scene.factsOf(['latent', 'OTHER']), undefined)
})

test('a fix puts a node in, links it and bypasses another, as one undo entry', () => {
  const store = new Store(workflowJSON)
  const before = JSON.stringify(store.toJSON())
  applyPatch(store, catalog, [
    { op: 'add_node', node: 'smaller', type: 'ImageScaleBy', inputs: { scale_by: 0.5 }, before: 'save' },
    { op: 'add_link', from: ['decode', 'IMAGE'], to: ['smaller', 'image'] },
    { op: 'add_link', from: ['smaller', 'IMAGE'], to: ['save', 'images'] },
    { op: 'set_mode', node: 'scale', mode: 'bypassed' },
  ])
  assert.equal(store.node('smaller').inputs.scale_by, 0.5)
  assert.equal(store.node('scale').mode, 'bypassed')
  assert.deepEqual(linksOf(store).filter((link) => link.includes('smaller') || link.endsWith('save.images')),
    ['decode.IMAGE > smaller.image', 'smaller.IMAGE > save.images'])
  const [x, y] = store.node('smaller').position
  const overlapping = store.nodes().filter(({ id, position }) => id !== 'smaller' && Math.abs(position[0] - x) < 260 && Math.abs(position[1] - y) < 200)
  assert.deepEqual(overlapping, [])
  assert.equal(store.undoLabel, 'Fix')
  store.undo()
  assert.equal(JSON.stringify(store.toJSON()), before)
})

test('a fix takes away a value that no input has, and leaves one of two wires', () => {
  const store = new Store({ ...workflowJSON, nodes: workflowJSON.nodes.map((node) => (node.id === 'decode' ? { ...node, inputs: { odd: 1, even: 2 } } : node)),
    links: [...workflowJSON.links, { from: ['spare', 'VAE'], to: ['decode', 'vae'] }] })
  const kept = linksOf(store).find((link) => link.endsWith('decode.vae')).split(' > ')[0].split('.')
  applyPatch(store, catalog, [{ op: 'remove_value', node: 'decode', input: 'odd' }, { op: 'add_link', from: kept, to: ['decode', 'vae'] }])
  assert.deepEqual(store.node('decode').inputs, { even: 2 })
  assert.deepEqual(linksOf(store).filter((link) => link.endsWith('decode.vae')), [`${kept.join('.')} > decode.vae`])
})
