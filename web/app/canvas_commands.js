// Commands about how the graph is drawn and where the eye is: what is connected, portals, pins, compact nodes, kept views.

import { arePinned, setCompact, setPinned } from '../document/drawing.js'
import { arePortals, togglePortals } from '../document/portals.js'
import { connected } from '../kernels/graph_walk.js'
import { goToView, keepView, VIEW_KEYS } from './views.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('./commands.js').Rows} Rows */

/** @param {App} app @returns {Rows} */
export const canvasCommands = (app) => [
  ...selectCommands(app),
  ...drawCommands(app),
  ...portalCommands(app),
  ...viewCommands(app),
]

/** @param {App} app @returns {Rows} */
const selectCommands = ({ store, selection }) => {
  const edges = (/** @type {string} */ id) => [...store.linksTo(id), ...store.linksFrom(id)]
  return [
    ['select_connected', 'Select all that is connected', 'Shift+C', () => selection.set({ nodes: connected(selection.nodes, edges) }), () => selection.nodes.size > 0],
  ]
}

/** @param {App} app @returns {Rows} */
const drawCommands = ({ store, selection, editor }) => {
  const nodes = () => [...selection.nodes].flatMap((id) => store.node(id) ?? [])
  return [
    ['menu', 'Menu of what is selected', 'Shift+F10 ContextMenu', () => editor.openMenu()],
    ['pin', 'Pin in place, or let go', 'Alt+P', () => setPinned(store, selection, !arePinned(store, selection)), () => selection.nodes.size + selection.annotations.size > 0],
    ['compact', 'Hide what the node does not use, or show it', 'Mod+H',
      () => setCompact(store, selection.nodes, !nodes().every(({ compact }) => compact)), () => selection.nodes.size > 0],
  ]
}

/** @param {App} app @returns {Rows} */
const portalCommands = ({ store, selection, editor }) => {
  const one = () => selection.links.size === 1 && arePortals(store, selection.links)
  /** The selected wires, else all that the selected nodes give. */
  const links = () => (selection.links.size ? [...selection.links] : [...selection.nodes].flatMap((id) => store.linksFrom(id).map((link) => link.id)))
  return [
    ['portal', 'Draw wires as portals, or as wires again', 'Shift+W', () => togglePortals(store, links()), () => links().length > 0],
    ['name_portal', 'Name the portal', '', () => editor.editTitle([...selection.links][0] ?? ''), one],
  ]
}

/** @param {App} app @returns {Rows} */
const viewCommands = (app) => VIEW_KEYS.flatMap((key) => /** @type {Rows} */ ([
  [`view_${key}`, `Go to view ${key}, or keep this one as it`, `Shift+${key}`, () => goToView(app, key)],
  [`keep_view_${key}`, `Keep this view as ${key}`, `Alt+Shift+${key}`, () => keepView(app, key)],
]))
