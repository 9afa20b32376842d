// The inputs that a node has now: of a row that grows those in use and one more, of a choice's those of its option.

import { valueOf } from './catalog.js'
import { isSweep } from './sweeps.js'

/** @typedef {import('./catalog.js').Catalog} Catalog */
/** @typedef {import('./catalog.js').InputType} InputType */
/** @typedef {import('./catalog.js').NodeType} NodeType */
/** @typedef {{inputs?: Record<string, unknown>}} Literals */

/** Whether a type's inputs depend on anything. @type {WeakMap<NodeType, boolean>} */
const known = new WeakMap()

/** @param {NodeType} type */
const isDynamic = (type) => {
  const found = known.get(type) ?? type.inputs.some(({ grows, when }) => grows ?? when)
  known.set(type, found)
  return found
}

/** Names stay as they are: an input that was emptied in the middle of its row is the free one. @param {NodeType} type @param {Literals} node @param {(input: string) => boolean} isLinked @returns {readonly InputType[]} */
export const shownInputs = (type, node, isLinked) => {
  if (!isDynamic(type)) return type.inputs
  /** @type {Map<string, {count: number, free: boolean}>} */
  const rows = new Map()
  return type.inputs.filter((input) => isAskedFor(type, node, input, isLinked) && isInUse(node, input, rows, isLinked))
}

/** Those of a node in its graph. @param {Catalog} catalog @param {{linksTo: (node: string, input?: string) => readonly unknown[]}} graph @param {{id: string, type: string} & Literals | undefined} node */
export const inputsNow = (catalog, graph, node) => {
  const type = node && catalog.nodes.get(node.type)
  return type ? shownInputs(type, node, (input) => graph.linksTo(node.id, input).length > 0) : []
}

/** Those of a node that is not there yet. @param {NodeType} type @param {Record<string, unknown>} [inputs] what it will hold */
export const inputsOfNew = (type, inputs = {}) => shownInputs(type, { inputs }, () => false)

/** All choices are such that the input counts; what a wire brings to a choice is not known. @param {NodeType} type @param {Literals} node @param {InputType} input @param {(input: string) => boolean} isLinked */
const isAskedFor = (type, node, { when = [] }, isLinked) => when.every(({ input: name, is }) => {
  const choice = type.inputs.find((each) => each.name === name)
  const value = choice && !isLinked(name) ? valueOf(node, choice) : undefined
  return value === undefined || (isSweep(value) ? value.sweep : [value]).some((each) => is.includes(String(each)))
})

/** @param {Literals} node @param {InputType} input @param {Map<string, {count: number, free: boolean}>} rows those before it @param {(input: string) => boolean} isLinked */
const isInUse = (node, { name, grows }, rows, isLinked) => {
  if (!grows) return true
  const row = rows.get(grows.row) ?? { count: 0, free: false }
  rows.set(grows.row, row)
  row.count += 1
  const isFree = !isLinked(name) && (node.inputs?.[name] ?? null) === null
  const isFirstFree = isFree && !row.free
  row.free ||= isFree
  return !isFree || isFirstFree || row.count <= grows.least
}
