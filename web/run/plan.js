// The live plan: asks the server, a moment after each edit, what a run would do now.

import { ApiError, planWorkflow } from './api.js'

/** @typedef {import('../document/catalog.js').Problem} Problem */
/** @typedef {import('../document/workflow_format.js').WorkflowDocument} WorkflowDocument */
/** @typedef {import('./api.js').PlannedStep} PlannedStep */
/** @typedef {{key: string, old: boolean}} KnownResult old: the node would make another one now */

const QUIET_MS = 250

/** The document with what its model files are known by, so that they are found under other names. @param {WorkflowDocument} document @param {readonly object[]} models @returns {WorkflowDocument} */
export const withModels = (document, models) => (models.length ? Object.assign({}, document, { models }) : document)

export class LivePlan {
  /** @type {readonly PlannedStep[]} */
  steps = []
  /** @type {readonly Problem[]} */
  problems = []
  /** What is known of outputs before anything runs, by node and output. @type {import('../canvas/overlay_types.js').OutputFacts} */
  facts = {}
  /** What is known of the model files that the document names. @type {readonly object[]} */
  models = []
  /** The last result of each node that was made, by node. @type {Map<string, KnownResult>} */
  results = new Map()
  #read
  #changed
  #targets
  /** Which document the results are of. */
  #document = ''
  /** @type {AbortController | null} */
  #asking = null
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  /** @param {() => WorkflowDocument} read @param {() => void} changed @param {() => string[] | undefined} [targets] all sinks without */
  constructor(read, changed, targets = () => undefined) {
    this.#read = read
    this.#targets = targets
    this.#changed = changed
  }

  /** Plan again once the edits have paused. */
  schedule(delay = QUIET_MS) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#ask(), delay)
  }

  /** Another document is open: of that one nothing is known yet, and what was asked about the former says nothing. */
  renew() {
    this.#asking?.abort()
    this.#forget()
    this.results.clear()
    this.models = []
    this.schedule()
  }

  #forget() {
    this.steps = []
    this.facts = {}
    this.problems = []
  }

  /** The server refused a run: its Problems are newer than ours. @param {readonly Problem[]} problems */
  refuse(problems) {
    this.problems = problems
    this.#changed()
  }

  async #ask() {
    this.#asking?.abort()
    const asking = new AbortController()
    this.#asking = asking
    const document = this.#read()
    const isEmpty = !document.nodes.length // There is nothing to run, but nothing is wrong with it either.
    try {
      const answer = await planWorkflow(document, asking.signal, this.#targets())
      if (asking.signal.aborted) return
      this.steps = answer.steps ?? []
      this.#remember(String(Reflect.get(document, 'id') ?? ''))
      this.problems = isEmpty ? [] : answer.problems ?? []
      this.models = answer.models ?? []
      this.facts = /** @type {{facts?: import('../canvas/overlay_types.js').OutputFacts}} */ (answer).facts ?? {}
    } catch (error) {
      if (asking.signal.aborted) return
      if (!(error instanceof ApiError)) return // No connection: what was known stays on screen.
      this.#forget()
      if (!isEmpty) this.problems = error.problems
    }
    this.#changed()
  }

  /** Where the results lie that the plan names; what an edit has made old can be looked at until there is a newer one. @param {string} document */
  #remember(document) {
    if (document !== this.#document) this.results.clear()
    this.#document = document
    for (const result of this.results.values()) result.old = true
    for (const { id, node, key } of this.steps) if (key) this.results.set(node ?? id, { key, old: false })
  }
}
