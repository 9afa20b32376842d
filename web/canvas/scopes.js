// What a run says about the nodes of one graph, out of what it says about all: an instance sums up what is in it.

/** @typedef {import('../document/catalog.js').Problem} Problem */
/** @typedef {import('./overlay_types.js').NodeRun} NodeRun */
/** @typedef {import('./overlay_types.js').RunOverlay} RunOverlay */

/** The first that anything inside has is the instance's. @type {readonly NonNullable<NodeRun['run']>[]} */
const STRONGEST = ['running', 'failed', 'waiting', 'cancelled', 'done', 'cached', 'skipped']
/** @type {readonly NonNullable<NodeRun['plan']>[]} */
const PLANNED = ['blocked', 'will_run', 'cached']

/**
 * The overlay of the graph whose nodes are called by this prefix: empty for the root, `instance/` in one.
 * @param {RunOverlay} overlay @param {string} prefix @param {(name: string) => boolean} isNode of the graph: an id may hold a slash itself
 * @returns {RunOverlay}
 */
export const scopeOverlay = (overlay, prefix, isNode) => {
  if (!prefix && isPlain(overlay)) return overlay
  /** @type {Map<string, NodeRun>} */
  const nodes = new Map()
  /** @type {Map<string, Map<string, NodeRun>>} */
  const inside = new Map()
  for (const [address, run] of overlay.nodes) {
    if (!address.startsWith(prefix)) continue
    const name = address.slice(prefix.length)
    const slash = name.indexOf('/')
    if (slash < 0 || isNode(name)) nodes.set(name, run)
    else within(inside, name.slice(0, slash)).set(name.slice(slash + 1), run)
  }
  for (const [name, runs] of inside) nodes.set(name, summed(nodes.get(name), runs))
  const { facts, seen, used } = overlay
  return {
    ...overlay, nodes, problems: overlay.problems.flatMap((problem) => scoped(problem, prefix, isNode)),
    facts: facts && Object.fromEntries(Object.entries(facts).flatMap(([address, known]) => (address.startsWith(prefix) ? [[address.slice(prefix.length), known]] : []))),
    ...(prefix ? { solo: overlay.solo && inScope(overlay.solo, prefix), slots: overlay.slots && Object.fromEntries(Object.entries(overlay.slots).map(([slot, address]) => [slot, address?.startsWith(prefix) ? address.slice(prefix.length) : null])) } : {}),
    ...(used ? { used: (node, input) => used(prefix + node, input) } : {}),
    ...(seen ? { seen: (node, output) => seen(prefix + node, output) } : {}),
  }
}

/** @param {ReadonlySet<string>} addresses @param {string} prefix */
const inScope = (addresses, prefix) => new Set([...addresses].flatMap((address) => (address.startsWith(prefix) ? [address.slice(prefix.length)] : [])))

/** Nobody names a node in another: most documents have no sub-graphs. @param {RunOverlay} overlay */
const isPlain = ({ nodes, problems }) => {
  for (const address of nodes.keys()) if (address.includes('/')) return false
  return problems.every(({ node }) => !node?.includes('/'))
}

/** @param {Map<string, Map<string, NodeRun>>} inside @param {string} name */
const within = (inside, name) => {
  const known = inside.get(name) ?? new Map()
  inside.set(name, known)
  return known
}

/** A Problem of a node inside marks the instance that it is in. @param {Problem} problem @param {string} prefix @param {(name: string) => boolean} isNode @returns {Problem[]} */
const scoped = (problem, prefix, isNode) => {
  if (!problem.node) return prefix ? [] : [problem]
  if (!problem.node.startsWith(prefix)) return []
  const name = problem.node.slice(prefix.length)
  const slash = name.indexOf('/')
  if (slash < 0 || isNode(name)) return prefix ? [{ ...problem, node: name }] : [problem]
  return [{ ...problem, node: name.slice(0, slash), input: null }]
}

/**
 * @param {NodeRun | undefined} own what is told of a zone itself @param {ReadonlyMap<string, NodeRun>} inside by their names in it
 * @returns {NodeRun}
 */
const summed = (own, inside) => {
  const runs = [...inside.values()]
  const { plan, reason } = plannedOf(inside)
  const busy = runs.find(({ run }) => run === 'running')
  const pictures = runs.flatMap(({ pictures: some = [] }) => some)
  const preview = (busy ?? runs.findLast((each) => each.preview))?.preview
  return {
    plan, reason, ...stateOf(runs), lastSeconds: total(runs.map(({ lastSeconds }) => lastSeconds)), bytes: total(runs.map(({ bytes }) => bytes)), startedAt: busy?.startedAt,
    preview, ...(pictures.length ? { pictures } : {}),
    ...defined(own ?? {}), // A zone is a step itself: what it says counts more.
    ...(own && !own.preview && preview ? { preview } : {}),
  }
}

/** @param {ReadonlyMap<string, NodeRun>} inside @returns {Pick<NodeRun, 'plan' | 'reason'>} */
const plannedOf = (inside) => {
  const plan = PLANNED.find((state) => [...inside.values()].some((run) => run.plan === state))
  const first = [...inside].find(([, run]) => run.plan === plan && run.reason)
  return { plan, reason: plan !== 'cached' && first ? `${first[0]}: ${first[1].reason}` : undefined }
}

/** @param {readonly NodeRun[]} runs @returns {Pick<NodeRun, 'run' | 'progress' | 'seconds'>} */
const stateOf = (runs) => {
  const told = runs.filter(({ run }) => run !== undefined)
  const has = new Set(told.map(({ run }) => run))
  const ended = told.filter(({ run }) => run === 'done' || run === 'cached' || run === 'failed' || run === 'skipped').length
  const started = has.has('running') || (ended > 0 && has.has('waiting'))
  return {
    run: started ? 'running' : STRONGEST.find((state) => has.has(state)),
    progress: started ? { done: ended, total: told.length } : undefined,
    seconds: has.has('done') && !started ? total(told.map(({ seconds }) => seconds)) : undefined,
  }
}

/** @param {readonly (number | undefined)[]} numbers */
const total = (numbers) => {
  const known = numbers.filter((number) => number !== undefined)
  return known.length ? known.reduce((sum, number) => sum + number, 0) : undefined
}

/** @param {NodeRun} run @returns {NodeRun} */
const defined = (run) => Object.fromEntries(Object.entries(run).filter(([, value]) => value !== undefined))
