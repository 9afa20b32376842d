import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keptNames, readKeys, readSettings, reconciled, wishNames } from '../../../web/app/carried.js'

const DEFAULTS = {
  recent: [], resultsOpen: true, minimapOpen: false, formOpen: false, greeted: false, notify: false, sound: false, look: 'system', contrast: 'system', motion: 'system',
  scale: 100, language: 'system', keys: {}, keysByPlace: true, linkStyle: 'curved', mask: { tool: 'brush', size: 60 },
}

test('what is about this screen stays in the browser, the rest is kept on the server', () => {
  assert.deepEqual(keptNames(DEFAULTS), ['recent', 'look', 'keys', 'keysByPlace', 'linkStyle', 'mask'])
  assert.deepEqual(wishNames(DEFAULTS), ['notify', 'sound', 'look', 'contrast', 'motion', 'scale', 'language', 'keys', 'keysByPlace', 'linkStyle'])
})

test('what is no such setting is left out, also within one', () => {
  const found = { look: 'purple', linkStyle: 'straight', keys: { run: ['Mod+R'], mute: 'M', copy: [4] }, keysByPlace: 'yes', mask: { tool: 'eraser', size: 'large', other: 1 }, recent: ['KSampler'], unknown: 1, scale: 100 }
  assert.deepEqual(readSettings(found, DEFAULTS, keptNames(DEFAULTS)), { recent: ['KSampler'], keys: { run: ['Mod+R'] }, linkStyle: 'straight', mask: { tool: 'eraser', size: 60 } })
  for (const none of [null, [], 'dark', 4]) assert.deepEqual(readSettings(none, DEFAULTS, keptNames(DEFAULTS)), {})
  assert.deepEqual([readKeys([]), readKeys('x'), readKeys({ a: [] })], [null, null, { a: [] }])
})

test('another browser takes what is kept; the first one sends what was changed in it', () => {
  const own = { ...DEFAULTS, linkStyle: 'straight', scale: 150 }
  assert.deepEqual(reconciled({ settings: own, defaults: DEFAULTS, kept: {}, unsent: new Set() }), { take: {}, send: ['linkStyle'] })
  const kept = { linkStyle: 'straight', keys: { run: ['Mod+R'] }, scale: 200 }
  assert.deepEqual(reconciled({ settings: DEFAULTS, defaults: DEFAULTS, kept, unsent: new Set() }), { take: { keys: { run: ['Mod+R'] }, linkStyle: 'straight' }, send: [] })
  assert.deepEqual(reconciled({ settings: { ...DEFAULTS, ...kept }, defaults: DEFAULTS, kept, unsent: new Set() }), { take: {}, send: [] })
})

test('what was changed offline wins and is sent, a default too', () => {
  const kept = { linkStyle: 'straight', look: 'dark' }
  assert.deepEqual(reconciled({ settings: DEFAULTS, defaults: DEFAULTS, kept, unsent: new Set(['linkStyle']) }), { take: { look: 'dark' }, send: ['linkStyle'] })
})
