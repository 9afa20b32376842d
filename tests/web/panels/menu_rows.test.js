import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actionsOf, findRows, grouped, tidy } from '../../../web/panels/menu_rows.js'

const row = (label, more = {}) => ({ label, run: () => {}, ...more })
const labels = (rows) => rows.map((each) => (each === 'line' ? '-' : each.rows ? { [each.label]: labels(each.rows) } : each.label))

test('lines stand between groups only, and menus without rows are left out', () => {
  assert.deepEqual(labels(tidy(['line', row('a'), 'line', 'line', row('b'), { label: 'More', rows: ['line'] }, 'line'])), ['a', '-', 'b'])
  assert.deepEqual(labels(grouped([[], [row('a')], [], [{ label: 'More', rows: ['line', row('b'), 'line'] }, 'line']])), ['a', '-', { More: ['b'] }])
  assert.deepEqual(tidy([]), [])
})

test('letters find what can be chosen, in the menus within too, and say where it is', () => {
  const rows = [row('Mute', { enabled: false }), row('Bypass'), 'line', { label: 'Wires', rows: [row('Swap two inputs'), row('Pull out of its wires')] }]
  assert.deepEqual(actionsOf(rows).map(({ label, place }) => [label, place]), [['Bypass', ''], ['Swap two inputs', 'Wires'], ['Pull out of its wires', 'Wires']])
  assert.deepEqual(labels(findRows(rows, 'pull', String)), ['Pull out of its wires'])
  assert.deepEqual(labels(findRows(rows, '绕', (label) => (label === 'Bypass' ? '绕过 · Bypass' : label))), ['Bypass'])
  assert.deepEqual(labels(findRows(rows, 'p', String)), ['Pull out of its wires', 'Bypass', 'Swap two inputs'])
  assert.deepEqual(labels(findRows(rows, 'two sw', String)), ['Swap two inputs'])
  assert.deepEqual(findRows(rows, 'mute', String), [])
})
