// Commands about how the graph is drawn and where the eye is: portals, views, what is selected along the wires.

import { togglePortals } from '../document/portals.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {[string, string, string, () => unknown, (() => boolean)?][]} Rows */

/** @param {App} app @returns {Rows} */
export const canvasCommands = (app) => [
  ...portalCommands(app),
]

/** @param {App} app @returns {Rows} */
const portalCommands = ({ store, selection, editor }) => {
  const one = () => selection.links.size === 1 && editor.isPortal([...selection.links][0] ?? '')
  /** The selected wires, else all that the selected nodes give. */
  const links = () => (selection.links.size ? [...selection.links] : [...selection.nodes].flatMap((id) => store.linksFrom(id).map((link) => link.id)))
  return [
    ['portal', 'Draw wires as portals, or as wires again', 'Shift+W', () => togglePortals(store, links()), () => links().length > 0],
    ['name_portal', 'Name the portal', '', () => editor.editTitle([...selection.links][0] ?? ''), one],
  ]
}
