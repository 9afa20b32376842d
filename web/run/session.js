// All that is known about runs while the page is open; everything on screen about them is drawn from here.

import { noteCost } from './costs.js'
import { applyEvent, byTurn, isActive } from './runs.js'

/** @typedef {import('./connection.js').ConnectionState} ConnectionState */
/** @typedef {import('./connection.js').PreviewHeader} PreviewHeader */
/** @typedef {import('./connection.js').RunEvent} RunEvent */
/** @typedef {import('./runs.js').Run} Run */
/** @typedef {(event: RunEvent | null, run: Run | null) => void} SessionListener null: everything may have changed */

/** Of so many ended runs all steps are known; of older ones only what they gave, as after a reload. */
const WHOLE_RUNS = 20
/** Frames of one step that are kept. */
const LONGEST_FILM = 96

export class Session {
  /** @type {Map<string, Run>} */
  runs = new Map()
  /** @type {ConnectionState} */
  connection = 'connecting'
  /** What a node took last time. @type {Map<string, number>} */
  seconds = new Map()
  /** What nodes took and held when they last ran. @type {Map<string, import('./costs.js').Cost>} */
  costs = new Map()
  /** What samplers of the newest run that showed anything have shown, as it came: small files. @type {{run: string, steps: Map<string, Blob[]>}} */
  #film = { run: '', steps: new Map() }
  /** Files that were deleted, by folder and name. @type {Set<string>} */
  #hidden = new Set()
  /** Nothing that waits is started. */
  paused = false
  /** @type {Set<SessionListener>} */
  #listeners = new Set()
  /** The newest frame of a step while an older one decodes. @type {Map<string, Blob | null>} */
  #frames = new Map()

  /** @param {SessionListener} listener */
  subscribe(listener) {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Runs that work or wait, in the order of their turns. @returns {Run[]} */
  get active() {
    return [...this.runs.values()].filter(isActive).sort(byTurn)
  }

  /** @returns {Run | undefined} */
  get running() {
    return this.active.find(({ status }) => status === 'running')
  }

  /** @param {RunEvent} event */
  receive(event) {
    const run = applyEvent(this.runs, event, performance.now())
    if (run && event.artifacts?.length && this.#hidden.size) this.#hide(run)
    if (event.type === 'QueueChanged') this.paused = event.paused === true
    if (event.type === 'StepFinished') {
      this.seconds.set(event.step, event.seconds)
      if (event.node) this.seconds.set(event.node, event.seconds)
      noteCost(this.costs, event)
    }
    if (event.type === 'RunFinished') this.#thinOut()
    this.#tell(event, run)
  }

  /** Runs of a whole day, of 1,000 steps each, would fill the memory. */
  #thinOut() {
    const old = [...this.runs.values()].filter((run) => !isActive(run)).at(-1 - WHOLE_RUNS)
    for (const [id, { artifacts }] of old?.steps ?? []) if (!artifacts.length) old?.steps.delete(id)
  }

  /** @param {PreviewHeader} header @param {Blob} image */
  async receivePreview(header, image) {
    this.#record(header, image)
    const key = `${header.run}/${header.step}`
    const decoding = this.#frames.has(key)
    this.#frames.set(key, image)
    if (decoding) return
    for (let frame = this.#takeFrame(key); frame; frame = this.#takeFrame(key)) {
      const preview = await createImageBitmap(frame).catch(() => undefined)
      if (preview) this.#show(header, preview)
    }
    this.#frames.delete(key)
  }

  /** How the last picture of a step came, frame by frame. @param {string} step @returns {readonly Blob[]} */
  framesOf(step) {
    return this.#film.steps.get(step) ?? []
  }

  /** Of a long film every second frame goes, as often as needed. @param {PreviewHeader} header @param {Blob} image */
  #record({ run, step }, image) {
    if (this.#film.run !== run) this.#film = { run, steps: new Map() }
    const frames = [...this.#film.steps.get(step) ?? [], image]
    this.#film.steps.set(step, frames.length > LONGEST_FILM ? frames.filter((_, index) => index % 2 === 0 || index === frames.length - 1) : frames)
  }

  /** @param {string} key */
  #takeFrame(key) {
    const frame = this.#frames.get(key)
    this.#frames.set(key, null)
    return frame
  }

  /** @param {PreviewHeader} header @param {ImageBitmap} preview */
  #show(header, preview) {
    const run = this.runs.get(header.run)
    const step = run?.steps.get(header.step)
    if (!run || (step?.state !== 'running' && step?.state !== 'done')) return // What a step showed last comes after its end.
    if (!step.preview) this.#dropPreviews(run)
    run.steps.set(header.step, { ...step, preview })
    this.#tell({ ...header, seq: 0, time: 0 }, run)
  }

  /** Frames are large: only one run keeps its last ones. @param {Run} newest */
  #dropPreviews(newest) {
    for (const run of this.runs.values()) {
      if (run !== newest) for (const [id, step] of run.steps) if (step.preview) run.steps.set(id, { ...step, preview: undefined })
    }
  }

  /** @param {ConnectionState} state */
  setConnection(state) {
    this.connection = state
    this.#tell(null, null)
  }

  /** @param {boolean} paused */
  setPaused(paused) {
    this.paused = paused
    this.#tell(null, null)
  }

  /** Pictures whose files were deleted are not shown. @param {...{folder?: string, name?: string}} files */
  hide(...files) {
    for (const { folder = 'output', name = '' } of files) this.#hidden.add(`${folder}/${name}`)
    if (files.length) this.#hideAll()
  }

  /** A file is back in its place. @param {{folder?: string, name?: string}} file */
  unhide({ folder = 'output', name = '' }) {
    this.#hidden.delete(`${folder}/${name}`)
    this.#hideAll()
  }

  /** @param {{folder?: string, name?: string}} file */
  isHidden({ folder = 'output', name = '' }) {
    return this.#hidden.has(`${folder}/${name}`)
  }

  #hideAll() {
    for (const run of this.runs.values()) this.#hide(run)
    this.#tell(null, null)
  }

  /** @param {Run} run */
  #hide({ steps }) {
    for (const [id, step] of steps) {
      if (!step.artifacts.length) continue
      const artifacts = step.artifacts.map((artifact) => ({ ...artifact, hidden: this.#hidden.has(`${artifact.folder ?? 'output'}/${artifact.name}`) }))
      if (step.artifacts.some((artifact, index) => (artifact.hidden ?? false) !== artifacts[index]?.hidden)) steps.set(id, { ...step, artifacts })
    }
  }

  /** The server's log begins anew. */
  forget() {
    this.runs.clear()
    this.#tell(null, null)
  }

  /** @param {RunEvent | null} event @param {Run | null} run */
  #tell(event, run) {
    for (const listener of [...this.#listeners]) listener(event, run)
  }
}
