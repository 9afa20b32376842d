// The canvas alone in a real browser, on the fixture workflow: for screenshots and gesture tests.

import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MIME = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html' }
const PAGE = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><link rel="stylesheet" href="/web/widgets/widgets.css">
<style>html,body{margin:0;height:100%;background:#000}#host{position:absolute;inset:0}</style><div id="host"></div>
<script type="module" src="/tests/web/fixtures/page.js"></script>`
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync']

export const CHROMIUM = '/usr/bin/chromium'

const serveFiles = async () => {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname))
    if (path === '/') return response.setHeader('content-type', 'text/html').end(PAGE)
    const file = join(ROOT, path)
    if (!/^\/(web|tests\/web)\//.test(path) || !statSync(file, { throwIfNoEntry: false })?.isFile()) return response.writeHead(404).end()
    response.setHeader('content-type', MIME[extname(file)] ?? 'application/octet-stream')
    createReadStream(file).pipe(response)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

/** Starts a browser with a fresh profile; `open` gives a page with the canvas ready, `window.dev` its handle. */
export const launchCanvas = async ({ flags = [] } = {}) => {
  const server = await serveFiles()
  const profile = mkdtempSync(join(tmpdir(), 'canvas-'))
  const browser = await chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, headless: true, viewport: null, args: [...FLAGS, ...flags] })
  return {
    open: async ({ scale = 1, width = 1440, height = 780, report = (message) => { throw new Error(message) } } = {}) => {
      const page = await browser.newPage()
      page.on('pageerror', (error) => report(error.message))
      page.on('console', (message) => message.type() === 'error' && report(message.text()))
      const session = await browser.newCDPSession(page)
      await session.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: scale, mobile: false })
      await page.goto(`http://127.0.0.1:${server.address().port}/`)
      await page.waitForFunction(() => window.dev?.ready)
      return { page, session }
    },
    close: async () => {
      await browser.close()
      server.close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}
