// The numbers that a formula can name: the node's other inputs, every input of the graph as `node.input`, and those of the
// document's other graphs, as one copies them there: `@subgraph/node.input`, and of the root `node.input`.

import { storedName } from '../document/addresses.js'

/** @typedef {import('../document/store.js').Store} Store */

/** @param {Store} store @param {string} id @param {string} own the input that is typed @returns {Record<string, number>} */
export const inputNumbers = (store, id, own) => {
  /** @type {Record<string, number>} */
  const names = {}
  const here = store.current
  for (const graph of ['', ...store.subgraphs().map((record) => record.id)]) {
    store.within(graph, () => nameNumbers(store, (node) => storedName(store, node), names))
  }
  if (here) nameNumbers(store, (node) => node, names)
  for (const [input, value] of numbersOf(store, store.node(id))) if (input !== own) names[input] = value
  return names
}

/** @param {Store} store @param {(node: string) => string} nameOf @param {Record<string, number>} names */
const nameNumbers = (store, nameOf, names) => {
  for (const node of store.nodes()) for (const [input, value] of numbersOf(store, node)) names[`${nameOf(node.id)}.${input}`] = value
}

/** @param {Store} store @param {import('../document/workflow_format.js').NodeRecord | undefined} node @returns {[string, number][]} */
const numbersOf = (store, node) => {
  const linked = new Set(store.linksTo(node?.id ?? '').map(({ to }) => to[1])) // Their literals rest.
  return Object.entries(node?.inputs ?? {}).flatMap(([input, value]) => (typeof value === 'number' && !linked.has(input) ? [[input, value]] : []))
}
