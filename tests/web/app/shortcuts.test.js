import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describe, matches, shortcutOf } from '../../../web/app/shortcuts.js'

const press = (key, code, modifiers = {}) =>
  ({ key, code, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...modifiers })
const PC = { mac: false }

test('modifiers must be exactly those of the shortcut', () => {
  const undo = press('z', 'KeyZ', { ctrlKey: true })
  assert.equal(matches(undo, 'Mod+Z', PC), true)
  assert.equal(matches(undo, 'Mod+Shift+Z', PC), false)
  assert.equal(matches(undo, 'Z', PC), false)
  assert.equal(matches(press('Z', 'KeyZ', { ctrlKey: true, shiftKey: true }), 'Mod+Shift+Z', PC), true)
})

test('on a Mac Mod is Cmd', () => {
  const save = press('s', 'KeyS', { metaKey: true })
  assert.equal(matches(save, 'Mod+S', { mac: true }), true)
  assert.equal(matches(save, 'Mod+S', PC), false)
})

test('letters go by the physical key, signs by what they write', () => {
  assert.equal(matches(press('я', 'KeyZ', { ctrlKey: true }), 'Mod+Z', PC), true)
  assert.equal(matches(press('?', 'Minus', { shiftKey: true }), '?', PC), true)
  assert.equal(matches(press('+', 'BracketRight'), '+', PC), true)
  assert.equal(matches(press(' ', 'Space'), 'Space', PC), true)
})

test('letters go by what is printed on the key where one wants it, and by place where that is no Latin letter', () => {
  const german = press('z', 'KeyY', { ctrlKey: true })
  assert.deepEqual([true, false].map((byPlace) => matches(german, 'Mod+Z', { mac: false, byPlace })), [false, true])
  assert.deepEqual([true, false].map((byPlace) => matches(press('н', 'KeyY', { ctrlKey: true }), 'Mod+Y', { mac: false, byPlace })), [true, true])
})

test('what is pressed is written as a shortcut that matches it', () => {
  const pressed = [
    [press('K', 'KeyK', { ctrlKey: true, shiftKey: true }), 'Mod+Shift+K'], [press('я', 'KeyZ', { altKey: true }), 'Alt+Z'], [press('?', 'Slash', { shiftKey: true }), '?'],
    [press('!', 'Digit1', { shiftKey: true }), '!'], [press('1', 'Digit1'), '1'], [press('1', 'Numpad1'), '1'], [press('ArrowUp', 'ArrowUp', { shiftKey: true }), 'Shift+ArrowUp'],
    [press(' ', 'Space', { ctrlKey: true }), 'Mod+Space'], [press('+', 'NumpadAdd', { ctrlKey: true }), 'Mod++'], [press('F7', 'F7'), 'F7'],
  ]
  assert.deepEqual(pressed.map(([event]) => shortcutOf(event, PC)), pressed.map(([, said]) => said))
  assert.deepEqual(pressed.filter(([event, said]) => !matches(event, said, PC)), [])
})

test('a modifier alone, or a key that an input method swallows, is no shortcut', () => {
  const keys = [press('Shift', 'ShiftLeft', { shiftKey: true }), press('Control', 'ControlLeft', { ctrlKey: true }), press('Process', 'KeyA'), press('Dead', 'Quote')]
  assert.deepEqual(keys.map((event) => shortcutOf(event, PC)), [null, null, null, null])
})

test('shortcuts are named as on the keyboard', () => {
  assert.equal(describe('Mod+Shift+Z', false), 'Ctrl+Shift+Z')
  assert.equal(describe('Mod+Enter', true), '⌘⏎')
  assert.equal(describe('+', false), '+')
})
