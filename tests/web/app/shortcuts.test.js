import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describe, matches } from '../../../web/app/shortcuts.js'

const press = (key, code, modifiers = {}) =>
  ({ key, code, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...modifiers })

test('modifiers must be exactly those of the shortcut', () => {
  const undo = press('z', 'KeyZ', { ctrlKey: true })
  assert.equal(matches(undo, 'Mod+Z', false), true)
  assert.equal(matches(undo, 'Mod+Shift+Z', false), false)
  assert.equal(matches(undo, 'Z', false), false)
  assert.equal(matches(press('Z', 'KeyZ', { ctrlKey: true, shiftKey: true }), 'Mod+Shift+Z', false), true)
})

test('on a Mac Mod is Cmd', () => {
  const save = press('s', 'KeyS', { metaKey: true })
  assert.equal(matches(save, 'Mod+S', true), true)
  assert.equal(matches(save, 'Mod+S', false), false)
})

test('letters go by the physical key, signs by what they write', () => {
  assert.equal(matches(press('я', 'KeyZ', { ctrlKey: true }), 'Mod+Z', false), true)
  assert.equal(matches(press('?', 'Minus', { shiftKey: true }), '?', false), true)
  assert.equal(matches(press('+', 'BracketRight'), '+', false), true)
  assert.equal(matches(press(' ', 'Space'), 'Space', false), true)
})

test('shortcuts are named as on the keyboard', () => {
  assert.equal(describe('Mod+Shift+Z', false), 'Ctrl+Shift+Z')
  assert.equal(describe('Mod+Enter', true), '⌘⏎')
  assert.equal(describe('+', false), '+')
})
