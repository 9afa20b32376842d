// The values of another state of the document: what differs from now, and taking them over.

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {import('./workflow_format.js').WorkflowDocument} WorkflowDocument */
/** @typedef {{node: string, input: string, now: unknown, then: unknown}} ValueChange */

/** @param {unknown} a @param {unknown} b */
const same = (a, b) => a === b || JSON.stringify(a) === JSON.stringify(b)

/**
 * Where the literals of nodes that are in both differ; wires and nodes of their own are left out.
 * @param {readonly NodeRecord[]} now @param {readonly NodeRecord[]} then @returns {ValueChange[]}
 */
export const changedValues = (now, then) => {
  const others = new Map(then.map((node) => [node.id, node]))
  return now.flatMap((node) => {
    const other = others.get(node.id)
    if (!other || other.type !== node.type) return []
    const names = new Set([...Object.keys(node.inputs ?? {}), ...Object.keys(other.inputs ?? {})])
    return [...names].flatMap((input) => {
      const change = { node: node.id, input, now: node.inputs?.[input], then: other.inputs?.[input] }
      return change.then === undefined || same(change.now, change.then) ? [] : [change]
    })
  })
}

/** Takes values over as one undo entry, and says how many. @param {Store} store @param {readonly NodeRecord[]} then @returns {number} */
export const takeValues = (store, then) => {
  const changes = changedValues(store.nodes(), then)
  if (!changes.length) return 0
  store.edit('Restore values', (tx) => {
    for (const { node: id, input, then: value } of changes) {
      const node = store.node(id)
      if (node) tx.put('nodes', { ...node, inputs: { ...node.inputs, [input]: structuredClone(value) } })
    }
  })
  return changes.length
}

/** The graphs that are in both: the root's name is empty. @param {Store} store @param {WorkflowDocument} then @returns {{id: string, nodes: NodeRecord[]}[]} */
const sharedGraphs = (store, { nodes, subgraphs = [] }) =>
  [{ id: '', nodes }, .../** @type {{id: string, nodes: NodeRecord[]}[]} */ (subgraphs).filter(({ id }) => store.subgraph(id))]

/** What differs in any graph of the document. @param {Store} store @param {WorkflowDocument} then @returns {(ValueChange & {graph: string})[]} */
export const changedDocumentValues = (store, then) => sharedGraphs(store, then).flatMap(({ id: graph, nodes }) =>
  changedValues(store.graph(graph).nodes(), nodes).map((change) => ({ graph, ...change })))

/** Those of another state of the whole document, in its sub-graphs too, as one undo entry. @param {Store} store @param {WorkflowDocument} then @returns {number} how many */
export const takeDocumentValues = (store, then) => store.edit('Restore values', () =>
  sharedGraphs(store, then).reduce((sum, graph) => sum + store.within(graph.id, () => takeValues(store, graph.nodes)), 0))
