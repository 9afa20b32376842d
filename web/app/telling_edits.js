// What edits did, for who does not see it: said once they rest, and not while somebody types, whose field speaks for itself.

import { announce } from '../panels/toasts.js'

/** @typedef {import('../document/catalog.js').Catalog} Catalog */
/** @typedef {import('../document/store.js').Store} Store */
/** @typedef {import('../document/store.js').StoreEvent} StoreEvent */
/** @typedef {import('../document/workflow_format.js').LinkRecord} LinkRecord */
/** @typedef {import('../document/workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {{kind: string, label: string, nodes: Map<string, NodeRecord>, links: Map<string, LinkRecord>}} Told */

const QUIET_MS = 250
/** Before the label; what is not here is no edit. */
const HEADS = new Map(Object.entries({ edit: '', undo: 'Undo', redo: 'Redo' }))
const TYPED = 'input, textarea, select'

/** Edits of one name that follow each other are told as one. @param {Told | null} former @param {StoreEvent} event @returns {Told} */
export const gathered = (former, { kind, label, changes }) => {
  const told = former?.kind === kind && former.label === label ? former : { kind, label, nodes: new Map(), links: new Map() }
  for (const { table, id, before, after } of changes) {
    if (table === 'nodes') told.nodes.set(id, /** @type {NodeRecord} */ (after ?? before))
    if (table === 'links') told.links.set(id, /** @type {LinkRecord} */ (after ?? before))
  }
  return told
}

/** `Delete: KSampler`, `Undo: Move: 3 nodes`, `Connect: Load Checkpoint → KSampler`. @param {Told} told @param {Store} store @param {Catalog} catalog */
export const wordsOf = ({ kind, label, nodes, links }, store, catalog) => {
  const name = (/** @type {NodeRecord | undefined} */ node) => node?.title || catalog.nodes.get(node?.type ?? '')?.title || node?.type || ''
  const [link] = links.values()
  const ends = link && links.size === 1 ? [link.from[0], link.to[0]].map((id) => name(store.node(id))).filter(Boolean).join(' → ') : ''
  const [node] = nodes.values()
  const what = nodes.size > 1 ? `${nodes.size} nodes` : node ? name(node) : ends
  return [HEADS.get(kind), label, label.includes(what) ? '' : what].filter(Boolean).join(': ')
}

/** @param {{store: Store, catalog: Catalog, selection: import('../document/selection.js').Selection}} app */
export const tellEdits = (app) => {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  /** @type {Told | null} */
  let told = null
  const later = () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      const { size } = app.selection.nodes
      if (!document.activeElement?.matches(TYPED)) {
        if (told) announce(wordsOf(told, app.store, app.catalog))
        else if (size > 1) announce(`${size} nodes are selected`)
      }
      told = null
    }, QUIET_MS)
  }
  app.store.subscribe((event) => {
    if (!HEADS.has(event.kind) || !event.changes.length) return
    told = gathered(told, event)
    later()
  })
  app.selection.subscribe(later)
}
