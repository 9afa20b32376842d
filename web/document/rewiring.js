// Edits that lead wires anew: taking a node out, another type in its place, its inputs exchanged, several in a row.

import { healingLinks } from '../kernels/passing.js'
import { bestPair, feeds } from '../kernels/matching.js'
import { defaultValue } from './catalog.js'
import { inputsNow, inputsOfNew, shownInputs } from './dynamic_inputs.js'
import { connect } from './edits.js'
import { takeDefinitions } from './definition_copies.js'
import { definitionOf } from './definitions.js'
import { isEnd } from './subgraph_format.js'
import { FREE_SOCKET } from './subgraphs.js'
import { readDocument } from './workflow_format.js'

/** @typedef {import('./catalog.js').Catalog} Catalog */
/** @typedef {import('./catalog.js').NodeType} NodeType */
/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./workflow_format.js').LinkRecord} LinkRecord */

/** Takes a node out of its wires; what fed it feeds what it fed. @param {Store} store @param {Catalog} catalog @param {string} id @returns {boolean} whether it had any */
export const pullOut = (store, catalog, id) => {
  const links = [...store.linksTo(id), ...store.linksFrom(id)]
  if (!links.length) return false
  store.edit('Pull out', (tx) => {
    const healing = healingLinks(catalog, store, new Set([id]))
    for (const link of links) tx.remove('links', link.id)
    for (const ends of healing) connect(store, catalog, ends)
  })
  return true
}

/** Links each node to the next by their best sockets. @param {Store} store @param {Catalog} catalog @param {readonly string[]} ids @returns {number} how many were linked */
export const connectInRow = (store, catalog, ids) =>
  store.edit('Connect', () => ids.slice(1).filter((id, place) => {
    const [source, target] = [store.node(ids[place] ?? ''), store.node(id)]
    const pair = source && target ? bestPair(catalog, store, source, target) : null
    if (pair) connect(store, catalog, pair)
    return pair !== null
  }).length)

/**
 * Exchanges what feeds the first two inputs of one type of which one is linked.
 * @param {Store} store @param {Catalog} catalog @param {string} id @returns {boolean} whether there were such
 */
export const swapInputs = (store, catalog, id) => {
  const inputs = inputsNow(catalog, store, store.node(id)).filter(({ name, list }) => !list && name !== FREE_SOCKET)
  const linked = (/** @type {string} */ name) => store.linksTo(id, name).length > 0
  const first = inputs.find((input, place) => inputs.some((other, at) => at > place && other.type === input.type && (linked(input.name) || linked(other.name))))
  const second = first && inputs.find((other) => other !== first && inputs.indexOf(other) > inputs.indexOf(first) && other.type === first.type && (linked(first.name) || linked(other.name)))
  if (!first || !second) return false
  const moved = [[first.name, second.name], [second.name, first.name]].flatMap(([from = '', to = '']) => store.linksTo(id, from).map((link) => ({ ...link, to: /** @type {const} */ ([id, to]) })))
  store.edit('Swap inputs', (tx) => moved.forEach((link) => tx.put('links', link)))
  return true
}

/**
 * Another type in a node's place: it keeps values of inputs with the same name and kind, and each wire that fits, by name
 * first, else by type.
 * @param {Store} store @param {Catalog} catalog @param {string} id @param {NodeType} type
 */
export const swapType = (store, catalog, id, type) => {
  const node = store.node(id)
  if (!node || isEnd(id)) return
  const old = catalog.nodes.get(node.type)
  const kept = Object.fromEntries(type.inputs.flatMap(({ name, widget }) => {
    const value = old?.inputs.find((input) => input.name === name)?.widget?.kind === widget?.kind ? node.inputs?.[name] : undefined
    return widget && value !== null && value !== undefined ? [[name, value]] : []
  }))
  const usual = Object.fromEntries(inputsOfNew(type, kept).flatMap(({ name, widget }) => {
    const value = widget && !type.subgraph ? defaultValue(widget) : null
    return value !== null ? [[name, value]] : []
  }))
  const inputs = { ...usual, ...kept }
  const [into, outOf] = [[...store.linksTo(id)], [...store.linksFrom(id)]]
  const { title: _, size: __, ...plain } = node
  store.edit(`Change to ${type.title}`, (tx) => {
    for (const link of [...into, ...outOf]) tx.remove('links', link.id)
    tx.put('nodes', { ...plain, ...(node.title && node.title !== old?.title ? { title: node.title } : {}), type: ownType(store, tx, type), inputs })
    const taken = new Set()
    for (const link of into) {
      const output = catalog.nodes.get(store.node(link.from[0])?.type ?? '')?.outputs.find(({ name }) => name === link.from[1])
      const target = fitting(shownInputs(type, { inputs }, (name) => taken.has(name)).filter(({ name }) => !taken.has(name)), link.to[1], (input) => !!output && feeds(catalog, output, input))
      if (!target) continue
      if (!target.list) taken.add(target.name)
      tx.put('links', { ...link, to: [id, target.name] })
    }
    for (const link of outOf) {
      const input = catalog.nodes.get(store.node(link.to[0])?.type ?? '')?.inputs.find(({ name }) => name === link.to[1])
      const source = fitting(type.outputs, link.from[1], (output) => !!input && feeds(catalog, output, input))
      if (source) tx.put('links', { ...link, from: [id, source.name] })
    }
  })
}

/** A type that comes with a sub-graph is an instance of it. @param {Store} store @param {import('./transaction.js').Transaction} tx @param {NodeType} type */
const ownType = (store, tx, { id, document }) => {
  const tables = document && readDocument(document)
  const definition = definitionOf(tables?.nodes[0]?.type)
  return tables && definition !== null ? `@${takeDefinitions(store, tx, tables.subgraphs, { share: !store.current }).get(definition)}` : id
}

/** The socket of this name where it fits, else the first that does. @template {{name: string}} S @param {readonly S[]} sockets @param {string} name @param {(socket: S) => boolean} fits */
const fitting = (sockets, name, fits) => sockets.find((socket) => socket.name === name && fits(socket)) ?? sockets.find(fits)
