import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasRightToLeft, isRightToLeft } from '../../web/kernels/direction.js'

test('the first letter says which way a text runs; signs and numbers do not', () => {
  const texts = { 'قطة حمراء': true, '(חתול) and a dog': true, '12 – שלום': true, 'a cat قطة': false, '红苹果': false, '…': false, '': false, '7 %': false }
  assert.deepEqual(Object.fromEntries(Object.keys(texts).map((text) => [text, isRightToLeft(text)])), texts)
  assert.deepEqual(['a cat قطة', 'a cat'].map(hasRightToLeft), [true, false])
})
