// Prompts as the shell helps with them: by which rules a text is read, what words there are, how many tokens it takes.

import { inputType, valueOf } from '../document/catalog.js'
import { countTokens, fetchVocabulary } from '../run/api.js'
import { isLongText } from '../kernels/layout.js'
import { byId } from '../panels/element.js'
import { openLargeText } from '../widgets/large_text.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../kernels/prompt_completion.js').Vocabulary} Vocabulary */
/** @typedef {import('../kernels/prompt_faults.js').PromptRules} PromptRules */

/** Runs add words. */
const FRESH_MS = 60_000
/** Texts that are put together on the way to a prompt are followed so far. */
const FARTHEST = 40

/** @type {{catalog: unknown, time: number, words: Promise<Vocabulary>} | null} */
let known = null

/** @param {App} app @returns {Promise<Vocabulary>} */
const vocabulary = ({ catalog }) => {
  if (known?.catalog !== catalog || performance.now() - known.time > FRESH_MS) {
    const words = fetchVocabulary()
    known = { catalog, time: performance.now(), words }
    words.catch(() => (known = null)) // The next prompt asks again.
  }
  return known.words
}

/** The rules of the input, else of the first prompt that its text flows into. @param {App} app @param {string} node @param {string} input @returns {PromptRules | null} */
export const promptRules = ({ store, catalog }, node, input) => {
  const own = inputType(catalog, store.node(node)?.type ?? '', input)?.widget
  if (own?.kind !== 'text' || !own.multiline) return null
  if (own.prompt) return own.prompt
  const waiting = [node]
  for (let at = 0; at < Math.min(waiting.length, FARTHEST); at += 1) {
    for (const { to: [next, into] } of store.linksFrom(waiting[at] ?? '')) {
      const { widget = null, type = '' } = inputType(catalog, store.node(next)?.type ?? '', into) ?? {}
      if (widget?.prompt) return widget.prompt
      if (type.includes('STRING') && !waiting.includes(next)) waiting.push(next)
    }
  }
  return null
}

/** @param {App} app @param {string} node @param {string} input @returns {import('../widgets/prompt_help.js').PromptServices | null} null: no prompt */
export const promptServices = (app, node, input) => {
  const rules = promptRules(app, node, input)
  if (!rules) return null
  const steps = app.store.node(node)?.inputs?.steps
  return {
    rules, vocabulary: () => vocabulary(app),
    count: (text, signal) => countTokens({ text, rules, ...(Number.isInteger(steps) ? { steps: Number(steps) } : {}) }, signal),
  }
}

/** A text over the canvas. @param {App} app @param {string} node @param {string} input */
export const editLarge = async (app, node, input) => {
  const { store, catalog } = app
  const record = store.node(node)
  const type = record && inputType(catalog, record.type, input)
  if (!record || !type?.widget || type.widget.kind !== 'text') return
  const name = record.title || catalog.nodes.get(record.type)?.title || record.type
  await openLargeText(store, {
    node, input, title: name, value: String(valueOf(record, type) ?? ''), placeholder: type.widget.placeholder, prompt: promptServices(app, node, input),
  })
  // A dialog tells late that it has closed: what was opened meanwhile keeps the keys.
  if (document.activeElement === document.body) byId('canvas').focus({ preventScroll: true })
}

/** The node's long text that a command means: the only one, else the first. @param {App} app */
export const selectedText = ({ store, catalog, selection }) => {
  const [id, ...others] = selection.nodes
  const node = id && !others.length ? store.node(id) : undefined
  const input = catalog.nodes.get(node?.type ?? '')?.inputs.find(({ widget, name }) => widget && isLongText(widget) && !store.linksTo(id ?? '', name).length)
  return node && input ? { node: node.id, input: input.name } : null
}

/** @param {App} app */
export const editSelectedLarge = (app) => {
  const found = selectedText(app)
  if (found) void editLarge(app, found.node, found.input)
}
