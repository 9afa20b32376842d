import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newest } from '../../../web/run/newest.js'

const questions = () => {
  const waiting = []
  const read = newest(() => new Promise((resolve, reject) => waiting.push({ resolve, reject })))
  return { waiting, read }
}

test('an answer that comes after that to a newer question is not taken for the newest', async () => {
  const { waiting, read } = questions()
  const taken = []
  const asked = [read(), read()].map((answer) => answer.then((value) => taken.push(value)))
  waiting[1].resolve('new')
  await asked[1]
  waiting[0].resolve('old')
  await Promise.all(asked)
  assert.deepEqual(taken, ['new', 'new'])
})

test('one that waits for an older answer waits for the newer one too, and each answer that is alone is its own', async () => {
  const { waiting, read } = questions()
  const [first, second] = [read(), read()]
  waiting[0].resolve('old')
  waiting[1].resolve('new')
  assert.deepEqual(await Promise.all([first, second]), ['new', 'new'])
  const third = read()
  waiting[2].reject(new Error('offline'))
  await assert.rejects(third, /offline/)
  const fourth = read()
  waiting[3].resolve('again')
  assert.equal(await fourth, 'again')
})
