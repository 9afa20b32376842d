// Commands about the values of all nodes: replacing one everywhere, and two sets that are compared.

import { nameOf } from '../document/definitions.js'
import { saidValue } from '../document/said.js'
import { knownValues, replacements, replaceValues } from '../document/replacing.js'
import { takeDocumentValues } from '../document/values.js'
import { openReplace } from '../panels/replace.js'
import { announce, toast } from '../panels/toasts.js'
import { undoButton } from './undoing.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../document/replacing.js').Replacement} Replacement */
/** @typedef {import('../document/workflow_format.js').WorkflowDocument} WorkflowDocument */

/** @param {App} app @returns {import('./commands.js').Rows} */
export const valueCommands = (app) => [
  ['replace', 'Replace a value everywhere', 'Mod+Shift+F', () => replaceEverywhere(app)],
  ['other_values', 'Other set of values: A or B', 'Y', () => switchValues(app), () => app.store.nodes().length > 0],
]

/** @param {App} app */
const replaceEverywhere = (app) => {
  const { store, catalog } = app
  /** @type {Replacement[]} */
  let found = []
  const titleOf = (/** @type {Replacement} */ { graph, node: id }) => {
    const node = store.graph(graph).node(id)
    const title = node?.title || catalog.nodes.get(node?.type ?? '')?.title || id
    return graph ? `${nameOf(store.subgraph(graph) ?? { id: graph })} › ${title}` : title
  }
  const graphs = ['', ...store.subgraphs().map(({ id }) => id)]
  openReplace({
    known: knownValues(graphs.flatMap((graph) => store.graph(graph).nodes()), catalog),
    find: (asked) => {
      found = graphs.flatMap((graph) => replacements(store.graph(graph).nodes(), catalog, asked, graph))
      return found.map((each) => ({ title: titleOf(each), input: each.input.replaceAll('_', ' '), before: saidValue(each.before), after: saidValue(each.after), fits: each.fits }))
    },
    replace: (places) => {
      replaceValues(store, places.flatMap((place) => found[place] ?? []))
      toast(`${places.length} ${places.length === 1 ? 'value' : 'values'} replaced`, { actions: [undoButton(store)] })
    },
  })
}

/** The set that is not shown, by document. @type {Map<string, {shown: 'A' | 'B', other: WorkflowDocument}>} */
const sets = new Map()

/** Keeps what is shown and brings the other set; the first time there is none yet: changes from now on are B. @param {App} app */
const switchValues = ({ store, documentId }) => {
  const now = store.toJSON()
  const known = sets.get(documentId)
  if (!known) {
    sets.set(documentId, { shown: 'B', other: now })
    toast('These values are kept as A. Change some: the same command switches between A and B')
    return
  }
  const shown = known.shown === 'A' ? 'B' : 'A'
  const count = takeDocumentValues(store, known.other)
  sets.set(documentId, { shown, other: now })
  toast(count ? `Values ${shown}: ${count} differ` : `Values ${shown}: they are the same`)
  announce(`Values ${shown}`)
}
