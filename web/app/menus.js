// What a right click offers: rows of commands by what is under the pointer, the most used first.

import { arePinned } from '../document/drawing.js'
import { arePortals } from '../document/portals.js'
import { isEnd } from '../document/subgraph_format.js'
import { grouped } from '../panels/menu_rows.js'
import { describe } from './shortcuts.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('./commands.js').Command} Command */
/** @typedef {import('../panels/menu_rows.js').MenuRow} MenuRow */
/** @typedef {{kind: string, id?: string, node?: string, input?: string, picture?: number | null}} MenuTarget */
/** A command, with `?` only where it can be done; or a menu of them. @typedef {string | {label: string, groups: readonly (readonly string[])[]}} MenuEntry */

/** @type {MenuEntry} */
const WIRES = { label: 'Wires', groups: [['add_after', 'connect', '?connect_row'], ['?swap_inputs', 'pull_out', '?portal'], ['select_up', 'select_down', 'select_connected']] }
/** @type {MenuEntry} */
const PLACE = { label: 'Place and look', groups: [['collapse', 'compact', 'pin', 'colour'], ['add_frame', 'arrange', 'frame'],
  ['?align_left', '?align_right', '?align_top', '?align_bottom', '?align_centre', '?align_middle'], ['?spread_x', '?spread_y']] }
/** @type {MenuEntry} */
const SUBGRAPH = { label: 'Sub-graph', groups: [['?open_subgraph', '?signature', '?unpack', '?make_unique', '?publish'], ['subgraph', 'zone_repeat', 'zone_map', 'zone_while', 'zone_if']] }
/** @type {MenuEntry} */
const COMPARE = { label: 'Compare A and B', groups: [['?view_a', '?view_b', '?view'], ['other_values']] }
/** @type {MenuEntry} */
const WORKFLOW = { label: 'Workflow', groups: [['new', 'templates', 'open'], ['save', 'keep', 'versions']] }
/** @type {MenuEntry} */
const VIEW = { label: 'View', groups: [['minimap', 'outline', 'results', 'form'], ['link_style', 'heat', 'look']] }

/** @type {Record<string, readonly (readonly MenuEntry[])[]>} */
const MENUS = {
  node: [['?enter_subgraph'], ['?skip_turn', '?skip_node'], ['run_to', 'mute', 'bypass'], ['duplicate', 'copy', '?rename_node', 'delete'], ['?peek', 'solo', '?mask', '?sketch', '?outpaint_frame', '?edit_large', '?swap_type'],
    [WIRES, PLACE, SUBGRAPH, COMPARE], ['?about']],
  widget: [['run_to', 'mute', 'bypass'], ['duplicate', 'rename_node', 'delete'], ['peek', 'swap_type', 'about']],
  end: [['signature', 'leave_subgraph'], ['frame_all']],
  link: [['reroute', '?straighten', 'portal', '?name_portal'], ['link_style'], ['delete']],
  annotation: [['?run_to', '?mute', '?bypass'], ['rename_node', 'colour', 'collapse', 'pin'], ['frame'], ['delete']],
  canvas: [['add', 'add_note', 'add_frame', 'sketch', 'paste'], ['select_all', 'arrange', 'frame_all'], [WORKFLOW, VIEW], ['find', 'palette', 'settings']],
}

/** Shorter where the pointer says what is meant; by the kind of menu first. @type {Record<string, string>} */
const LABELS = { run_to: 'Run up to here', rename_node: 'Rename', pin: 'Pin in place', compact: 'Hide what is not used', open_subgraph: 'Show what is inside', solo: 'Run this branch only', skip_turn: 'Skip this turn', skip_node: 'Skip this node',
  publish: 'Keep it on the server', subgraph: 'Make a sub-graph', portal: 'Draw as a portal', 'canvas.add_frame': 'Add a frame', link_style: 'Draw wires otherwise', heat: 'Heat map' }
/** Keys that belong to the browser's own events. @type {Record<string, string>} */
const KEYS = { copy: 'Mod+C', paste: 'Mod+V' }

/** What is on or off for all that is meant. @param {App} app @returns {Record<string, () => boolean>} */
const states = ({ store, selection, editor, looking }) => {
  const every = (/** @type {Iterable<string>} */ ids, /** @type {(node: import('../document/workflow_format.js').NodeRecord) => boolean} */ is) => {
    const nodes = [...ids].flatMap((id) => store.node(id) ?? [])
    return nodes.length > 0 && nodes.every(is)
  }
  return {
    mute: () => every(editor.held, ({ mode }) => mode === 'muted'), bypass: () => every(editor.held, ({ mode }) => mode === 'bypassed'),
    collapse: () => every(selection.nodes, ({ collapsed }) => collapsed === true), compact: () => every(selection.nodes, ({ compact }) => compact === true),
    pin: () => arePinned(store, selection), solo: () => looking.targets !== undefined,
    portal: () => arePortals(store, selection.links),
  }
}

/** The rows of what is under the pointer. @param {App} app @param {readonly Command[]} commands @param {MenuTarget} target @returns {MenuRow[]} */
export const rowsOf = (app, commands, { kind, id, node = id ?? '' }) => {
  const isNode = kind === 'node' || kind === 'widget'
  const checks = states(app)
  /** @param {string} named @returns {MenuRow[]} */
  const row = (named) => {
    const name = named.replace('?', '')
    const command = commands.find((each) => each.id === name)
    if (!command || (named.startsWith('?') && !command.enabled())) return []
    const key = command.keys[0] ?? KEYS[name]
    const checked = checks[name]?.()
    return [{ label: LABELS[`${kind}.${name}`] ?? LABELS[name] ?? command.label, run: () => void command.run(), enabled: command.enabled(), danger: name === 'delete', ...(key ? { key: describe(key) } : {}), ...(checked === undefined ? {} : { checked }) }]
  }
  /** @param {MenuEntry} entry @returns {MenuRow[]} */
  const rows = (entry) => (typeof entry === 'string' ? row(entry) : [{ label: entry.label, rows: grouped(entry.groups.map((names) => names.flatMap(row))) }])
  return grouped((MENUS[isNode && isEnd(node) ? 'end' : kind] ?? []).map((entries) => entries.flatMap(rows)))
}

