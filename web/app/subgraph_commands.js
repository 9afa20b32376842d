// Commands that make, enter, unpack and keep sub-graphs and zones.

import { definitionOf, definitionsWithUses, deleteUnused } from '../document/definitions.js'
import { makeSubgraph, SubgraphError } from '../document/make_subgraph.js'
import { togglePeek } from '../document/peek.js'
import { describe } from '../document/signature.js'
import { KINDS } from '../document/subgraphs.js'
import { makeUnique, unpackSubgraph } from '../document/unpack_subgraph.js'
import { toast } from '../panels/toasts.js'
import { keepsAny, publishSelected, removeKept } from './library.js'
import { leave, selectedInstance, showSignature } from './subgraphs.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../document/subgraph_format.js').SubgraphKind} SubgraphKind */
/** @typedef {import('./commands.js').Rows} Rows */

/** Makes a sub-graph of the selection and asks for its name: one edit. @param {App} app @param {SubgraphKind} kind */
const make = (app, kind) => {
  const { store, selection, editor } = app
  store.begin(`Make a ${KINDS[kind].title.toLowerCase()}`)
  try {
    const id = makeSubgraph(store, app.catalog, { nodes: selection.nodes, annotations: selection.annotations }, { kind })
    selection.set({ nodes: [id] })
    editor.editTitle(id, () => nameMade(app, id))
  } catch (error) {
    store.cancel()
    if (!(error instanceof SubgraphError)) throw error
    toast(error.message)
  }
}

/** What was typed names the sub-graph, not only this instance of it. @param {App} app @param {string} id */
const nameMade = ({ store }, id) => {
  const node = store.node(id)
  const title = node?.title
  if (node && title) {
    const { title: _, ...rest } = node
    store.edit('Rename', (tx) => tx.put('nodes', rest))
    describe(store, definitionOf(node.type) ?? '', { title })
  }
  store.commit()
}

/** @param {App} app @returns {Rows} */
export const subgraphCommands = (app) => {
  const { store, selection } = app
  const some = () => selection.nodes.size > 0
  const one = () => selectedInstance(app) !== null
  const unused = () => definitionsWithUses(store).flatMap(({ record, uses }) => (uses ? [] : [record.id]))
  const instances = () => [...selection.nodes].filter((id) => definitionOf(store.node(id)?.type) !== null)
  return [
    ['subgraph', 'Make a sub-graph of the selected nodes', 'Mod+G', () => make(app, 'graph'), some],
    ['zone_repeat', 'Make a zone that repeats', '', () => make(app, 'repeat'), some],
    ['zone_map', 'Make a zone that runs for each item', '', () => make(app, 'map'), some],
    ['zone_while', 'Make a zone that runs while', '', () => make(app, 'while'), some],
    ['zone_if', 'Make a zone that runs if', '', () => make(app, 'if'), some],
    ['unpack', 'Unpack the sub-graph', 'Mod+Shift+G', () => selection.set({ nodes: store.edit('Unpack', () => instances().flatMap((id) => unpackSubgraph(store, id))) }), () => instances().length > 0],
    ['enter_subgraph', 'Enter the sub-graph', 'E', () => store.enter([...selection.nodes][0] ?? ''), one],
    ['leave_subgraph', 'Leave the sub-graph', 'Shift+E', () => leave(app), () => store.path.length > 0],
    ['open_subgraph', 'Show what is inside, or hide it', 'Alt+E', () => togglePeek(store, app.catalog, selection.nodes), () => instances().length > 0],
    ['signature', 'Inputs and outputs of the sub-graph', 'Shift+I', (anchor) => showSignature(app, anchor), () => one() || store.current !== ''],
    ['make_unique', 'Make the sub-graph unique', '', () => void makeUnique(store, [...selection.nodes][0] ?? ''), one],
    ['delete_unused', 'Delete sub-graphs that no node uses', '', () => deleteUnused(store, unused()), () => unused().length > 0],
    ['publish', 'Keep the sub-graph on the server', '', () => publishSelected(app), one],
    ['remove_kept', 'Remove a sub-graph from the server', '', () => removeKept(app), keepsAny],
  ]
}
