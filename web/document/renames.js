// Names of before (docs/format.md): records that still say them get those that types, inputs and outputs have today.

/** @typedef {import('./diff.js').Change} Change */
/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./transaction.js').Transaction} Transaction */
/** @typedef {import('./workflow_format.js').LinkRecord} LinkRecord */
/** @typedef {import('./workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {{id: string, inputs: Record<string, string>, outputs: Record<string, string>, values: Record<string, unknown>}} Rename names of today by those of before; values: what a node gets besides */
/** @typedef {ReadonlyMap<string, Rename>} Renames by each type id that documents may say */

/** The rule is the engine's (graph/migrate.py): of a value under both names, that of today wins. @param {NodeRecord} node @param {Rename} rename @returns {NodeRecord} the same where it says today's names */
const renamedNode = (node, { id, inputs, values }) => {
  const isOld = node.type !== id
  const given = node.inputs ?? {}
  const now = (/** @type {string} */ name) => (inputs[name] !== undefined && !(inputs[name] in given) ? inputs[name] : name)
  if (!isOld && Object.keys(given).every((name) => now(name) === name)) return node
  const renamed = Object.fromEntries(Object.entries(given).map(([name, value]) => [now(name), value]))
  const added = isOld ? structuredClone(values) : {}
  return { ...node, type: id, ...(node.inputs || Object.keys(added).length ? { inputs: { ...renamed, ...added } } : {}) }
}

/** @param {readonly [string, string]} end @param {string} node @param {Record<string, string>} names @returns {readonly [string, string]} */
const renamedEnd = (end, node, names) => (end[0] === node && names[end[1]] !== undefined ? [node, names[end[1]] ?? ''] : end)

/** @param {LinkRecord} link @param {string} node the one of the rename @param {Rename} rename @returns {LinkRecord} */
const renamedLink = (link, node, { inputs, outputs }) => {
  const [from, to] = [renamedEnd(link.from, node, outputs), renamedEnd(link.to, node, inputs)]
  return from === link.from && to === link.to ? link : { ...link, from, to }
}

/** Nodes that may say names of before: those that changes touch, or all. @param {Store} store @param {readonly Change[] | null} changes @returns {Map<string, Set<string>>} by their graphs */
const touched = (store, changes) => {
  if (!changes) return new Map(['', ...store.subgraphs().map(({ id }) => id)].map((graph) => [graph, new Set(store.graph(graph).nodes().map(({ id }) => id))]))
  /** @type {Map<string, Set<string>>} */
  const found = new Map()
  for (const { graph, table, id, after } of changes) {
    const ids = found.get(graph) ?? new Set()
    found.set(graph, ids)
    if (after && table === 'nodes') ids.add(id)
    if (after && table === 'links') for (const end of /** @type {const} */ (['from', 'to'])) ids.add(/** @type {LinkRecord} */ (after)[end][0])
    if (after && table === 'parameters') ids.add(String(Reflect.get(Object(/** @type {{value?: unknown}} */ (after).value), 'node')))
  }
  return found
}

/**
 * Whatever way an old name came in: opened, pasted, brought back by undo.
 * @param {Store} store @param {Transaction} tx @param {Renames} renames @param {readonly Change[] | null} changes what came; null: the document
 * @returns {number} how many nodes said one
 */
export const useNamesOfToday = (store, tx, renames, changes) => {
  if (!renames.size) return 0
  let count = 0
  for (const [graph, ids] of touched(store, changes)) {
    store.within(graph, () => {
      for (const id of ids) if (renameNode(store, tx, renames, id)) count += 1
    })
  }
  return count
}

/** @param {Store} store @param {Transaction} tx @param {Renames} renames @param {string} id in the current graph */
const renameNode = (store, tx, renames, id) => {
  const node = store.node(id)
  const rename = node && renames.get(node.type)
  if (!node || !rename) return false
  const before = tx.changes.length
  const now = renamedNode(node, rename)
  if (now !== node) tx.put('nodes', now)
  for (const link of new Set([...store.linksTo(id), ...store.linksFrom(id)])) {
    const renamed = renamedLink(link, id, rename)
    if (renamed !== link) tx.put('links', renamed)
  }
  if (!store.current) renameParameters(store, tx, id, rename)
  return tx.changes.length > before
}

/** @param {Store} store @param {Transaction} tx @param {string} node @param {Rename} rename */
const renameParameters = (store, tx, node, { inputs }) => {
  for (const record of store.carried('parameters')) {
    const value = /** @type {Record<string, unknown>} */ (Object(record.value))
    const now = value.node === node ? inputs[String(value.input)] : undefined
    if (now !== undefined) tx.put('parameters', { ...record, value: { ...value, input: now } })
  }
}
