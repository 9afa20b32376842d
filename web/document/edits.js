// The edits that gestures and commands share; each is one undo entry unless a gesture is open.

import { sharedPortal } from './portals.js'
import { healingLinks } from '../kernels/passing.js'
import { addressOf, locate } from './addresses.js'
import { findAnnotation } from './annotations.js'
import { forgetFolded } from './folding.js'
import { defaultValue, inputType } from './catalog.js'
import { inputsOfNew } from './dynamic_inputs.js'
import { definitionOf } from './definitions.js'
import { insertDocument } from './insertion.js'
import { freeId, readableId } from './names.js'
import { addSocketFor } from './signature.js'
import { isEnd } from './subgraph_format.js'

/** @typedef {import('./catalog.js').Catalog} Catalog */
/** @typedef {import('./catalog.js').PatchOperation} PatchOperation */
/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./workflow_format.js').NodeMode} NodeMode */
/** @typedef {import('./workflow_format.js').NodeRecord} NodeRecord */

/**
 * @param {Store} store
 * @param {Catalog} catalog
 * @param {{id?: string, type: string, position: [number, number], inputs?: Record<string, unknown>, title?: string}} node
 * @returns {string} its id
 */
export const addNode = (store, catalog, { id: wanted, type, position, inputs = {}, title }) => {
  const nodeType = catalog.nodes.get(type)
  if (nodeType?.document) return insertDocument(store, `Add ${nodeType.title}`, nodeType.document, roundPoint(position))[0] ?? ''
  const isTaken = (/** @type {string} */ name) => store.node(name) !== undefined
  const id = wanted === undefined ? readableId(isTaken, type) : freeId(isTaken, wanted)
  /** @type {Record<string, unknown>} */
  const values = {}
  for (const input of nodeType && definitionOf(type) === null ? inputsOfNew(nodeType, inputs) : []) { // What an instance leaves open, its sub-graph says.
    const value = input.widget ? defaultValue(input.widget) : null
    if (value !== null) values[input.name] = value
  }
  const record = { id, type, ...(title ? { title } : {}), inputs: { ...values, ...inputs }, position: roundPoint(position) }
  store.edit(`Add ${nodeType?.title ?? type}`, (tx) => tx.put('nodes', record))
  return id
}

/**
 * Links an output to an input; an input that takes one link loses the old one. The free socket of a sub-graph's end becomes
 * one of its signature.
 * @param {Store} store
 * @param {Catalog} catalog
 * @param {{from: readonly [string, string], to: readonly [string, string]}} ends
 * @returns {string} the link's id
 */
export const connect = (store, catalog, ends) => {
  const free = addSocketFor(store, catalog, ends)
  if (free) return store.edit('Connect', () => connect(store, catalog, free()))
  const { from, to } = ends
  const target = store.node(to[0])
  const takesMany = target ? inputType(catalog, target.type, to[1])?.list === true : false
  const present = store.linksTo(to[0], to[1])
  const same = present.find((link) => link.from[0] === from[0] && link.from[1] === from[1])
  if (same && (takesMany || present.length === 1)) return same.id
  return store.edit('Connect', (tx) => {
    if (!takesMany) for (const link of present) tx.remove('links', link.id)
    const id = store.newLinkId()
    const portal = sharedPortal(store, from)
    tx.put('links', { id, from: [from[0], from[1]], to: [to[0], to[1]], ...(portal ? { extra: { portal } } : {}) })
    return id
  })
}

/** @param {Store} store @param {string} linkId */
export const disconnect = (store, linkId) => store.edit('Disconnect', (tx) => tx.remove('links', linkId))

/**
 * @param {Store} store
 * @param {string} nodeId
 * @param {string} input
 * @param {unknown} value
 * @param {{coalesce?: string}} [options]
 */
export const setInput = (store, nodeId, input, value, options = {}) => {
  const node = store.node(nodeId)
  if (!node || Object.is(node.inputs?.[input], value)) return
  store.edit(`Set ${input}`, (tx) => tx.put('nodes', { ...node, inputs: { ...node.inputs, [input]: value } }), options)
}

/** Takes a literal away, also one that no input has. @param {Store} store @param {string} nodeId @param {string} input */
const removeInput = (store, nodeId, input) => {
  const node = store.node(nodeId)
  if (!node || !(input in (node.inputs ?? {}))) return
  const { [input]: _, ...inputs } = node.inputs ?? {}
  store.edit(`Remove ${input}`, (tx) => tx.put('nodes', { ...node, inputs }))
}

/** An empty title gives the type's own back. @param {Store} store @param {string} nodeId @param {string} title */
export const setTitle = (store, nodeId, title) => {
  const node = store.node(nodeId)
  if (!node || isEnd(nodeId) || (node.title ?? '') === title) return
  const { title: _, ...rest } = node
  store.edit('Rename node', (tx) => tx.put('nodes', title ? { ...node, title } : rest))
}

/** @param {Store} store @param {Iterable<string>} ids @param {NodeMode} mode */
export const setMode = (store, ids, mode) =>
  updateNodes(store, { muted: 'Mute', bypassed: 'Bypass', active: 'Activate' }[mode], [...ids].filter((id) => !isEnd(id)), (node) => ({ ...node, mode }))

/** @param {Store} store @param {Iterable<string>} ids @param {boolean} collapsed */
export const setCollapsed = (store, ids, collapsed) =>
  updateNodes(store, collapsed ? 'Collapse' : 'Expand', [...ids].filter((id) => !isEnd(id)), (node) => ({ ...node, collapsed }))

/**
 * @param {Store} store
 * @param {Iterable<string>} ids
 * @param {number} dx
 * @param {number} dy
 * @param {{coalesce?: string}} [options]
 */
export const moveNodes = (store, ids, dx, dy, options) =>
  updateNodes(store, 'Move', ids, (node) => {
    if (node.pinned) return node
    const [x, y] = node.position ?? [0, 0]
    return { ...node, position: [x + dx, y + dy] }
  }, options)

/** @param {Store} store @param {ReadonlyMap<string, [number, number]>} positions @param {string} [label] */
export const placeNodes = (store, positions, label = 'Arrange') =>
  updateNodes(store, label, positions.keys(), (node) => (node.pinned ? node : { ...node, position: positions.get(node.id) ?? node.position }))

/**
 * @param {Store} store
 * @param {string} label
 * @param {Iterable<string>} ids
 * @param {(node: NodeRecord) => NodeRecord} update
 * @param {{coalesce?: string}} [options]
 */
export const updateNodes = (store, label, ids, update, options) =>
  store.edit(label, (tx) => {
    for (const id of ids) {
      const node = store.node(id)
      if (node) tx.put('nodes', update(node))
    }
  }, options)

/**
 * Removes nodes with every link that touches them, links, frames and notes.
 * @param {Store} store
 * @param {{nodes: Iterable<string>, links: Iterable<string>, annotations?: Iterable<string>}} selection
 */
export const deleteSelection = (store, selection) => {
  const nodes = [...selection.nodes].filter((id) => !isEnd(id))
  const links = [...selection.links]
  const annotations = [...selection.annotations ?? []]
  store.edit(nodes.length || annotations.length ? 'Delete' : 'Disconnect', (tx) => {
    for (const id of links) tx.remove('links', id)
    for (const id of annotations) tx.remove(findAnnotation(store, id)?.table ?? 'notes', id)
    forgetFolded(store, new Set(nodes))
    for (const id of nodes) {
      for (const link of [...store.linksTo(id), ...store.linksFrom(id)]) tx.remove('links', link.id)
      tx.remove('nodes', id)
    }
  })
}

/**
 * Removes nodes so that what fed them feeds what they fed, where the types allow.
 * @param {Store} store
 * @param {Catalog} catalog
 * @param {{nodes: Iterable<string>, links: Iterable<string>, annotations?: Iterable<string>}} selection
 */
export const dissolve = (store, catalog, selection) => {
  const nodes = new Set([...selection.nodes].filter((id) => !isEnd(id)))
  const { links, annotations = [] } = selection
  store.edit(nodes.size || [...annotations].length ? 'Delete' : 'Disconnect', () => {
    const healing = healingLinks(catalog, store, nodes)
    deleteSelection(store, { nodes, links, annotations })
    for (const ends of healing) connect(store, catalog, ends)
  })
}

/**
 * Leads a link through a node.
 * @param {Store} store @param {Catalog} catalog @param {string} node @param {string} linkId @param {{input: string, output: string}} sockets
 */
export const insertOnLink = (store, catalog, node, linkId, { input, output }) => {
  const link = store.link(linkId)
  if (!link) return
  store.edit('Insert', (tx) => {
    tx.remove('links', linkId)
    connect(store, catalog, { from: link.from, to: [node, input] })
    connect(store, catalog, { from: [node, output], to: link.to })
  })
}

/**
 * Applies a Problem's fix. It names nodes from the root on: what it says of one in a sub-graph changes the sub-graph.
 * @param {Store} store @param {Catalog} catalog @param {readonly PatchOperation[]} patch
 */
export const applyPatch = (store, catalog, patch) =>
  store.edit('Fix', () => {
    for (const operation of patch) {
      const found = locate(store, nodeOf(operation))
      const { graph = '', path = [] } = found ?? {}
      store.within(graph, () => applyOperation(store, catalog, localised(operation, addressOf(path, ''))))
    }
  })

/** The node that an operation is about; a new one stands with the one that it comes before. @param {PatchOperation} operation */
const nodeOf = (operation) => (operation.op === 'remove_link' || operation.op === 'add_link' ? operation.to[0] : operation.op === 'add_node' ? operation.before : operation.node)

/** An operation with the names that its graph has. @param {PatchOperation} operation @param {string} prefix @returns {PatchOperation} */
const localised = (operation, prefix) => {
  const own = (/** @type {string} */ id) => (id.startsWith(prefix) ? id.slice(prefix.length) : id)
  if (operation.op === 'remove_link') return { ...operation, to: [own(operation.to[0]), operation.to[1]] }
  if (operation.op === 'add_link') return { ...operation, from: [own(operation.from[0]), operation.from[1]], to: [own(operation.to[0]), operation.to[1]] }
  return operation.op === 'add_node' ? { ...operation, node: own(operation.node), before: own(operation.before) } : { ...operation, node: own(operation.node) }
}

/** @param {Store} store @param {Catalog} catalog @param {PatchOperation} operation */
const applyOperation = (store, catalog, operation) => {
  if (operation.op === 'set_input') setInput(store, operation.node, operation.input, operation.value)
  else if (operation.op === 'remove_value') removeInput(store, operation.node, operation.input)
  else if (operation.op === 'remove_link') {
    for (const link of store.linksTo(...operation.to)) disconnect(store, link.id)
  } else if (operation.op === 'remove_node') deleteSelection(store, { nodes: [operation.node], links: [] })
  else if (operation.op === 'set_mode') setMode(store, [operation.node], operation.mode)
  else if (operation.op === 'add_link') connect(store, catalog, operation)
  else if (operation.op === 'add_node') {
    const { type, inputs, node: id, before } = operation
    addNode(store, catalog, { id, type, inputs, position: freePlace(store, before) })
  } else updateNodes(store, 'Change type', [operation.node], (node) => ({ ...node, type: operation.type }))
}

/** Above a node and to its left, higher where another node stands. @param {Store} store @param {string} before @returns {[number, number]} */
const freePlace = (store, before) => {
  const [x, y] = store.node(before)?.position ?? [0, 0]
  const stands = (/** @type {number} */ top) => store.nodes().some(({ position: at = [Infinity, Infinity], size = [260, 240] }) =>
    Math.abs(at[0] - (x - 300)) < 280 && at[1] < top + 220 && at[1] + size[1] > top - 20)
  let top = y - 240
  while (stands(top)) top -= 120
  return [x - 300, top]
}

/** @param {readonly [number, number]} point @returns {[number, number]} */
const roundPoint = ([x, y]) => [Math.round(x), Math.round(y)]
