// Which links touch which node: right after every edit, and an old array as long as nothing of it changes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LinkTable } from '../../web/document/link_table.js'

const link = (id, from, to) => ({ id, from: [from, 'OUT'], to: [to, 'in'] })
const ids = (links) => links.map(({ id }) => id)

test('the links at a node are in the order of the table, and follow every change', () => {
  const table = new LinkTable([link('1', 'a', 'b'), link('2', 'a', 'c'), link('3', 'b', 'c')])
  assert.deepEqual([ids(table.at('from', 'a')), ids(table.at('to', 'c')), ids(table.at('to', 'a'))], [['1', '2'], ['2', '3'], []])
  const order = table.order('1')
  table.remove('1')
  assert.deepEqual([ids(table.at('from', 'a')), ids(table.at('to', 'b'))], [['2'], []])
  table.put(link('1', 'a', 'b'), order)
  assert.deepEqual(ids(table.at('from', 'a')), ['1', '2'], 'a link that comes back takes its old place')
  table.put(link('2', 'b', 'd'))
  assert.deepEqual([ids(table.at('from', 'a')), ids(table.at('from', 'b')), ids(table.at('to', 'c')), ids(table.at('to', 'd'))], [['1'], ['2', '3'], ['3'], ['2']])
})

test('an array stays the same until a link at its node changes', () => {
  const table = new LinkTable([link('1', 'a', 'b'), link('2', 'c', 'd')])
  const [before, other] = [table.at('from', 'a'), table.at('to', 'd')]
  table.put(link('3', 'c', 'b'))
  assert.equal(table.at('from', 'a'), before)
  assert.equal(table.at('to', 'd'), other)
  table.put(link('4', 'a', 'd'))
  table.remove('4')
  assert.equal(table.at('from', 'a'), before, 'what came and went again changed nothing')
  table.put({ ...link('1', 'a', 'b') })
  assert.notEqual(table.at('from', 'a'), before)
})

test('what reading and removing look at grows with the links, not with their square', () => {
  let looked = 0
  class Counting extends LinkTable {
    get(id) {
      looked += 1
      return super.get(id)
    }
  }
  const many = Array.from({ length: 2000 }, (_, at) => link(`${at}`, 'hub', `n${at}`))
  const table = new Counting(many)
  for (const { id, to } of many) {
    assert.equal(table.at('to', to[0]).length, 1)
    table.remove(id)
  }
  assert.deepEqual([table.at('from', 'hub'), table.list()], [[], []])
  assert.ok(looked < 5 * many.length, `${looked} looks`)
})
