// A real server on a free port with folders of its own, a real browser before it, and where things are on the canvas.

import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'

export const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url))
export const TIMEOUT = 180_000 // ms; importing torch takes most of it where the machine is busy
const START_MS = 60_000
/** A file that takes longer hangs: it ends with its children instead of holding everything up. */
const FILE_MS = 300_000

/** Every process that this one has started: none outlives it. @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set()

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => process.exit(1))

/** Ends the whole file at once: no test of it could say anything any more. */
const giveUp = (why) => {
  console.error(why)
  process.exit(1)
}

/** What all tests of a file need; where it fails or hangs, the file ends there and then. */
export const setUp = (prepare) => {
  setTimeout(() => giveUp(`The file took longer than ${FILE_MS / 1000} s`), FILE_MS).unref()
  before(async () => {
    const late = setTimeout(() => giveUp(`Nothing was ready after ${TIMEOUT / 1000} s`), TIMEOUT)
    await prepare().catch((error) => giveUp(error?.stack ?? error))
    clearTimeout(late)
  })
}

const COMMON_BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']

const findBrowser = () => {
  const found = process.env.CHROMIUM || COMMON_BROWSERS.find(existsSync)
  if (!found || !existsSync(found)) {
    throw new Error('The browser tests need Chromium: install it, or name it in the environment variable CHROMIUM.')
  }
  return found
}

const findPython = () => {
  const own = join(CHECKOUT, '.venv/bin/python')
  return process.env.PYTHON || (existsSync(own) ? own : 'python3')
}

/** A name that changes with the code that makes the weights. */
const weightsName = async () => {
  const models = join(CHECKOUT, 'diffusion/models')
  const files = [join(CHECKOUT, 'tests/nodes/tiny.py'), ...(await readdir(models)).filter((name) => name.endsWith('.py')).map((name) => join(models, name))]
  const digest = createHash('sha256')
  for (const file of files.sort()) digest.update(await readFile(file))
  return `tiny-${digest.digest('hex').slice(0, 16)}.safetensors`
}

/** Tiny random weights under the embedded model's name: the tests need pictures, not good ones. Made once: torch is slow to start. */
const writeCheckpoint = async (root) => {
  const made = join(CHECKOUT, 'build', await weightsName())
  if (!existsSync(made)) {
    const code = 'import sys; from pathlib import Path; from tests.nodes.tiny import write_checkpoint; write_checkpoint(Path(sys.argv[1]))'
    await mkdir(join(CHECKOUT, 'build'), { recursive: true })
    const unfinished = `${made}.${process.pid}`
    await promisify(execFile)(findPython(), ['-c', code, unfinished], { cwd: CHECKOUT })
    await rename(unfinished, made)
  }
  const folder = join(root, 'models/checkpoints')
  await mkdir(folder, { recursive: true })
  await copyFile(made, join(folder, 'tessera-emoji-v1.safetensors'))
}

/** A node pack of the tests' own. */
const PACK = `
from graph import Artifact, node


@node(category="test", sink=True)
def fall_over(value: int = 1) -> list[Artifact]:
    """Fail while it runs."""
    raise RuntimeError("this node always falls over")
`

/** A port that was free a moment ago: a server that starts again must come back at the same address. */
const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })

/** The server as people start it; `stop` and `start` again keep folders and address. */
export class Server {
  #process = null
  #said = ''

  /** @param {{tiny?: boolean, input?: boolean, packs?: Record<string, string>}} [options] tiny: random weights instead of the embedded model; input: with the pictures of input/; packs: further node packs, by the names of their files */
  static async start({ tiny = true, input = false, packs = {} } = {}) {
    const server = new Server()
    server.root = await mkdtemp(join(tmpdir(), 'tessera-browser-'))
    await mkdir(join(server.root, 'custom_nodes'))
    for (const [name, text] of Object.entries({ 'falling.py': PACK, ...packs })) await writeFile(join(server.root, 'custom_nodes', name), text)
    if (tiny) await writeCheckpoint(server.root)
    if (input) await cp(join(CHECKOUT, 'input'), join(server.root, 'input'), { recursive: true })
    server.port = await freePort()
    server.url = `http://127.0.0.1:${server.port}`
    await server.start()
    return server
  }

  async start() {
    const child = spawn(findPython(), ['server.py', '--port', String(this.port), '--root', this.root], { cwd: CHECKOUT })
    this.#process = child
    children.add(child)
    child.on('exit', () => children.delete(child))
    await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`The server did not start:\n${this.#said}`)), START_MS)
      const hear = (chunk) => {
        this.#said += chunk
        if (!this.#said.includes(`:${this.port}`)) return
        clearTimeout(late)
        resolve()
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      const failed = (why) => {
        clearTimeout(late)
        reject(new Error(`${why}:\n${this.#said}`))
      }
      child.on('exit', (code) => failed(`The server ended with ${code}`))
      child.on('error', (error) => failed(`The server did not start: ${error.message}`))
    })
  }

  async stop(signal = 'SIGTERM') {
    const child = this.#process
    this.#process = null
    this.#said = ''
    if (!child || child.exitCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await gone
  }

  async close() {
    await this.stop()
    await rm(this.root, { recursive: true, force: true })
  }

  async get(path) {
    return (await fetch(this.url + path)).json()
  }

  /** Durable events after a cursor; `name` keeps those of one kind. */
  async events(since = 0, name) {
    const { events } = await this.get(`/api/v1/events?since=${since}`)
    return name ? events.filter(({ type }) => type === name) : events
  }

  async lastEvent() {
    return (await this.events()).at(-1)?.seq ?? 0
  }
}

export const openBrowser = () =>
  chromium.launch({
    executablePath: findBrowser(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })

/** A page of the editor, once it is connected; everything that the page throws is in `page.errors`. */
export const openEditor = async (browser, server, { path = '/' } = {}) => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 860 }, acceptDownloads: true, colorScheme: 'dark' })
  const page = await context.newPage()
  page.errors = []
  page.on('pageerror', (error) => page.errors.push(error.stack ?? String(error)))
  await page.goto(server.url + path)
  await ready(page)
  return page
}

export const ready = (page) => page.waitForSelector('.connection-open', { timeout: 30_000 })

/** Waits until a function in the page says something true, and gives that back; `tessera` is the app there. */
export const eventually = async (page, check, argument, timeout = 30_000) => {
  const end = performance.now() + timeout
  for (;;) {
    const found = await page.evaluate(check, argument)
    if (found) return found
    if (performance.now() > end) throw new Error(`Waited ${timeout} ms for ${check}`)
    await page.waitForTimeout(50)
  }
}

/** Where a socket is in the window. */
export const socketPoint = (page, node, kind, name) =>
  page.evaluate(async ([id, side, socket]) => {
    const { layoutNode } = await import('/kernels/layout.js')
    const { store, catalog, editor } = tessera
    const record = store.node(id)
    const layout = layoutNode(record, {
      type: catalog.nodes.get(record.type), picture: null,
      linkedInputs: store.linksTo(id).map((link) => link.to[1]), linkedOutputs: store.linksFrom(id).map((link) => link.from[1]),
    })
    const found = (side === 'input' ? layout.inputs : layout.outputs).find((entry) => entry.name === socket)
    const [x, y] = record.position
    return editor.toClient(x + found.x, y + found.y)
  }, [node, kind, name])

/** The middle of a node's header in the window. */
export const headerPoint = (page, node) =>
  page.evaluate((id) => {
    const { x, y, width } = tessera.editor.bounds(id)
    return tessera.editor.toClient(x + width / 2, y + 14)
  }, node)

/** A point of the canvas without a node. */
export const emptyPoint = (page) =>
  page.evaluate(() => {
    const app = tessera
    const box = document.querySelector('#canvas').getBoundingClientRect()
    const isFree = (x, y) => app.store.nodes().every(({ id }) => {
      const bounds = app.editor.bounds(id)
      const [left, top] = app.editor.toClient(bounds.x - 20, bounds.y - 20)
      const [right, bottom] = app.editor.toClient(bounds.x + bounds.width + 20, bounds.y + bounds.height + 20)
      return x < left || x > right || y < top || y > bottom
    })
    for (let y = box.bottom - 40; y > box.top + 20; y -= 30) {
      for (let x = box.left + 40; x < box.right - 400; x += 40) if (isFree(x, y)) return [x, y]
    }
    throw new Error('The canvas is full')
  })

/** Drags with the pointer as a hand does: press, several moves, release. */
export const drag = async (page, from, to) => {
  await page.mouse.move(...from)
  await page.mouse.down()
  for (const part of [0.1, 0.4, 0.8, 1]) {
    await page.mouse.move(from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part)
  }
  await page.mouse.up()
}

/** Presses Run and waits for the end of that run, which it gives back. */
export const runToEnd = async (page, server, status = 'succeeded') => {
  const since = await server.lastEvent()
  await page.keyboard.press('Control+Enter')
  await eventually(page, (seq) => [...tessera.session.runs.values()].some((run) => run.seq > seq && run.seconds !== undefined), since, 150_000)
  const events = await server.events(since)
  const finished = events.findLast(({ type }) => type === 'RunFinished')
  if (finished.status !== status) throw new Error(`The run ${finished.status}: ${JSON.stringify(finished.problems)}`)
  const steps = (type) => events.filter((event) => event.type === type && event.run === finished.run).map(({ step }) => step)
  return { run: finished.run, executed: steps('StepFinished'), cached: steps('StepCached'), events }
}
