import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageBlocks } from '../../web/kernels/markdown.js'

const PAGE = `### Twice
*Multiply by.* Multiply
a picture.

- a point
  that goes on

| input | type | default | |
|---|---|---|---|
| \`image\` | IMAGE |  |  |
| \`by\` | INT \\| FLOAT | \`2.0\` | how much; 0 to 4 |

Gives \`IMAGE\`.
`

test('a page of a node is a heading, paragraphs, points and a table', () => {
  assert.deepEqual(pageBlocks(PAGE), [
    { kind: 'heading', words: 'Twice' },
    { kind: 'text', words: 'Multiply by. Multiply a picture.' },
    { kind: 'point', words: 'a point that goes on' },
    { kind: 'table', rows: [['input', 'type', 'default', ''], ['image', 'IMAGE', '', ''], ['by', 'INT | FLOAT', '2.0', 'how much; 0 to 4']] },
    { kind: 'text', words: 'Gives IMAGE.' },
  ])
})

test('an empty page has no blocks, and a table at its end is whole', () => {
  assert.deepEqual([pageBlocks(''), pageBlocks('\n\n'), pageBlocks('| a |\n|---|\n| b |')],
    [[], [], [{ kind: 'table', rows: [['a'], ['b']] }]])
})
