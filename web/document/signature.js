// Editing a sub-graph's signature: every instance follows in the same undo step.

import { inputType, outputType } from './catalog.js'
import { instancesOf } from './definitions.js'
import { freeId } from './names.js'
import { INPUTS, OUTPUTS } from './subgraph_format.js'
import { FREE_SOCKET, KINDS, kindOf } from './subgraphs.js'

/** @typedef {import('./catalog.js').Catalog} Catalog */
/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./subgraph_format.js').Socket} Socket */
/** @typedef {import('./subgraph_format.js').SubgraphKind} SubgraphKind */
/** @typedef {import('./subgraph_format.js').SubgraphRecord} SubgraphRecord */
/** @typedef {import('./transaction.js').Transaction} Transaction */
/** @typedef {'inputs' | 'outputs'} Side */
/** @typedef {{from: readonly [string, string], to: readonly [string, string]}} Ends */

/** Names that a kind has for itself on a side of the signature. @param {SubgraphRecord} record @param {Side} side */
const ownNames = (record, side) => {
  const { own, given, asked } = KINDS[kindOf(record)]
  return (side === 'inputs' ? [...own, ...given] : asked).map(({ name }) => name)
}

/** A name that the side has not, as close to the wanted one as can be. @param {SubgraphRecord} record @param {Side} side @param {string} wanted */
export const freeName = (record, side, wanted) => {
  const taken = new Set([...(record[side] ?? []).map(({ name }) => name), ...ownNames(record, side), FREE_SOCKET])
  return freeId((name) => taken.has(name), wanted)
}

/** @param {Store} store @param {string} label @param {string} id @param {(record: SubgraphRecord, tx: Transaction) => SubgraphRecord} update */
const updateRecord = (store, label, id, update) => store.edit(label, (tx) => {
  const record = store.subgraph(id)
  if (record) tx.put('subgraphs', withItems(update(record, tx)))
})

/** @param {Store} store @param {string} id @param {Side} side @param {Socket} socket @returns {string} its name */
export const addSocket = (store, id, side, socket) => {
  const record = store.subgraph(id)
  const name = record ? freeName(record, side, socket.name) : socket.name
  updateRecord(store, side === 'inputs' ? 'Add an input' : 'Add an output', id, (known) => ({ ...known, [side]: [...(known[side] ?? []), { ...socket, name }] }))
  return name
}

/**
 * Where a link would hang on the free socket of an end: makes the socket after what is at the other end, and says the link's ends.
 * @param {Store} store @param {Catalog} catalog @param {Ends} ends @returns {(() => Ends) | null}
 */
export const addSocketFor = (store, catalog, { from, to }) => {
  const record = store.subgraph(store.current)
  if (!record) return null
  if (from[0] === INPUTS && from[1] === FREE_SOCKET) {
    const input = inputType(catalog, store.node(to[0])?.type ?? '', to[1])
    const name = to[1] === FREE_SOCKET ? 'value' : to[1]
    return () => ({ from: [INPUTS, addSocket(store, record.id, 'inputs', socketOf(name, input))], to })
  }
  if (to[0] === OUTPUTS && to[1] === FREE_SOCKET) {
    const output = outputType(catalog, store.node(from[0])?.type ?? '', from[1])
    return () => ({ from, to: [OUTPUTS, addSocket(store, record.id, 'outputs', socketOf(from[1], output))] })
  }
  return null
}

/** @param {string} name @param {{type: string, list?: boolean} | undefined} like @returns {Socket} */
export const socketOf = (name, like) => ({ name, type: like?.type ?? 'ANY', ...(like?.list ? { list: true } : {}) })

/**
 * Sets what a socket says besides its name; undefined takes a field away.
 * @param {Store} store @param {string} id @param {Side} side @param {string} name @param {Partial<Socket>} fields
 */
export const setSocket = (store, id, side, name, fields) => updateRecord(store, `Change ${name}`, id, (record) => ({
  ...record,
  [side]: (record[side] ?? []).map((socket) => (socket.name === name
    ? Object.fromEntries(Object.entries({ ...socket, ...fields, name }).filter(([, value]) => value !== undefined)) : socket)),
}))

/** @param {Store} store @param {string} id @param {Side} side @param {string} name @param {number} by places down */
export const moveSocket = (store, id, side, name, by) => {
  const sockets = store.subgraph(id)?.[side] ?? []
  const at = sockets.findIndex((socket) => socket.name === name)
  const to = at + by
  if (at < 0 || to < 0 || to >= sockets.length) return
  const moved = sockets.toSpliced(at, 1).toSpliced(to, 0, /** @type {Socket} */ (sockets[at]))
  updateRecord(store, `Move ${name}`, id, (record) => ({ ...record, [side]: moved }))
}

/** Another name, for links and values of every instance too. @param {Store} store @param {string} id @param {Side} side @param {string} name @param {string} wanted @returns {string} the name it got */
export const renameSocket = (store, id, side, name, wanted) => {
  const record = store.subgraph(id)
  const found = record?.[side]?.some((socket) => socket.name === name)
  if (!record || !found || !wanted || wanted === name) return name
  const free = freeName(record, side, wanted)
  updateRecord(store, `Rename ${name}`, id, (known, tx) => {
    follow(store, tx, known, side, name, free)
    return { ...known, [side]: (known[side] ?? []).map((socket) => (socket.name === name ? { ...socket, name: free } : socket)) }
  })
  return free
}

/** @param {Store} store @param {string} id @param {Side} side @param {string} name */
export const removeSocket = (store, id, side, name) => updateRecord(store, `Remove ${name}`, id, (record, tx) => {
  follow(store, tx, record, side, name, null)
  return { ...record, [side]: (record[side] ?? []).filter((socket) => socket.name !== name) }
})

/** Another kind; wires and values of what only the old one had go. @param {Store} store @param {string} id @param {SubgraphKind} kind */
export const setKind = (store, id, kind) => {
  const record = store.subgraph(id)
  if (!record || kindOf(record) === kind) return
  store.edit(`Make it ${KINDS[kind].title.toLowerCase()}`, () => {
    changeKind(store, id, kind)
    for (const side of /** @type {const} */ (['inputs', 'outputs'])) {
      for (const name of ownNames({ ...record, kind }, side)) renameSocket(store, id, side, name, `${name}_2`) // The kind's own comes first.
    }
  })
}

/** @param {Store} store @param {string} id @param {SubgraphKind} kind */
const changeKind = (store, id, kind) => updateRecord(store, 'Change kind', id, (known, tx) => {
  const now = { ...known, kind }
  for (const { name } of KINDS[kindOf(known)].own) if (!ownNames(now, 'inputs').includes(name)) followOutside(store, tx, id, 'inputs', name, null)
  for (const { name } of KINDS[kindOf(known)].given) if (!ownNames(now, 'inputs').includes(name)) followInside(store, tx, id, 'inputs', name, null)
  for (const { name } of KINDS[kindOf(known)].asked) if (!ownNames(now, 'outputs').includes(name)) followInside(store, tx, id, 'outputs', name, null)
  return now
})

/** A map takes the items of one input at least. @param {SubgraphRecord} record @returns {SubgraphRecord} */
export const withItems = (record) => {
  const { inputs = [] } = record
  if (record.kind !== 'map' || !inputs.length || inputs.some(({ each }) => each)) return record
  return { ...record, inputs: inputs.map((socket, place) => (place === 0 ? { ...socket, each: true } : socket)) }
}

/** @param {Store} store @param {string} id @param {{title?: string, description?: string}} words */
export const describe = (store, id, words) => updateRecord(store, 'Rename sub-graph', id, (record) => ({ ...record, ...words }))

/** @param {Store} store @param {Transaction} tx @param {SubgraphRecord} record @param {Side} side @param {string} name @param {string | null} now null: it goes */
const follow = (store, tx, record, side, name, now) => {
  followInside(store, tx, record.id, side, name, now)
  followOutside(store, tx, record.id, side, name, now)
}

/** @param {Store} store @param {Transaction} tx @param {string} id @param {Side} side @param {string} name @param {string | null} now */
const followInside = (store, tx, id, side, name, now) => store.within(id, () => {
  for (const link of side === 'inputs' ? store.linksFrom(INPUTS, name) : store.linksTo(OUTPUTS, name)) {
    if (now === null) tx.remove('links', link.id)
    else tx.put('links', side === 'inputs' ? { ...link, from: [INPUTS, now] } : { ...link, to: [OUTPUTS, now] })
  }
})

/** @param {Store} store @param {Transaction} tx @param {string} id @param {Side} side @param {string} name @param {string | null} now */
const followOutside = (store, tx, id, side, name, now) => {
  for (const { graph, node } of instancesOf(store, id)) {
    store.within(graph, () => {
      for (const link of side === 'inputs' ? store.linksTo(node.id, name) : store.linksFrom(node.id, name)) {
        if (now === null) tx.remove('links', link.id)
        else tx.put('links', side === 'inputs' ? { ...link, to: [node.id, now] } : { ...link, from: [node.id, now] })
      }
      if (side === 'inputs' && node.inputs && name in node.inputs) tx.put('nodes', { ...node, inputs: renamedKey(node.inputs, name, now) })
    })
    if (side === 'inputs' && graph === '') followParameters(store, tx, node.id, name, now)
  }
}

/** @param {Record<string, unknown>} values @param {string} name @param {string | null} now */
const renamedKey = (values, name, now) => Object.fromEntries(Object.entries(values).flatMap(([key, value]) =>
  (key !== name ? [[key, value]] : now === null ? [] : [[now, value]])))

/** @param {Store} store @param {Transaction} tx @param {string} node @param {string} input @param {string | null} now */
const followParameters = (store, tx, node, input, now) => {
  for (const record of store.carried('parameters')) {
    const value = /** @type {Record<string, unknown>} */ (Object(record.value))
    if (value.node !== node || value.input !== input) continue
    if (now === null) tx.remove('parameters', record.id)
    else tx.put('parameters', { ...record, value: { ...value, input: now } })
  }
}
