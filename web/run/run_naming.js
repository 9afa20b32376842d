// What runs that read alike are called beside their titles; their documents are read when somebody looks at the list.

import { PastDocuments } from './past_documents.js'
import { runNames } from './run_names.js'

/** @typedef {import('../document/workflow_format.js').WorkflowDocument} WorkflowDocument */
/** @typedef {import('./runs.js').Run} Run */

/** Of longer lists the first are named: each document is a request. */
const MOST_NAMED = 250

export class RunNaming {
  /** By the steps of a run, which are others when it was edited; null while they are asked for. @type {WeakMap<Run['steps'], WorkflowDocument | null>} */
  #documents = new WeakMap()
  /** @type {{of: string, names: ReadonlyMap<string, string>}} */
  #last = { of: '', names: new Map() }
  #changed
  #words
  #past

  /** @param {() => void} changed hears that there are more names @param {import('./run_names.js').Words} words @param {PastDocuments} [past] */
  constructor(changed, words, past = new PastDocuments()) {
    this.#changed = changed
    this.#words = words
    this.#past = past
  }

  /** As far as they are known now. @param {readonly Run[]} runs in the order in which they are listed @returns {ReadonlyMap<string, string>} */
  of(runs) {
    const titles = runs.map(({ title }) => title)
    const alike = runs.filter(({ title }) => titles.indexOf(title) !== titles.lastIndexOf(title)).slice(0, MOST_NAMED)
    const unread = alike.filter(({ steps }) => !this.#documents.has(steps))
    if (unread.length) void this.#read(unread)
    const of = JSON.stringify(alike.map(({ id, title, steps }) => [id, title, Boolean(this.#documents.get(steps))]))
    if (of !== this.#last.of || unread.length) {
      const documents = new Map(alike.map(({ id, steps }) => [id, this.#documents.get(steps) ?? undefined]))
      this.#last = { of, names: runNames(alike, (id) => documents.get(id), this.#words) }
    }
    return this.#last.names
  }

  /** @param {readonly Run[]} runs */
  async #read(runs) {
    const steps = new Map(runs.map((run) => [run.id, run.steps]))
    for (const [id, key] of steps) {
      this.#documents.set(key, null)
      this.#past.forget(id)
    }
    await this.#past.readAll([...steps.keys()], (id, document) => {
      const key = steps.get(id)
      if (key) this.#documents.set(key, document)
      this.#past.forget(id)
    }, new AbortController().signal)
    this.#changed()
  }
}
