// Every command once: what keys, buttons, menus, the palette and the shortcut sheet know about it.

import { HEAT_KINDS } from '../canvas/heat.js'
import { COLOURS } from '../canvas/theme.js'
import { addressOf, everyNode } from '../document/addresses.js'
import { addFrame, addNote, setColour } from '../document/annotations.js'
import { copyText, duplicate, pasteText } from '../document/clipboard.js'
import { RecursionError } from '../document/definitions.js'
import { addNode, deleteSelection, dissolve, placeNodes, setCollapsed, setMode } from '../document/edits.js'
import { straighten, viaOf } from '../document/reroutes.js'
import { pullOut, swapInputs } from '../document/rewiring.js'
import { emptyDocument } from '../document/workflow_format.js'
import { aligned, distributed } from '../kernels/align.js'
import { union } from '../kernels/geometry.js'
import { reachable } from '../kernels/graph_walk.js'
import { element } from '../panels/element.js'
import { findable, rankFound } from '../panels/find.js'
import { pick } from '../panels/picker.js'
import { rankByLabel, searchNodeType } from '../panels/search.js'
import { toast } from '../panels/toasts.js'
import { aboutNode } from './about.js'
import { connectByList, editByList } from './by_list.js'
import { copyOf, downloadDocument } from './documents.js'
import { startGuide } from './guide.js'
import { applyKeys } from './keymap.js'
import { showKeys } from './key_sheet.js'
import { switchLook } from './look.js'
import { editMask, selectedMaskable } from './masking.js'
import { switchNotifications, switchSound } from './notify.js'
import { keepOnServer } from './keeping.js'
import { chooseTemplate, closeTab, complain, openFile } from './opening.js'
import { editFrame, selectedFramable } from './outpainting.js'
import { openPalette } from './palette.js'
import { showPreferences } from './preferences.js'
import { editSelectedLarge, selectedText } from './prompting.js'
import { showGallery } from './results.js'
import { cancel, cancelAll, pause, run } from './running.js'
import { seeingCommands } from './seeing_commands.js'
import { changeSettings, rememberUse, settings } from './settings.js'
import { valueCommands } from './value_commands.js'
import { markVersion, showVersions } from './versions.js'
import { followWires, nudge, walk } from './walking.js'
import { insertTemplate } from './library.js'
import { editSketch } from './sketching.js'
import { subgraphCommands } from './subgraph_commands.js'
import { leave, showAddress, targetsOf } from './subgraphs.js'
import { canvasCommands } from './canvas_commands.js'
import { addAfter, changeType, connectSelected } from './wiring.js'

/** @typedef {import('./app.js').App} App */
/**
 * @typedef {object} Command
 * @property {string} id
 * @property {string} group
 * @property {string} label
 * @property {string[]} keys none: by menu and palette only; people may change them
 * @property {readonly string[]} defaults the keys of the table
 * @property {(anchor?: HTMLElement) => unknown} run
 * @property {() => boolean} enabled
 */
/**
 * @typedef {object} Panels
 * @property {(anchor?: HTMLElement) => void} toggleProblems
 * @property {() => void} showProblems
 * @property {(anchor?: HTMLElement) => void} toggleQueue
 * @property {(anchor?: HTMLElement) => void} toggleOutline
 * @property {(anchor?: HTMLElement) => void} toggleHistory
 * @property {() => boolean} close whether something was open
 * @property {() => void} editTitle
 */

const always = () => true

/** @param {string} group @param {[string, string, string, Command['run'], (() => boolean)?][]} rows @returns {Command[]} */
const group = (group, rows) =>
  rows.map(([id, label, keys, run, enabled = always]) => ({ id, group, label, keys: keys ? keys.split(' ') : [], defaults: keys ? keys.split(' ') : [], run, enabled }))

/** @param {App} app @param {() => Panels} panels they are there once a command runs @returns {Command[]} */
export const createCommands = (app, panels) => {
  /** @type {Command[]} */
  const commands = [
    ...group('Run', runCommands(app, panels)),
    ...group('Workflow', workflowCommands(app, panels)),
    ...group('Edit', editCommands(app, panels)),
    ...group('Nodes', nodeCommands(app)),
    ...group('Canvas', canvasCommands(app)),
    ...group('Seeing', seeingCommands(app)),
    ...group('Values', valueCommands(app)),
    ...group('Sub-graphs', subgraphCommands(app)),
    ...group('View', viewCommands(app, panels)),
    ...group('Help', [
      ['palette', 'All commands', 'Mod+P Mod+K', () => openPalette(app, commands)],
      ['shortcuts', 'Keyboard shortcuts', '?', () => showKeys(commands)],
      ['guide', 'First steps', '', () => startGuide(app, (id) => void commands.find((command) => command.id === id)?.run())],
      ['settings', 'Settings', 'Mod+,', () => showPreferences(app, commands, () => showKeys(commands))],
    ]),
  ]
  applyKeys(commands, settings.keys)
  return commands
}

/** @typedef {Parameters<typeof group>[1]} Rows */

/** @param {App} app @param {() => Panels} panels @returns {Rows} */
const runCommands = (app, panels) => {
  const one = () => (app.editor.held.length ? targetsOf(app) : undefined)
  return [
    ['run', 'Run', 'Mod+Enter', () => run(app, panels())],
    ['run_to', 'Run up to the selected nodes', 'Mod+Shift+Enter', () => run(app, { ...panels(), targets: one() }),
      () => app.editor.held.length > 0],
    ['cancel', 'Cancel the run', 'Alt+Enter', () => cancel(app), () => app.session.active.length > 0],
    ['run_first', 'Run before all that waits', 'Alt+Shift+Enter', () => run(app, { ...panels(), first: true })],
    ['auto_run', 'Run after each change, or not', 'Shift+R', () => switchAutoRun(app)],
    ['pause', 'Pause the queue, or go on', 'Shift+P', () => pause(app)],
    ['cancel_all', 'Cancel all runs', '', () => cancelAll(app), () => app.session.active.length > 0],
    ['notify', 'Tell the desktop when a run ends, or not', '', () => switchNotifications()],
    ['sound', 'Play a sound when a run ends, or not', '', () => switchSound()],
    ['queue', 'Show the queue', 'Q', (anchor) => panels().toggleQueue(anchor)],
    ['problems', 'Show problems', 'Mod+Shift+M', (anchor) => panels().toggleProblems(anchor)],
  ]
}

/** @param {App} app */
const switchAutoRun = ({ autoRun, refresh }) => {
  autoRun.switch()
  refresh()
  toast(autoRun.isOn ? 'Each change runs by itself now' : 'Changes wait for Run again')
}

/** @param {App} app @param {() => Panels} panels @returns {Rows} */
const workflowCommands = (app, panels) => [
  ['new', 'New workflow', 'Alt+N', () => app.tabs.open(copyOf(emptyDocument()))],
  ['close', 'Close the workflow', 'Alt+W', () => closeTab(app)],
  ['next_tab', 'Next workflow', 'Alt+PageDown', () => app.tabs.step(1), () => app.tabs.list.length > 1],
  ['previous_tab', 'Previous workflow', 'Alt+PageUp', () => app.tabs.step(-1), () => app.tabs.list.length > 1],
  ['templates', 'Templates and recent workflows', 'Alt+T', () => chooseTemplate(app)],
  ['open', 'Open a workflow or picture', 'Mod+O', () => openFile(app)],
  ['save', 'Save the workflow as a file', 'Mod+S', () => (toast(`Saved ${downloadDocument(app.store.toJSON())}`), app.tabs.markSaved())],
  ['keep', 'Keep the workflow on the server', 'Mod+Shift+S', () => keepOnServer(app)],
  ['versions', 'Versions of this workflow', 'Shift+V', () => showVersions(app)],
  ['mark', 'Mark this version', 'Mod+Alt+S', () => markVersion(app)],
  ['rename', 'Rename the workflow', '', () => panels().editTitle()],
]

/** @param {App} app @param {() => Panels} panels @returns {Rows} */
const editCommands = (app, panels) => {
  const { store, selection, editor } = app
  const some = () => selection.nodes.size > 0
  const any = () => selection.nodes.size + selection.annotations.size > 0
  const flow = (/** @type {'up' | 'down'} */ way) => reachable(selection.nodes, way, (id) => (way === 'up' ? store.linksTo(id) : store.linksFrom(id)))
  const copy = () => navigator.clipboard.writeText(copySelected(app))
    .catch((error) => complain('Nothing was copied', error))
  return [
    ['undo', 'Undo', 'Mod+Z', () => store.undo(), () => store.undoLabel !== null],
    ['redo', 'Redo', 'Mod+Shift+Z Mod+Y', () => store.redo(), () => store.redoLabel !== null],
    ['history', 'History of edits', 'Shift+H', () => panels().toggleHistory()],
    ['copy', 'Copy', '', copy, any],
    ['paste', 'Paste', '', async () => paste(store, selection, await navigator.clipboard.readText(), editor.pointer)],
    ['duplicate_fed', 'Duplicate with what feeds it', 'Mod+Shift+D', () => selection.set(duplicate(store, editor.heldWhole, { fed: true })), any],
    ['duplicate', 'Duplicate', 'Mod+D', () => selection.set(duplicate(store, editor.heldWhole)), any],
    ['delete', 'Delete', 'Delete Backspace', () => dissolve(store, app.catalog, selection), () => !selection.isEmpty],
    ['delete_cut', 'Delete and cut the flow', 'Shift+Delete Shift+Backspace', () => deleteSelection(store, selection), () => !selection.isEmpty],
    ['select_all', 'Select all', 'Mod+A', () => selection.selectAll()],
    ['select_up', 'Select all that feeds this', '[', () => selection.set({ nodes: flow('up') }), some],
    ['select_down', 'Select all that this feeds', ']', () => selection.set({ nodes: flow('down') }), some],
    ['find', 'Find a node', 'Mod+F', () => findNode(app)],
  ]
}

/** What copying puts on the clipboard. @param {App} app */
export const copySelected = ({ store, editor: { heldWhole: { nodes, annotations } } }) => copyText(store, nodes, annotations)

/** By title, type or any value, in all sub-graphs too; choosing shows it. @param {App} app */
const findNode = async (app) => {
  const entries = everyNode(app.store).map(({ address, node, place }) => findable(node, app.catalog, { id: address, place }))
  const found = await pick({
    label: 'Find a node by title, type or value',
    find: (query) => rankFound(entries, query),
    row: ({ title, said }, query) => element('span', { class: 'search-row' }, element('span', { class: 'search-title' }, title),
      element('span', { class: 'search-category found-value', translate: 'no' }, said(query))),
  })
  if (found) showAddress(app, found.id)
}

/**
 * @param {App['store']} store @param {App['selection']} selection @param {string} text
 * @param {readonly [number, number]} at @param {{fed?: boolean}} [options] @returns {boolean} whether the text was a workflow
 */
export const paste = (store, selection, text, at, options) => {
  try {
    const pasted = pasteText(store, text, at, options)
    if (pasted) selection.set(pasted)
    return pasted !== null
  } catch (error) {
    if (!(error instanceof RecursionError)) throw error
    toast(error.message)
    return true
  }
}

/** @param {App} app @returns {Rows} */
const nodeCommands = (app) => {
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
    ['add_after', 'Add after the selected node', 'A', () => addAfter(app), one],
    ['swap_type', 'Change the type', 'Shift+S', () => changeType(app), one],
    ['edit_value', 'Edit a value of the node', 'Enter', () => editByList(app), one],
    ['edit_large', 'Edit the text large', 'Mod+E', () => editSelectedLarge(app), () => selectedText(app) !== null],
    ['connect', 'Connect the node by a list', 'K', () => connectByList(app), one],
    ['connect_row', 'Connect the selected nodes in a row', 'F', () => connectSelected(app), () => selection.nodes.size > 1],
    ['swap_inputs', 'Swap two inputs', 'Alt+S', () => swapInputs(store, app.catalog, [...selection.nodes][0] ?? ''), one],
    ['pull_out', 'Pull out of its wires', 'Shift+X', () => selection.nodes.forEach((id) => pullOut(store, app.catalog, id)), some],
    ['collapse', 'Collapse', 'H', () => {
      if (selection.nodes.size) setCollapsed(store, selection.nodes, !nodes().every((node) => node.collapsed))
      else editor.toggleFold(selection.annotations)
    }, () => selection.nodes.size + selection.annotations.size > 0],
    ['add_frame', 'Frame the selected nodes', 'Shift+G', () => frameSelection(app)],
    ['add_note', 'Add a note', 'N', () => writeNote(app)],
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
const linkCommands = ({ store, selection, editor, refresh }) => {
  const some = () => selection.links.size > 0
  return [
    ['reroute', 'Add a reroute', '', () => selection.links.forEach((id) => editor.reroute(id, editor.pointer)), some],
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

/** Around what is selected, or at the pointer; then its name is asked. @param {App} app */
const frameSelection = (app) => {
  const { store, selection, editor } = app
  const rects = [...selection.nodes, ...selection.annotations].flatMap((id) => editor.bounds(id) ?? [])
  const [x, y] = editor.pointer
  store.begin('Add frame')
  const id = addFrame(store, union(rects) ?? { x, y, width: 320, height: 200 })
  nameNew(id, app)
}

/** @param {App} app */
const writeNote = (app) => {
  const { store, editor } = app
  store.begin('Add note')
  nameNew(addNote(store, editor.pointer), app)
}

/** Adding and naming are one undo entry. @param {string} id @param {App} app */
const nameNew = (id, { store, selection, editor }) => {
  selection.set({ annotations: [id] })
  editor.editTitle(id, () => store.commit())
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
  const found = await searchNodeType(app.catalog, { client: app.editor.toClient(...world), recent: settings.recent })
  if (!found) return
  rememberUse(found.type)
  if (await insertTemplate(app, found.type, world)) return
  app.selection.set({ nodes: [addNode(app.store, app.catalog, { ...found, position: world })] })
}

/** @param {App} app @param {() => Panels} panels @returns {Rows} */
const viewCommands = (app, panels) => {
  const { editor, selection, refresh } = app
  const zoomBy = (/** @type {number} */ factor) => () => editor.zoomTo(editor.camera.zoom * factor)
  const escape = () => {
    if (editor.cancelGesture() || panels().close()) return
    if (selection.isEmpty) leave(app)
    else selection.clear()
  }
  return [
    ['frame_all', 'Show all', 'Home', () => editor.frame()],
    ['frame', 'Show the selection', '.', () => editor.frame([...selection.nodes, ...selection.annotations])],
    ['zoom_in', 'Zoom in', '+ =', zoomBy(1.25)],
    ['zoom_out', 'Zoom out', '-', zoomBy(0.8)],
    ['zoom_1', 'Actual size', 'Shift+0', () => editor.zoomTo(1)],
    ['results', 'Show past pictures', 'R', () => (changeSettings({ resultsOpen: !settings.resultsOpen }), refresh())],
    ['gallery', 'Search all pictures', 'G', () => showGallery(app)],
    ['form', 'Show the workflow as a form', 'Shift+F', () => (app.store.goInto([]), changeSettings({ formOpen: !settings.formOpen }), refresh())],
    ['minimap', 'Show the map', 'Shift+M', () => (changeSettings({ minimapOpen: !settings.minimapOpen }), refresh())],
    ['heat', 'Heat map: time, memory, none', 'T', () => switchHeat(app)],
    ['look', 'Light or dark', 'Shift+D', () => switchLook(app)],
    ['outline', 'Show the outline', 'O', () => panels().toggleOutline()],
    ['escape', 'Leave', 'Escape', escape],
  ]
}

/** @param {App} app */
const switchHeat = (app) => {
  app.heat = HEAT_KINDS[(HEAT_KINDS.indexOf(app.heat) + 1) % HEAT_KINDS.length] ?? 'none'
  app.refresh()
  toast({ none: 'The heat map is off', time: 'Warm is what took long when it last ran', memory: 'Warm is what gave much to keep' }[app.heat])
}
