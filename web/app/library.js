// What the search offers besides node types: notes, frames and reroutes, empty sub-graphs and zones, those kept on the server, and templates.

import { copyText } from '../document/clipboard.js'
import { nameOf } from '../document/definitions.js'
import { Store } from '../document/store.js'
import { documentCatalog, KINDS } from '../document/subgraphs.js'
import { emptySubgraph } from '../document/unpack_subgraph.js'
import { FORMAT } from '../document/workflow_format.js'
import { element } from '../panels/element.js'
import { pick } from '../panels/picker.js'
import { rankByLabel } from '../panels/search.js'
import { toast } from '../panels/toasts.js'
import { deleteSubgraph, fetchSubgraphs, fetchTemplates, saveSubgraph } from '../run/api.js'
import { DRAWN } from './annotating.js'
import { TEMPLATE } from './inserting.js'
import { serverName } from './keeping.js'
import { complain } from './opening.js'
import { selectedInstance } from './subgraphs.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../document/catalog.js').Catalog} Catalog */
/** @typedef {import('../document/catalog.js').NodeType} NodeType */
/** @typedef {import('../document/subgraph_format.js').SubgraphKind} SubgraphKind */

const KEPT = '@kept '

/** @type {readonly NodeType[]} */
const EMPTY = /** @type {[SubgraphKind, typeof KINDS.graph][]} */ (Object.entries(KINDS)).map(([kind, { title, sentence }]) => ({
  id: `@new ${kind}`, title: kind === 'graph' ? 'Empty sub-graph' : `${title} (zone)`, category: kind === 'graph' ? 'sub-graphs' : `zones/${kind}`,
  help: `${sentence}.`, inputs: [], outputs: [], search: ['zone', 'loop', 'subgraph', 'group', kind], document: emptySubgraph(kind),
}))

/** @type {readonly NodeType[]} */
let kept = []
/** @type {readonly NodeType[]} */
let templates = []

/** What else can be added now. @returns {readonly NodeType[]} */
export const offeredTypes = () => [...DRAWN, ...EMPTY, ...kept, ...templates]

/** Asks the server anew; what it does not answer is not offered. @param {App} app */
export const readLibrary = async (app) => {
  const [subgraphs, listed] = await Promise.all([fetchSubgraphs(), fetchTemplates()])
  kept = subgraphs.flatMap(({ name, workflow }) => {
    const type = typeIn(workflow, app.catalog)
    return type ? [{ ...type, id: KEPT + name, category: `${type.category}/kept on the server`, document: workflow }] : []
  })
  templates = listed.map(({ name, title, description = '' }) => ({
    id: TEMPLATE + name, title: `Insert ${title ?? name}`, category: 'templates', help: description || 'All nodes of the workflow, beside those that are here.', inputs: [], outputs: [], search: ['template', 'snippet', 'workflow'],
  }))
}

/** The type of a kept document's only node. @param {import('../document/workflow_format.js').WorkflowDocument} workflow @param {Catalog} catalog */
const typeIn = (workflow, catalog) => {
  try {
    const store = new Store(workflow)
    store.setRenames(catalog.renames)
    return documentCatalog(catalog, store).nodes.get(store.nodes()[0]?.type ?? '')
  } catch {
    return undefined // Written by hand or by a later version: nothing to offer.
  }
}

/** Keeps the selected instance with its sub-graph, as a node for every workflow. @param {App} app */
export const publishSelected = async (app) => {
  const found = selectedInstance(app)
  if (!found) return
  const { record, id } = found
  const { nodes: [node], ...rest } = JSON.parse(copyText(app.store, [id]))
  const { incoming: _, ...document } = rest
  const { title: __, position: ___, ...plain } = node
  try {
    const before = kept.find((type) => nameIn(type) === serverName(nameOf(record)))?.document
    const { name } = await saveSubgraph(serverName(nameOf(record)), { ...document, format: FORMAT, title: nameOf(record), nodes: [{ ...plain, inputs: {}, position: [0, 0] }] })
    await readLibrary(app)
    toast(`${name} is a node for every workflow now`, { actions: [{ label: 'Undo', run: () => void (before ? bringBack(app, name, before) : forget(app, name)) }] })
  } catch (error) {
    complain('The sub-graph was not kept', error)
  }
}

/** Asks which of the kept ones shall go; those in workflows stay. @param {App} app */
export const removeKept = async (app) => {
  const chosen = await pick({
    label: 'Remove a sub-graph from the server', find: (query) => rankByLabel(kept.map((type) => ({ type, label: type.title })), query),
    row: ({ type }) => element('span', { class: 'search-row' }, element('span', { class: 'search-title', translate: 'no' }, nameIn(type)), element('span', { class: 'search-category' }, type.help ?? '')),
  })
  if (chosen) await forget(app, nameIn(chosen.type))
}

/** Whether there are any to remove. */
export const keepsAny = () => kept.length > 0

/** @param {NodeType} type */
const nameIn = ({ id }) => id.slice(KEPT.length)

/** @param {App} app @param {string} name @param {import('../document/workflow_format.js').WorkflowDocument} document */
const bringBack = (app, name, document) =>
  saveSubgraph(name, document).then(() => readLibrary(app)).catch((error) => complain('It did not come back', error))

/** @param {App} app @param {string} name */
const forget = async (app, name) => {
  const document = kept.find((type) => nameIn(type) === name)?.document
  try {
    await deleteSubgraph(name)
    await readLibrary(app)
    toast(`${name} is no longer on the server`, { actions: document ? [{ label: 'Undo', run: () => void bringBack(app, name, document) }] : [] })
  } catch (error) {
    complain(`${name} was not removed`, error)
  }
}
