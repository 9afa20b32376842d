// Running by itself a moment after each change, where one switched it on: what the last change began gives way.

import { isActive } from '../run/runs.js'
import { ownRuns } from './app.js'
import { cancelById, run } from './running.js'

/** @typedef {import('./app.js').App} App */

const QUIET_MS = 700

export class AutoRun {
  isOn = false
  #app
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  /** @param {App} app */
  constructor(app) {
    this.#app = app
  }

  switch() {
    this.isOn = !this.isOn
    if (this.isOn) this.schedule()
    else clearTimeout(this.#timer)
  }

  /** The document has changed. */
  schedule() {
    clearTimeout(this.#timer)
    if (this.isOn) this.#timer = setTimeout(() => void this.#run(), QUIET_MS)
  }

  /** What cannot run waits for the change that mends it; what is known already needs no run. */
  async #run() {
    const { plan } = this.#app
    if (plan.problems.some(({ severity }) => severity !== 'warning') || !plan.steps.some(({ state }) => state === 'will_run')) return
    for (const { id } of ownRuns(this.#app).filter(isActive)) await cancelById(id)
    await run(this.#app, { showProblems: () => {} })
  }
}
