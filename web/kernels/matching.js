// Which output may feed which input, and which socket of a node is the best one for a wire.

import { inputsOfNew, shownInputs } from '../document/dynamic_inputs.js'
import { reachable } from './graph_walk.js'
import { oddness, usualAt } from './usual.js'

/** @typedef {import('../document/catalog.js').Catalog} Catalog */
/** @typedef {import('../document/catalog.js').InputType} InputType */
/** @typedef {import('../document/catalog.js').NodeType} NodeType */

/**
 * The wire being dragged: from an output forwards, or from an input backwards.
 * @typedef {object} Pending
 * @property {'output' | 'input'} kind the kind of socket it hangs on
 * @property {string} node
 * @property {string} socket
 * @property {string} type
 * @property {boolean} [list]
 * @property {string} [hint] words that say what flows, such as the node's title
 */

/** @typedef {{id: string, type: string, title?: string}} GraphNode */
/** What flows along a wire, as a socket says it. @typedef {{type: string, list?: boolean}} Flow */

const EXACT = 100
const MEMBER = 90
const CONVERTED = 50
const ANY = 20
const MAPPED = 8

/** @param {string[]} types */
const hasAny = (types) => types.includes('ANY') || types.includes('*')

/** @param {string} type */
const members = (type) => type.split(/\s*[|,]\s*/)

/**
 * How well an output feeds an input; 0: not at all. The rule is the engine's (graph/sockets.py): files are never linked,
 * a list into an input that takes one item has its node called for each, a union feeds only where each member would.
 * @param {Catalog} catalog @param {Flow} output @param {Flow} input
 */
export const flowScore = (catalog, output, input) => {
  const from = members(output.type)
  const to = members(input.type)
  if (to.includes('FILE')) return 0
  const mapped = output.list && !input.list ? MAPPED : 0
  if (output.type === input.type) return EXACT - mapped
  if (hasAny(from) || hasAny(to)) return ANY - mapped
  if (from.every((type) => to.includes(type))) return MEMBER - mapped
  if (from.length > 1) return 0
  return to.some((type) => catalog.conversions.has(`${from[0]}>${type}`)) ? CONVERTED - mapped : 0
}

/** @param {Catalog} catalog @param {Flow} output @param {Flow} input */
export const feeds = (catalog, output, input) => flowScore(catalog, output, input) > 0

/**
 * The socket of a node type that the wire fits best, or null.
 * @param {Catalog} catalog
 * @param {NodeType} type
 * @param {Pending} pending
 * @param {(input: string) => boolean} [isLinked] whether an input is taken already
 * @param {{inputs?: Record<string, unknown>}} [node] what chooses some of its inputs; a new one without
 * @returns {{name: string, score: number} | null}
 */
export const bestSocket = (catalog, type, pending, isLinked = () => false, node = {}) => {
  const scored = pending.kind === 'output'
    ? shownInputs(type, node, isLinked).map((input) => ({ name: input.name, score: inputScore(catalog, input, pending, isLinked(input.name)) }))
    : type.outputs.map((output) => ({ name: output.name, score: flowScore(catalog, output, pending) }))
  return scored.reduce((best, socket) => (socket.score > (best?.score ?? 0) ? socket : best),
    /** @type {{name: string, score: number} | null} */ (null))
}

/** @param {Catalog} catalog @param {InputType} input @param {Pending} pending @param {boolean} linked */
const inputScore = (catalog, input, pending, linked) => {
  const fit = flowScore(catalog, pending, input)
  if (fit === 0) return 0
  const named = wordsOf(`${pending.socket} ${pending.hint ?? ''} ${pending.node}`).includes(input.name.toLowerCase())
  return fit + (named ? 9 : 0) + (linked && !input.list ? 0 : 4) + (input.widget ? 0 : 6) + (input.required === false ? 0 : 2)
}

/**
 * The sockets by which one node best feeds another, free inputs first; null where nothing fits or a circle would close.
 * @param {Catalog} catalog @param {import('./passing.js').Graph} graph @param {GraphNode} source @param {GraphNode} target
 * @returns {{from: [string, string], to: [string, string]} | null}
 */
export const bestPair = (catalog, graph, source, target) => {
  const [from, to] = [catalog.nodes.get(source.type), catalog.nodes.get(target.type)]
  if (!from || !to || reachable(source.id, 'up', (id) => graph.linksTo(id)).has(target.id)) return null
  /** @type {{ends: {from: [string, string], to: [string, string]}, score: number} | null} */
  let best = null
  for (const output of from.outputs) {
    const used = graph.linksFrom(source.id, output.name).length > 0
    const pending = /** @type {Pending} */ ({ kind: 'output', node: source.id, socket: output.name, type: output.type, list: output.list, hint: source.title ?? '' })
    const found = bestSocket(catalog, to, pending, (input) => graph.linksTo(target.id, input).length > 0, graph.node(target.id))
    const score = found ? found.score - (used ? 3 : 0) : 0
    if (found && score > (best?.score ?? 0)) best = { ends: { from: [source.id, output.name], to: [target.id, found.name] }, score }
  }
  return best?.ends ?? null
}

/** @param {string} text */
const wordsOf = (text) => text.toLowerCase().split(/[^a-z0-9]+/)

/**
 * Node types with a socket for the wire, best first: those that usually stand there, then by how well they fit; of equals,
 * the one that asks for fewer other things.
 * @param {Catalog} catalog
 * @param {Pending} pending
 * @returns {{type: NodeType, socket: string, score: number}[]}
 */
export const rankNodeTypes = (catalog, pending) => {
  const usual = usualAt(pending.kind, pending.type)
  const fitting = []
  for (const type of catalog.nodes.values()) {
    const best = bestSocket(catalog, type, pending)
    const place = usual.indexOf(type.id)
    if (best) fitting.push({ type, socket: best.name, score: best.score, place: place < 0 ? usual.length : place, odd: oddness(type) })
  }
  return fitting.sort((a, b) =>
    a.place - b.place || a.odd - b.odd || b.score - a.score || inputsOfNew(a.type).length - inputsOfNew(b.type).length || a.type.title.localeCompare(b.type.title))
    .map(({ type, socket, score }) => ({ type, socket, score }))
}
