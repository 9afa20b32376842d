// The numbers that a formula can name: the node's other inputs, and every input of the graph as `node.input`.

/** @typedef {import('../document/store.js').Store} Store */

/** @param {Store} store @param {string} id @param {string} own the input that is typed @returns {Record<string, number>} */
export const inputNumbers = (store, id, own) => {
  /** @type {Record<string, number>} */
  const names = {}
  for (const node of store.nodes()) {
    const linked = new Set(store.linksTo(node.id).map(({ to }) => to[1])) // Their literals rest.
    for (const [input, value] of Object.entries(node.inputs ?? {})) {
      if (typeof value !== 'number' || linked.has(input)) continue
      names[`${node.id}.${input}`] = value
      if (node.id === id && input !== own) names[input] = value
    }
  }
  return names
}
