// Commands about nodes, frames and notes: adding them, what they are and do, their wires, and their places.

import { COLOURS } from '../canvas/theme.js'
import { addressOf } from '../document/addresses.js'
import { setColour } from '../document/annotations.js'
import { addNode, placeNodes, setCollapsed, setMode } from '../document/edits.js'
import { straighten, viaOf } from '../document/reroutes.js'
import { pullOut, swapInputs } from '../document/rewiring.js'
import { aligned, distributed } from '../kernels/align.js'
import { element } from '../panels/element.js'
import { pick } from '../panels/picker.js'
import { rankByLabel, searchNodeType } from '../panels/search.js'
import { toast } from '../panels/toasts.js'
import { aboutNode } from './about.js'
import { frameSelection, reroute, writeNote } from './annotating.js'
import { connectByList, editByList } from './by_list.js'
import { insertTemplate } from './inserting.js'
import { writingLate } from './late.js'
import { editMask, selectedMaskable } from './masking.js'
import { editFrame, selectedFramable } from './outpainting.js'
import { editSelectedLarge, selectedText } from './prompting.js'
import { changeSettings, rememberUse, settings } from './settings.js'
import { editSketch } from './sketching.js'
import { followWires, nudge, walk } from './walking.js'
import { addAfter, changeType, connectSelected } from './wiring.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('./commands.js').Rows} Rows */

/** @param {App} app @returns {Rows} */
export const nodeCommands = (app) => {
  const { store, selection, editor } = app
  const some = () => selection.nodes.size > 0
  const one = () => selection.nodes.size === 1
  const nodes = () => [...selection.nodes].flatMap((id) => store.node(id) ?? [])
  const toggleMode = (/** @type {'muted' | 'bypassed'} */ mode) => () =>
    setMode(store, editor.held, editor.held.every((id) => store.node(id)?.mode === mode) ? 'active' : mode)
  const held = () => editor.held.length > 0
  return [
    ['add', 'Add a node', 'Shift+A', () => addBySearch(app)],
    ['rename_node', 'Rename, or edit the note', 'F2', () => editor.editTitle([...selection.nodes, ...selection.annotations][0] ?? ''),
      () => selection.nodes.size + selection.annotations.size === 1],
    ['about', 'About this node', 'F1', () => aboutNode(app), one],
    ['peek', 'Look at what it made', 'I', () => peekSelected(app), one],
    ['mute', 'Mute', 'M', toggleMode('muted'), held],
    ['bypass', 'Bypass', 'B', toggleMode('bypassed'), held],
    ['mask', 'Paint a mask', 'P', () => editMask(app, selectedMaskable(app)?.node.id), () => selectedMaskable(app) !== null],
    ['sketch', 'Draw a sketch', 'D', () => editSketch(app), () => selection.nodes.size === 0 || selectedMaskable(app) !== null],
    ['outpaint_frame', 'Set the frame of outpainting', 'Shift+O', () => editFrame(app, selectedFramable(app)?.node.id), () => selectedFramable(app) !== null],
    ['add_after', 'Add after the selected node', 'A', () => (one() ? addAfter(app) : addBySearch(app))],
    ['swap_type', 'Change the type', 'Shift+S', () => changeType(app), one],
    ['edit_value', 'Edit a value of the node', 'Enter', () => editByList(app), one],
    ['edit_large', 'Edit the text large', 'Mod+E', () => editSelectedLarge(app), () => selectedText(app) !== null],
    ['connect', 'Connect the node by a list', 'K', () => connectByList(app), one],
    ['connect_row', 'Connect the selected nodes in a row', 'F', () => connectSelected(app), () => selection.nodes.size > 1],
    ['swap_inputs', 'Swap two inputs', 'Alt+S', () => swapInputs(store, app.catalog, [...selection.nodes][0] ?? ''), one],
    ['pull_out', 'Pull out of its wires', 'Shift+X', () => pullOut(store, app.catalog, selection.nodes), some],
    ['collapse', 'Collapse', 'H', () => {
      if (selection.nodes.size) setCollapsed(store, selection.nodes, !nodes().every((node) => node.collapsed))
      else editor.toggleFold(selection.annotations)
    }, () => selection.nodes.size + selection.annotations.size > 0],
    ['add_frame', 'Frame the selected nodes', 'Shift+G', () => frameSelection(app, editor.pointer)],
    ['add_note', 'Add a note', 'N', () => writeNote(app, editor.pointer)],
    ['colour', 'Colour', 'C', () => chooseColour(app), () => selection.nodes.size + selection.annotations.size > 0],
    ...alignCommands(app),
    ...linkCommands(app),
    ...moveCommands(app),
    ['arrange', 'Arrange', 'L', () => editor.arrange(selection.nodes.size > 1 ? [...selection.nodes] : undefined)],
  ]
}

/** Beside the node, at its best output. @param {App} app */
const peekSelected = ({ store, selection, editor, looking }) => {
  const [id = ''] = selection.nodes
  const bounds = editor.bounds(id)
  if (bounds) looking.peek(addressOf(store.path, id), undefined, editor.toClient(bounds.x + bounds.width + 12, bounds.y))
}

/** @param {App} app @returns {Rows} */
const linkCommands = (app) => {
  const { store, selection, editor, refresh } = app
  const some = () => selection.links.size > 0
  return [
    ['reroute', 'Add a reroute', '', () => reroute(app, editor.pointer), some],
    ['straighten', 'Remove the reroutes', '', () => straighten(store, selection.links), () => [...selection.links].some((id) => viaOf(store.link(id) ?? { id, from: ['', ''], to: ['', ''] }).length)],
    ['link_style', 'Draw wires otherwise: curved, stepped, straight, hidden', 'Shift+L', () => {
      const next = LINK_STYLES[(LINK_STYLES.indexOf(settings.linkStyle) + 1) % LINK_STYLES.length] ?? 'curved'
      changeSettings({ linkStyle: next })
      editor.setLinkStyle(next)
      refresh()
      toast(LINK_STYLE_WORDS[next])
    }],
  ]
}

/** @param {App} app @returns {Rows} */
const moveCommands = (app) => {
  const framed = () => app.selection.annotations.size > 0
  const some = () => app.selection.nodes.size > 0 || framed()
  return [
    ['walk_left', 'Go to what feeds this', 'ArrowLeft', () => walk(app, 'Left')],
    ['walk_right', 'Go to what this feeds', 'ArrowRight', () => walk(app, 'Right')],
    ['walk_up', 'Go to the node above', 'ArrowUp', () => walk(app, 'Up')],
    ['walk_down', 'Go to the node below', 'ArrowDown', () => walk(app, 'Down')],
    ['follow_wires', 'Follow the wires of the node, one after another', 'J', () => followWires(app), () => app.selection.nodes.size === 1 || app.selection.links.size === 1],
    ['nudge_left', 'Move a step left', 'Mod+ArrowLeft', () => nudge(app, 'Left'), some],
    ['nudge_right', 'Move a step right', 'Mod+ArrowRight', () => nudge(app, 'Right'), some],
    ['nudge_up', 'Move a step up', 'Mod+ArrowUp', () => nudge(app, 'Up'), some],
    ['nudge_down', 'Move a step down', 'Mod+ArrowDown', () => nudge(app, 'Down'), some],
    ['nudge_alone_left', 'Move a frame alone left', 'Mod+Shift+ArrowLeft', () => nudge(app, 'Left', { alone: true }), framed],
    ['nudge_alone_right', 'Move a frame alone right', 'Mod+Shift+ArrowRight', () => nudge(app, 'Right', { alone: true }), framed],
    ['nudge_alone_up', 'Move a frame alone up', 'Mod+Shift+ArrowUp', () => nudge(app, 'Up', { alone: true }), framed],
    ['nudge_alone_down', 'Move a frame alone down', 'Mod+Shift+ArrowDown', () => nudge(app, 'Down', { alone: true }), framed],
  ]
}

const LINK_STYLE_WORDS = { curved: 'Wires are curved', stepped: 'Wires run level and upright', straight: 'Wires are straight', hidden: 'Only the selected nodes\' wires are drawn' }
const LINK_STYLES = /** @type {import('../kernels/routes.js').LinkStyle[]} */ (Object.keys(LINK_STYLE_WORDS))

/** @param {App} app @returns {Rows} */
const alignCommands = ({ store, selection, editor }) => {
  const rects = () => [...selection.nodes].flatMap((id) => ({ id, ...editor.bounds(id) ?? { x: 0, y: 0, width: 0, height: 0 } }))
  const several = (/** @type {number} */ least) => () => selection.nodes.size >= least
  const align = (/** @type {import('../kernels/align.js').Side} */ side) => () => placeNodes(store, aligned(rects(), side), 'Align')
  const spread = (/** @type {'x' | 'y'} */ axis) => () => placeNodes(store, distributed(rects(), axis), 'Space evenly')
  return [
    ['align_left', 'Align left', 'Shift+ArrowLeft', align('left'), several(2)],
    ['align_right', 'Align right', 'Shift+ArrowRight', align('right'), several(2)],
    ['align_top', 'Align tops', 'Shift+ArrowUp', align('top'), several(2)],
    ['align_bottom', 'Align bottoms', 'Shift+ArrowDown', align('bottom'), several(2)],
    ['align_centre', 'Align centres, one above another', '', align('centre'), several(2)],
    ['align_middle', 'Align middles, side by side', '', align('middle'), several(2)],
    ['spread_x', 'Space evenly across', '', spread('x'), several(3)],
    ['spread_y', 'Space evenly down', '', spread('y'), several(3)],
  ]
}

/** @param {App} app */
const chooseColour = async ({ store, selection }) => {
  const chosen = await pick({
    label: 'Colour',
    find: (query) => rankByLabel(COLOURS, query),
    row: ({ label, colour }) => {
      const dot = element('span', { class: 'colour-dot' })
      dot.style.background = colour ?? 'none'
      return element('span', { class: 'colour-row' }, dot, label)
    },
  })
  if (chosen) setColour(store, selection, chosen.colour)
}

/** @param {App} app */
const addBySearch = async (app) => {
  const world = app.editor.pointer
  const answer = writingLate(app.store, 'The node was not added')
  const found = await searchNodeType(app.catalog, { client: app.editor.toClient(...world), recent: settings.recent })
  if (!found) return
  rememberUse(found.type)
  if (await insertTemplate(app, found.type, world, answer)) return
  answer(() => app.selection.set({ nodes: [addNode(app.store, app.catalog, { ...found, position: world })] }))
}
