// Running by itself a moment after each change, where one switched it on: the branch that the change touched, where that
// is cheap; what the last change began gives way.

import { endsBelow } from '../kernels/touched.js'
import { toast } from '../panels/toasts.js'
import { planWorkflow } from '../run/api.js'
import { estimateOf } from '../run/costs.js'
import { isActive } from '../run/runs.js'
import { ownRuns } from './app.js'
import { cancelById, run } from './running.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../document/diff.js').Change} Change */

const QUIET_MS = 700
/** Seconds: what took longer the last time is not begun at every change. */
const DEAR_S = 30

export class AutoRun {
  isOn = false
  #app
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  /** The root's nodes that changes have touched since the last run; null: it may be all. @type {Set<string> | null} */
  #touched = null
  #toldDear = false

  /** @param {App} app */
  constructor(app) {
    this.#app = app
  }

  switch() {
    this.isOn = !this.isOn
    this.#touched = null
    this.#toldDear = false
    if (this.isOn) this.schedule()
    else clearTimeout(this.#timer)
  }

  /** The document has changed. @param {readonly Change[]} [changes] none: as a whole */
  schedule(changes) {
    clearTimeout(this.#timer)
    if (!this.isOn) return
    this.#note(changes)
    this.#timer = setTimeout(() => void this.#run(), QUIET_MS)
  }

  /** @param {readonly Change[]} [changes] */
  #note(changes) {
    const isPlain = changes?.every(({ graph, table }) => !graph && (table === 'nodes' || table === 'links'))
    if (!changes || !isPlain) return void (this.#touched = null)
    if (!this.#touched) return
    for (const { table, id, before, after } of changes) {
      if (table === 'nodes') this.#touched.add(id)
      else for (const link of [before, after]) if (link && 'to' in link) this.#touched.add(String(Reflect.get(Object(link.to), 0)))
    }
  }

  /** The ends that the changes touched; null where that is not known. */
  #branch() {
    const { store, catalog } = this.#app
    if (!this.#touched || store.current) return null
    const ends = new Set(store.nodes().filter(({ type, mode = 'active' }) => mode === 'active' && catalog.nodes.get(type)?.sink).map(({ id }) => id))
    return endsBelow(this.#touched, ends, (id) => store.linksFrom(id))
  }

  /** What cannot run waits for the change that mends it; what is known already needs no run. */
  async #run() {
    const { store, session } = this.#app
    const targets = this.#branch()
    if (targets?.length === 0) return
    const revision = store.contentRevision
    // Asked for anew: the plan on screen may be that of a moment ago.
    const { steps, problems } = await planWorkflow(store.toJSON(), undefined, targets ?? undefined).catch(() => ({ steps: [], problems: [] }))
    if (!this.isOn || store.contentRevision !== revision) return // Another change came: its own turn follows.
    const due = estimateOf(steps, session.seconds)
    if (!due || problems.some(({ severity }) => severity !== 'warning')) return
    if (due.seconds > DEAR_S) return this.#tellDear()
    for (const { id } of ownRuns(this.#app).filter(isActive)) await cancelById(id)
    if (!this.isOn || store.contentRevision !== revision) return
    this.#touched = new Set()
    await run(this.#app, { showProblems: () => {}, ...(targets ? { targets } : {}) })
  }

  #tellDear() {
    if (!this.#toldDear) toast(`This takes over ${DEAR_S} seconds: it waits for Run`)
    this.#toldDear = true
  }
}
