// Setting values and wires of a node from lists: what hands do on the canvas, for keys alone.

import { numberText } from '../kernels/numbers.js'
import { feeds } from '../kernels/matching.js'
import { reachable } from '../kernels/graph_walk.js'
import { valueOf } from '../document/catalog.js'
import { inputsNow } from '../document/dynamic_inputs.js'
import { connect, disconnect } from '../document/edits.js'
import { saidValue } from '../document/said.js'
import { element } from '../panels/element.js'
import { pick } from '../panels/picker.js'
import { rankByLabel } from '../panels/search.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../document/workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {{label: string, said: string, run: () => void}} Entry */

/** @param {Entry} entry */
const row = ({ label, said }) =>
  element('span', { class: 'search-row' }, element('span', { class: 'search-title' }, label), element('span', { class: 'search-category found-value' }, said))

/** @param {App} app @param {NodeRecord} node */
const titleOf = ({ catalog }, node) => node.title || catalog.nodes.get(node.type)?.title || node.type

/** @param {App} app @param {string} label @param {readonly Entry[]} entries */
const choose = async ({ selection, editor }, label, entries) => {
  const at = editor.bounds([...selection.nodes][0] ?? '')
  const found = await pick({ label, row, find: (query) => rankByLabel(entries, query), client: at ? editor.toClient(at.x, at.y) : undefined })
  found?.run()
}

/** Chooses one of the node's values and opens its editor. @param {App} app */
export const editByList = async (app) => {
  const { store, editor, catalog, selection } = app
  const node = store.node([...selection.nodes][0] ?? '')
  if (!node) return
  const inputs = inputsNow(catalog, store, node).filter(({ name, widget }) => widget && !store.linksTo(node.id, name).length)
  const said = (/** @type {typeof inputs[number]} */ input) => {
    const value = valueOf(node, input)
    return input.widget && typeof value === 'number' ? numberText(input.widget, value) : saidValue(value)
  }
  const entries = inputs.map((input) => ({ label: input.label ?? input.name.replaceAll('_', ' '), said: said(input), run: () => void editor.editWidget(node.id, input.name) }))
  const [only] = entries
  if (entries.length === 1) only?.run()
  else if (entries.length) await choose(app, `Values of ${titleOf(app, node)}`, entries)
}

/** Every wire that the node could have, and those that it has. @param {App} app */
export const connectByList = async (app) => {
  const node = app.store.node([...app.selection.nodes][0] ?? '')
  if (node) await choose(app, `Connect ${titleOf(app, node)}`, [...given(app, node), ...taken(app, node), ...present(app, node)])
}

/** What its outputs could feed. @param {App} app @param {NodeRecord} node @returns {Entry[]} */
const given = (app, node) => {
  const barred = reachable(node.id, 'up', (id) => app.store.linksTo(id))
  return app.store.nodes().filter(({ id }) => !barred.has(id)).flatMap((target) => wires(app, node, target).map(({ output, input }) => ({
    label: `${output} → ${titleOf(app, target)} · ${input.replaceAll('_', ' ')}`, said: app.store.linksTo(target.id, input).length ? 'instead of its wire' : '',
    run: () => void connect(app.store, app.catalog, { from: [node.id, output], to: [target.id, input] }),
  })))
}

/** What could feed its inputs. @param {App} app @param {NodeRecord} node @returns {Entry[]} */
const taken = (app, node) => {
  const barred = reachable(node.id, 'down', (id) => app.store.linksFrom(id))
  return app.store.nodes().filter(({ id }) => !barred.has(id)).flatMap((source) => wires(app, source, node).map(({ output, input }) => ({
    label: `${input.replaceAll('_', ' ')} ← ${titleOf(app, source)} · ${output}`, said: app.store.linksTo(node.id, input).length ? 'instead of its wire' : '',
    run: () => void connect(app.store, app.catalog, { from: [source.id, output], to: [node.id, input] }),
  })))
}

/** Pairs of sockets that fit and are not linked with each other. @param {App} app @param {NodeRecord} source @param {NodeRecord} target */
const wires = ({ store, catalog }, source, target) =>
  (catalog.nodes.get(source.type)?.outputs ?? []).flatMap((output) => inputsNow(catalog, store, target)
    .filter((input) => feeds(catalog, output, input) && !store.linksTo(target.id, input.name).some(({ from }) => from[0] === source.id && from[1] === output.name))
    .map((input) => ({ output: output.name, input: input.name })))

/** @param {App} app @param {NodeRecord} node @returns {Entry[]} */
const present = (app, node) => {
  const name = (/** @type {string} */ id) => titleOf(app, app.store.node(id) ?? { id, type: id })
  return [...app.store.linksTo(node.id), ...app.store.linksFrom(node.id)].map((link) => ({
    label: `Disconnect ${name(link.from[0])} · ${link.from[1]} from ${name(link.to[0])} · ${link.to[1].replaceAll('_', ' ')}`, said: '',
    run: () => disconnect(app.store, link.id),
  }))
}
