// The documents that past runs ran, each asked for once: a run never changes its document.

import { fetchRun } from './api.js'

/** @typedef {import('../document/workflow_format.js').WorkflowDocument} WorkflowDocument */

/** So many requests at a time leave the server free for everything else. */
const AT_ONCE = 4

export class PastDocuments {
  /** @type {Map<string, Promise<WorkflowDocument>>} */
  #asked = new Map()

  /** @param {string} run @returns {Promise<WorkflowDocument>} */
  get(run) {
    const known = this.#asked.get(run)
    if (known) return known
    const asked = fetchRun(run).then(({ document }) => document)
    asked.catch(() => this.#asked.delete(run))
    this.#asked.set(run, asked)
    return asked
  }

  /** The run does something else now, or nobody needs its document any more. @param {string} run */
  forget(run) {
    this.#asked.delete(run)
  }

  /**
   * Reads many, one after the other; what does not come is left out.
   * @param {readonly string[]} runs @param {(run: string, document: WorkflowDocument) => void} came @param {AbortSignal} signal
   */
  async readAll(runs, came, signal) {
    const left = [...new Set(runs)]
    const reader = async () => {
      for (let run = left.shift(); run !== undefined && !signal.aborted; run = left.shift()) {
        const id = run
        await this.get(id).then((document) => came(id, document), () => {})
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, reader))
  }
}
