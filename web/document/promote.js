// An input in a sub-graph becomes one of the sub-graph: it can be fed, swept and shown in the form where instances stand.

import { inputType, valueOf } from './catalog.js'
import { connect } from './edits.js'
import { graphAt } from './places.js'
import { setSocket } from './signature.js'
import { INPUTS, isEnd } from './subgraph_format.js'
import { FREE_SOCKET } from './subgraphs.js'
import { isSweep } from './sweeps.js'

/** @typedef {import('./catalog.js').Catalog} Catalog */
/** @typedef {import('./places.js').Place} Place */
/** @typedef {import('./store.js').Store} Store */

/** Whether an input of the graph that is shown can become one of it. @param {Store} store @param {string} node @param {string} input */
export const canPromote = (store, node, input) => store.current !== '' && !isEnd(node) && !store.linksTo(node, input).length

/**
 * The value that stands there is what instances have as long as they say nothing else.
 * @param {Store} store @param {Catalog} catalog @param {string} node in the graph that is shown @param {string} input @returns {string | null} the new input; null where it cannot become one
 */
export const promoteInput = (store, catalog, node, input) => {
  const record = store.node(node)
  const type = record && inputType(catalog, record.type, input)
  if (!record || !type || !canPromote(store, node, input)) return null
  const value = valueOf(record, type)
  return store.edit(`Make ${input.replaceAll('_', ' ')} an input`, () => {
    const name = store.link(connect(store, catalog, { from: [INPUTS, FREE_SOCKET], to: [node, input] }))?.from[1] ?? ''
    const socket = store.subgraph(store.current)?.inputs?.find((each) => each.name === name)
    const fields = { ...(type.label ? { label: type.label } : {}), ...(value !== null && !isSweep(value) && !socket?.each ? { default: value } : {}) }
    setSocket(store, store.current, 'inputs', name, fields)
    return name
  })
}

/**
 * Through every sub-graph on the way, up to the root.
 * @param {Store} store @param {Catalog} catalog @param {readonly Place[]} path to where the node stands @param {string} node @param {string} input
 * @returns {{node: string, input: string} | null} the root's instance
 */
export const promoteToRoot = (store, catalog, path, node, input) => store.edit(`Make ${input.replaceAll('_', ' ')} an input`, () => {
  let at = { node, input }
  for (let depth = path.length; depth > 0; depth -= 1) {
    const inner = at
    const name = store.within(graphAt(path.slice(0, depth)), () => promoteInput(store, catalog, inner.node, inner.input))
    if (name === null) return null
    at = { node: path[depth - 1]?.node ?? '', input: name }
  }
  return at
})
