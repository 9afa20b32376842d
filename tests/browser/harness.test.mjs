// The harness itself: a server that does not start ends its file at once, and leaves nothing running.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { CHECKOUT } from './harness.mjs'

const FILE = `
import { test } from 'node:test'
import { Server, setUp } from '${join(CHECKOUT, 'tests/browser/harness.mjs')}'
setUp(() => Server.start({ tiny: false }))
test('never comes to its turn', { timeout: 180_000 }, () => new Promise(() => {}))
`

test('a server that does not start ends the file with its words', { timeout: 30_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-harness-'))
  const python = join(folder, 'python')
  await writeFile(python, '#!/bin/sh\necho "no torch here" >&2\nexit 3\n', { mode: 0o755 })
  await writeFile(join(folder, 'failing.test.mjs'), FILE)
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env
  const child = spawn(process.execPath, ['--test', join(folder, 'failing.test.mjs')], { env: { ...environment, PYTHON: python } })
  let said = ''
  child.stdout.on('data', (chunk) => (said += chunk))
  child.stderr.on('data', (chunk) => (said += chunk))
  const code = await new Promise((resolve) => child.on('exit', resolve))
  await rm(folder, { recursive: true })
  assert.equal(code, 1)
  assert.match(said, /The server ended with 3:\s*(# )?no torch here/)
})
