// What flows through a node that does nothing: where a bypassed node leads, and how wires heal when one is deleted.

import { feeds } from './matching.js'

/** @typedef {import('../document/catalog.js').Catalog} Catalog */
/** @typedef {import('../document/catalog.js').NodeType} NodeType */
/** @typedef {import('../document/workflow_format.js').LinkRecord} LinkRecord */
/** @typedef {import('./matching.js').Flow} Flow */
/** @typedef {readonly [string, string]} End */
/**
 * The graph as far as healing needs it.
 * @typedef {object} Graph
 * @property {(node: string) => {id: string, type: string, inputs?: Record<string, unknown>} | undefined} node
 * @property {(node: string, input?: string) => readonly LinkRecord[]} linksTo
 * @property {(node: string, output?: string) => readonly LinkRecord[]} linksFrom
 */

/** @param {string} type */
const sorted = (type) => type.split(/\s*[|,]\s*/).sort()

/** @param {string[]} types */
const hasAny = (types) => types.includes('ANY') || types.includes('*')

/** @param {Flow} input @param {Flow} output */
const isSame = (input, output) => {
  const given = sorted(input.type)
  const made = sorted(output.type)
  return (input.list ?? false) === (output.list ?? false) && (hasAny(given) || hasAny(made) || given.join() === made.join())
}

/**
 * The input that an output passes on: the engine's rule (graph/wiring.py). What the node's author says, else of the linked
 * ones of the same type that of its name, else of its place among the sockets, else the first.
 * @param {NodeType} type @param {string} output @param {(input: string) => boolean} isLinked @returns {string | null}
 */
export const passedInput = (type, output, isLinked) => {
  const position = type.outputs.findIndex(({ name }) => name === output)
  const made = type.outputs[position]
  if (!made) return null
  if (made.passes !== undefined) return made.passes && isLinked(made.passes) ? made.passes : null
  const fitting = type.inputs.filter((input) => isSame(input, made) && isLinked(input.name)).map(({ name }) => name)
  const place = type.inputs.filter(({ widget }) => !widget)[position]?.name
  return fitting.find((name) => name === output) ?? fitting.find((name) => name === place) ?? fitting[0] ?? null
}

/**
 * The links that keep the flow when these nodes go: what led into them, led on to what they fed, where types allow.
 * @param {Catalog} catalog @param {Graph} graph @param {ReadonlySet<string>} gone
 * @returns {{from: End, to: End}[]}
 */
export const healingLinks = (catalog, graph, gone) => {
  const behind = (/** @type {End} */ [node, output]) => {
    const type = catalog.nodes.get(graph.node(node)?.type ?? '')
    const input = type && passedInput(type, output, (name) => graph.linksTo(node, name).length > 0)
    return input ? graph.linksTo(node, input)[0]?.from ?? null : null
  }
  const standing = (/** @type {End} */ start) => {
    /** @type {End | null} */
    let end = start
    for (let steps = 0; end && gone.has(end[0]); steps += 1) end = steps > gone.size ? null : behind(end)
    return end
  }
  const cut = [...gone].flatMap((id) => graph.linksFrom(id)).filter(({ to }) => !gone.has(to[0]))
  return cut.flatMap(({ from, to }) => {
    const source = standing(from)
    return source && fits(catalog, graph, source, to) ? [{ from: source, to }] : []
  })
}

/** @param {Catalog} catalog @param {Graph} graph @param {End} from @param {End} to */
const fits = (catalog, graph, from, to) => {
  const output = catalog.nodes.get(graph.node(from[0])?.type ?? '')?.outputs.find(({ name }) => name === from[1])
  const input = catalog.nodes.get(graph.node(to[0])?.type ?? '')?.inputs.find(({ name }) => name === to[1])
  return output !== undefined && input !== undefined && feeds(catalog, output, input)
}
