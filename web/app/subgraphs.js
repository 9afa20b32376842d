// Sub-graphs on screen: where one is, the way back, and the way to what a Problem names.

import { addressOf, locate, pathInto } from '../document/addresses.js'
import { inputType } from '../document/catalog.js'
import { definitionOf, deleteUnused, nameOf, wouldRecur } from '../document/definitions.js'
import { addNode } from '../document/edits.js'
import { unfoldOver } from '../document/folding.js'
import * as signature from '../document/signature.js'
import { isEnd } from '../document/subgraph_format.js'
import { KINDS, kindOf } from '../document/subgraphs.js'
import { mountBreadcrumb } from '../panels/breadcrumb.js'
import { byId } from '../panels/element.js'
import { createSignature } from '../panels/signature.js'
import { announce } from '../panels/toasts.js'
import { turnsOf } from '../run/turns.js'
import { ownRuns } from './app.js'

/** @typedef {import('./app.js').App} App */

/** The only selected node, where it is an instance of something. @param {App} app */
export const selectedInstance = ({ store, selection }) => {
  const [id = ''] = selection.nodes.size === 1 ? selection.nodes : []
  const record = store.subgraph(definitionOf(store.node(id)?.type) ?? '')
  return record ? { id, record } : null
}

/** @param {App} app */
export const leave = ({ store, selection }) => {
  const node = store.path.at(-1)?.node
  if (!store.leave()) return false
  if (node && store.node(node)) selection.set({ nodes: [node] })
  return true
}

/** Shows what is in a sub-graph, where it is used or by itself. @param {App} app @param {string} id */
export const enterSubgraph = ({ store, selection }, id) => {
  store.goInto(pathInto(store, id))
  selection.clear()
}

/** What the outline does with the document's sub-graphs. @param {App} app @returns {import('../panels/outline_subgraphs.js').SubgraphActions} */
export const subgraphActions = (app) => {
  const { store, selection, editor } = app
  return {
    enter: (id) => enterSubgraph(app, id),
    canAdd: (id) => !wouldRecur(store, store.current, id),
    add: (id) => selection.set({ nodes: [addNode(store, app.catalog, { type: `@${id}`, position: [...editor.pointer] })] }),
    remove: (id) => deleteUnused(store, [id]),
  }
}

/** Whether what is shown stands nowhere: it was entered by itself. @param {Pick<App, 'store'>} app */
const isUnused = ({ store: { path } }) => path[0]?.node === ''

/** Shows a node that a run, a plan or a Problem names, in the graph that it stands in. @param {App} app @param {string} address */
export const showAddress = ({ store, selection, editor }, address) => {
  const found = locate(store, address)
  if (!found) return
  store.goInto(found.path)
  unfoldOver(store, found.node)
  selection.set({ nodes: [found.node] })
  editor.frame([found.node])
}

/** What a run up to the selected nodes is asked for, by the names that it knows; an end stands for the instance. @param {App} app @returns {string[]} */
export const targetsOf = ({ store, editor }) => [...new Set(editor.held.map((id) =>
  (isEnd(id) ? addressOf(store.path.slice(0, -1), store.path.at(-1)?.node ?? '') : addressOf(store.path, id))))]

/** The titles of a node and of what it stands in. @param {App} app @param {string} address */
export const titleOfAddress = ({ store, catalog }, address) => {
  const found = locate(store, address)
  if (!found) return address
  const title = (/** @type {string} */ graph, /** @type {string} */ id) => {
    const node = store.graph(graph).node(id)
    return node?.title || catalog.nodes.get(node?.type ?? '')?.title || id
  }
  const way = found.path.map(({ node, graph }, depth) => (node ? title(found.path[depth - 1]?.graph ?? '', node) : nameOf(store.subgraph(graph) ?? { id: graph })))
  return [...way, title(found.graph, found.node)].join(' › ')
}

/** @param {App} app @param {string} address @returns {string} empty: there is no such node */
export const typeOfAddress = ({ store }, address) => {
  const found = locate(store, address)
  return (found && store.graph(found.graph).node(found.node)?.type) ?? ''
}

/** The title of what a difference of documents names: `@refine/scale` for a node in a sub-graph, `@refine` for that one. @param {Pick<App, 'store' | 'catalog'>} app @param {string} name */
export const titleOfStored = ({ store, catalog }, name) => {
  const [, graph = '', id] = /^@([^/]+)(?:\/(.+))?$/.exec(name) ?? []
  const place = nameOf(store.subgraph(graph) ?? { id: graph })
  if (graph && id === undefined) return place
  const node = store.graph(graph).node(id ?? name)
  const title = node?.title || catalog.nodes.get(node?.type ?? '')?.title || (id ?? name)
  return graph ? `${place} › ${title}` : title
}

/** @type {ReturnType<typeof createSignature> | null} */
let panel = null

/** @param {App} app @param {HTMLElement} [anchor] */
export const showSignature = (app, anchor) => {
  const id = selectedInstance(app)?.record.id ?? app.store.current
  panel ??= createSignature({ store: app.store, edits: signature, colour: (type) => app.catalog.types.get(type)?.colour ?? '', widget: (id, input) => inputType(app.catalog, `@${id}`, input)?.widget ?? null })
  const button = byId('canvas').querySelector('.breadcrumb:not([hidden]) [data-command="signature"]')
  panel.toggle(anchor ?? (button instanceof HTMLElement ? button : byId('bar')), id)
}

/** What the run calls the instance whose inside is shown. @param {App} app */
export const zoneHere = ({ store: { path } }) => addressOf(path.slice(0, -1), path.at(-1)?.node ?? '')

/** The turns of the zone that is shown, in the newest run. @param {App} app */
const turnsHere = (app) => {
  const run = app.store.path.length ? ownRuns(app).at(-1) : undefined
  return turnsOf(run, zoneHere(app))
}

/** The way from the root to what is shown, drawn over the canvas. @param {App} app @param {() => import('../panels/breadcrumb.js').ShownTurns['skip']} skipOf what leaves a turn out */
export const mountSubgraphs = (app, skipOf) => {
  const { store } = app
  const bar = mountBreadcrumb(byId('canvas'), {
    go: (depth) => {
      while (store.path.length > depth) leave(app)
    },
    edit: (anchor) => showSignature(app, anchor),
    choose: (turn) => {
      if (turn === null) app.turns.delete(zoneHere(app))
      else app.turns.set(zoneHere(app), turn)
      app.refresh()
      update()
    },
  })
  const update = () => bar.update([{ title: store.title, kind: null }, ...store.path.map(({ graph }) => {
    const record = store.subgraph(graph) ?? { id: graph }
    return { title: nameOf(record), kind: isUnused(app) ? 'Not used' : kindOf(record) === 'graph' ? null : KINDS[kindOf(record)].title }
  })], { known: turnsHere(app), chosen: app.turns.get(zoneHere(app)) ?? null, skip: skipOf() })
  store.subscribe(({ kind }) => {
    if (kind === 'load') app.turns.clear()
    if (kind !== 'view') update()
    if (kind === 'enter') announce(store.current ? `Inside ${nameOf(store.subgraph(store.current) ?? { id: store.current })}` : `Back in ${store.title}`)
  })
  app.session.subscribe((event) => store.path.length && event?.type !== 'StepProgress' && event?.type !== 'StepPreview' && update())
  update()
}
