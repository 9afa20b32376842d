// One list for everything that has a name: commands first, then nodes, open workflows, templates and model files.

import { everyNode } from '../document/addresses.js'
import { definitionsWithUses, nameOf } from '../document/definitions.js'
import { addNode } from '../document/edits.js'
import { LOADERS } from '../kernels/model_kind.js'
import { withHash } from '../kernels/hashes.js'
import { element } from '../panels/element.js'
import { pick } from '../panels/picker.js'
import { rankByLabel } from '../panels/search.js'
import { fetchTemplates } from '../run/api.js'
import { readHashes } from './choices.js'
import { openTemplate } from './opening.js'
import { describe } from './shortcuts.js'
import { enterSubgraph, showAddress } from './subgraphs.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('./commands.js').Command} Command */
/** @typedef {{label: string, kind: string, own?: boolean, key?: string, file?: [string, string], run: () => unknown}} Entry own: a name that no language changes; file: a model's folder and name */

/** Commands that lead nowhere from here. */
const LEFT_OUT = new Set(['palette', 'escape'])

/** @param {readonly Command[]} commands @returns {Entry[]} */
const commandEntries = (commands) => commands.filter((command) => !LEFT_OUT.has(command.id) && command.enabled())
  .map((command) => ({ label: command.label, kind: '', key: command.keys[0], run: () => command.run() }))

/** @param {App} app @returns {Entry[]} */
const nodeEntries = (app) => everyNode(app.store).map(({ address, node, place }) => ({
  label: node.title || app.catalog.nodes.get(node.type)?.title || node.type, kind: place ? `Node in ${place}` : 'Node', own: Boolean(node.title),
  run: () => showAddress(app, address),
}))

/** @param {App} app @returns {Entry[]} */
const subgraphEntries = (app) => definitionsWithUses(app.store).map(({ record, uses }) =>
  ({ label: nameOf(record), kind: uses ? 'Sub-graph' : 'Sub-graph, not used', own: true, run: () => enterSubgraph(app, record.id) }))

/** @param {App} app @returns {Entry[]} */
const tabEntries = ({ tabs }) => tabs.list.flatMap(({ title }, index) => (index === tabs.active ? [] : [{ label: title, kind: 'Open workflow', own: true, run: () => tabs.switchTo(index) }]))

const USUAL = LOADERS.map(([loader]) => loader)

/** A file's loader is added with it, the usual ones before those that take the same files for something rare. @param {App} app @returns {Entry[]} */
const modelEntries = ({ store, catalog, selection, editor }) => [...catalog.nodes.values()].toSorted((a, b) => Number(USUAL.includes(b.id)) - Number(USUAL.includes(a.id))).flatMap((type) => type.inputs.flatMap(({ name, widget }) =>
  (widget?.kind === 'file' && !widget.upload ? widget.choices ?? [] : []).map((choice) => ({
    label: String(choice), kind: type.title, own: true, file: [widget?.folder ?? '', String(choice)],
    run: () => selection.set({ nodes: [addNode(store, catalog, { type: type.id, position: editor.pointer, inputs: { [name]: choice } })] }),
  }))))

/** @param {App} app @returns {Promise<Entry[]>} */
const templateEntries = async (app) => (await fetchTemplates().catch(() => []))
  .map(({ name, title, saved = false }) => ({ label: title ?? name, kind: saved ? 'On the server' : 'Template', own: saved, run: () => openTemplate(app, name, saved) }))

/** @param {App} app @param {readonly Command[]} commands */
export const openPalette = async (app, commands) => {
  const orders = commandEntries(commands)
  const places = [...nodeEntries(app), ...subgraphEntries(app), ...tabEntries(app), ...modelEntries(app)]
  let hashOf = (/** @type {string} */ _folder, /** @type {string} */ _name) => /** @type {string | undefined} */ (undefined)
  void templateEntries(app).then((entries) => places.push(...entries)) // They are there before anything is typed.
  void readHashes().then((read) => (hashOf = read))
  const byHash = (/** @type {string} */ query) => withHash(places, query, ({ file }) => file && hashOf(...file))
  const chosen = await pick({
    label: 'Search commands, nodes, workflows and models',
    find: (query) => (query.trim() ? [...new Set([...byHash(query), ...rankByLabel(orders, query), ...rankByLabel(places, query)])] : orders),
    row: ({ label, kind, own, key }) => element('span', { class: 'search-row' }, element('span', { class: 'search-title', translate: own && 'no' }, label),
      key ? element('kbd', {}, describe(key)) : element('span', { class: 'search-category' }, kind)),
  })
  await chosen?.run()
}
