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

/** Takes nodes out of their wires; what fed them feeds what they fed. @param {Store} store @param {Catalog} catalog @param {Iterable<string>} ids @returns {boolean} whether they had any */
export const pullOut = (store, catalog, ids) => {
  const nodes = new Set(ids)
  const links = new Set([...nodes].flatMap((id) => [...store.linksTo(id), ...store.linksFrom(id)].map((link) => link.id)))
  if (!links.size) return false
  store.edit('Pull out', (tx) => {
    const healing = healingLinks(catalog, store, nodes)
    for (const id of links) tx.remove('links', id)
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
  const inputs = inputsAs(node, old, type)
  const { title: _, size: __, ...plain } = node
  const links = linksAs(store, catalog, id, type, inputs)
  store.edit(`Change to ${type.title}`, (tx) => {
    for (const link of [...store.linksTo(id), ...store.linksFrom(id)]) tx.remove('links', link.id)
    tx.put('nodes', { ...plain, ...(node.title && node.title !== old?.title ? { title: node.title } : {}), type: ownType(store, tx, type), inputs })
    for (const link of links) tx.put('links', link)
  })
}

/** How many of a node's wires another type would keep; one into a socket for anything counts little. @param {Store} store @param {Catalog} catalog @param {string} id @param {NodeType} type */
export const wiresKept = (store, catalog, id, type) => {
  const node = store.node(id)
  const takesAll = (/** @type {{name: string, type: string} | undefined} */ socket) => socket?.type === 'ANY' || socket?.type === '*'
  const links = node ? linksAs(store, catalog, id, type, inputsAs(node, catalog.nodes.get(node.type), type)) : []
  return links.reduce((sum, { from, to }) => sum + (takesAll(to[0] === id ? type.inputs.find(({ name }) => name === to[1]) : type.outputs.find(({ name }) => name === from[1])) ? 0.1 : 1), 0)
}

/** The values of another type: those that both have, of a missing type all that are called so. @param {import('./workflow_format.js').NodeRecord} node @param {NodeType | undefined} old @param {NodeType} type @returns {Record<string, unknown>} */
const inputsAs = (node, old, type) => {
  const kept = Object.fromEntries(type.inputs.flatMap(({ name, widget }) => {
    const isSame = !old || old.inputs.find((input) => input.name === name)?.widget?.kind === widget?.kind
    const value = isSame ? node.inputs?.[name] : undefined
    return widget && value !== null && value !== undefined ? [[name, value]] : []
  }))
  const usual = Object.fromEntries(inputsOfNew(type, kept).flatMap(({ name, widget }) => {
    const value = widget && !type.subgraph ? defaultValue(widget) : null
    return value !== null ? [[name, value]] : []
  }))
  return { ...usual, ...kept }
}

/** Its links as another type would have them; to and from a missing type by name alone. @param {Store} store @param {Catalog} catalog @param {string} id @param {NodeType} type @param {Record<string, unknown>} inputs @returns {LinkRecord[]} */
const linksAs = (store, catalog, id, type, inputs) => {
  const typeOf = (/** @type {string} */ node) => catalog.nodes.get(store.node(node)?.type ?? '')
  const taken = new Set()
  const into = store.linksTo(id).flatMap((link) => {
    const [source, output] = [typeOf(link.from[0]), typeOf(link.from[0])?.outputs.find(({ name }) => name === link.from[1])]
    const target = fitting(shownInputs(type, { inputs }, (name) => taken.has(name)).filter(({ name }) => !taken.has(name)), link.to[1],
      (input) => (source ? !!output && feeds(catalog, output, input) : input.name === link.to[1]))
    if (!target) return []
    if (!target.list) taken.add(target.name)
    return [{ ...link, to: /** @type {const} */ ([id, target.name]) }]
  })
  const outOf = store.linksFrom(id).flatMap((link) => {
    const [target, input] = [typeOf(link.to[0]), typeOf(link.to[0])?.inputs.find(({ name }) => name === link.to[1])]
    const source = fitting(type.outputs, link.from[1], (output) => (target ? !!input && feeds(catalog, output, input) : output.name === link.from[1]))
    return source ? [{ ...link, from: /** @type {const} */ ([id, source.name]) }] : []
  })
  return [...into, ...outOf]
}

/** A type that comes with a sub-graph is an instance of it. @param {Store} store @param {import('./transaction.js').Transaction} tx @param {NodeType} type */
const ownType = (store, tx, { id, document }) => {
  const tables = document && readDocument(document)
  const definition = definitionOf(tables?.nodes[0]?.type)
  return tables && definition !== null ? `@${takeDefinitions(store, tx, tables.subgraphs, { share: !store.current }).get(definition)}` : id
}

/** The socket of this name where it fits, else the first that does. @template {{name: string}} S @param {readonly S[]} sockets @param {string} name @param {(socket: S) => boolean} fits */
const fitting = (sockets, name, fits) => sockets.find((socket) => socket.name === name && fits(socket)) ?? sockets.find(fits)
