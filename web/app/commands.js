// Every command once: what keys, buttons, menus, the palette and the shortcut sheet know about it.

import { HEAT_KINDS } from '../canvas/heat.js'
import { everyNode } from '../document/addresses.js'
import { copyText, duplicate, pasteText } from '../document/clipboard.js'
import { RecursionError } from '../document/definitions.js'
import { deleteSelection, dissolve } from '../document/edits.js'
import { emptyDocument } from '../document/workflow_format.js'
import { reachable } from '../kernels/graph_walk.js'
import { element } from '../panels/element.js'
import { findable, rankFound } from '../panels/find.js'
import { pick } from '../panels/picker.js'
import { toast } from '../panels/toasts.js'
import { withModels } from '../run/plan.js'
import { copyOf, downloadDocument } from './documents.js'
import { startGuide } from './guide.js'
import { applyKeys } from './keymap.js'
import { showKeys } from './key_sheet.js'
import { switchLook } from './look.js'
import { switchNotifications, switchSound } from './notify.js'
import { keepOnServer } from './keeping.js'
import { chooseTemplate, closeTab, complain, openFile } from './opening.js'
import { nodeCommands } from './node_commands.js'
import { openPalette } from './palette.js'
import { showPreferences } from './preferences.js'
import { showGallery } from './results.js'
import { cancel, cancelAll, pause, run } from './running.js'
import { seeingCommands } from './seeing_commands.js'
import { changeSettings, settings } from './settings.js'
import { valueCommands } from './value_commands.js'
import { markVersion, showVersions } from './versions.js'
import { subgraphCommands } from './subgraph_commands.js'
import { leave, showAddress, targetsOf } from './subgraphs.js'
import { canvasCommands } from './canvas_commands.js'

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
  ['save', 'Save the workflow as a file', 'Mod+S', () => (toast(`Saved ${downloadDocument(withModels(app.store.toJSON(), app.plan.models))}`), app.tabs.markSaved())],
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
