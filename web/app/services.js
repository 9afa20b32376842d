// The shell's side of the canvas: what a gesture asks of the page around it.

import { addressOf } from '../document/addresses.js'
import { definitionOf } from '../document/definitions.js'
import { isEnd } from '../document/subgraph_format.js'
import { insertTemplate } from './library.js'
import { choiceDetails } from './choices.js'
import { parameterRows } from './form.js'
import { useLast } from './last_values.js'
import { openContextMenu } from './menus.js'
import { complain, takeFiles } from './opening.js'
import { searchNodeType } from '../panels/search.js'
import { toast } from '../panels/toasts.js'
import { artifactUrl, uploadImage } from '../run/api.js'
import { promoteRows } from './promoting.js'
import { editLarge, promptServices } from './prompting.js'
import { pictureRows, showPictures, takeRunValues } from './results.js'
import { rememberUse, settings } from './settings.js'
import { describe } from './shortcuts.js'
import { editSize } from './sizing.js'
import { editSweep, sweepRows } from './sweeping.js'
import { valueRows } from './value_menu.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('./commands.js').Command} Command */
/** @typedef {import('../canvas/overlay_types.js').Picture} Picture */
/** @typedef {import('../kernels/matching.js').Pending} Pending */
/** @typedef {{kind: string, id?: string, node?: string, input?: string, picture?: number | null}} MenuTarget */

/** What a right click offers, by what is under it; a line between groups. @type {Record<string, string[][]>} */
const MENUS = {
  node: [['run_to', 'peek', 'solo', 'mask'], ['rename_node', 'duplicate', 'copy', 'about'], ['add_after', 'swap_type', 'pull_out'], ['mute', 'bypass', 'collapse', 'compact', 'pin'], ['add_frame', 'colour'], ['frame', 'arrange'], ['delete']],
  instance: [['enter_subgraph', 'open_subgraph', 'signature'], ['unpack', 'make_unique', 'publish']],
  end: [['signature', 'leave_subgraph'], ['frame_all']],
  widget: [['run_to', 'peek'], ['rename_node', 'duplicate', 'about'], ['mute', 'bypass', 'delete']],
  link: [['reroute', 'straighten'], ['portal', 'name_portal'], ['delete']],
  annotation: [['run_to'], ['rename_node', 'colour', 'frame'], ['collapse', 'mute', 'bypass', 'pin'], ['delete']],
  canvas: [['add', 'add_note', 'paste'], ['select_all', 'arrange', 'frame_all'], ['templates', 'open', 'save'], ['palette', 'settings']],
}

/**
 * @param {() => App} app
 * @param {() => readonly Command[]} commands
 */
export const createServices = (app, commands) => ({
  /** @param {{client: readonly [number, number], world: readonly [number, number], pending?: Pending}} request */
  openSearch: async ({ client, world, pending }) => {
    const found = await searchNodeType(app().catalog, { client, pending, recent: settings.recent })
    if (found) rememberUse(found.type)
    return found && await insertTemplate(app(), found.type, world) ? null : found
  },
  /** @param {readonly File[]} files */
  upload: async ([file]) => {
    if (!file) return null
    try {
      const stored = await uploadImage(file)
      await app().reloadCatalog()
      return stored
    } catch (error) {
      complain(`${file.name} was not taken in`, error)
      return null
    }
  },
  /** @param {string} folder @param {string} name */
  inputPictureUrl: (folder, name) => artifactUrl({ kind: 'image', folder, name }, { preview: 512 }),
  /** @param {{client: readonly [number, number], target: MenuTarget}} request */
  openMenu: ({ client, target }) => {
    if (target.kind === 'link' && target.id) app().selection.set({ links: [target.id] })
    const inside = target.kind === 'widget' && target.node && target.input ? promoteRows(app(), target.node, target.input, client) : []
    const own = !app().store.current && target.kind === 'widget' && target.node && target.input ? sweepRows(app(), target.node, target.input, client) : []
    const values = target.kind === 'widget' && target.node && target.input ? valueRows(app(), target.node, target.input, client) : []
    const shown = !app().store.current && target.kind === 'widget' && target.node && target.input ? parameterRows(app(), target.node, target.input) : []
    const pictured = target.id && target.picture !== undefined ? pictureRows(app(), target.id, target.picture) : []
    openContextMenu(client, [...pictured, ...inside, ...values, ...shown, ...own, ...(shown.length && !own.length ? [/** @type {const} */ ('line')] : []), ...menuRows(commands(), target, menuOf(app(), target))])
  },
  /** @param {string} node @param {string} input @param {readonly [number, number]} client */
  editSweep: (node, input, client) => void editSweep(app(), node, input, client),
  /** @param {string} node @param {string} input */
  prompt: (node, input) => promptServices(app(), node, input),
  /** @param {string} node @param {string} input */
  editLarge: (node, input) => void editLarge(app(), node, input),
  /** @param {string} node @param {string} input @param {readonly [number, number]} client */
  editSize: (node, input, client) => void editSize(app(), node, input, client),
  /** @param {string} node @param {string} input */
  useLast: (node, input) => void useLast(app(), node, input),
  /** @param {import('../document/catalog.js').Widget} widget */
  choiceDetails: (widget) => choiceDetails(app(), widget),
  /** @param {string} node */
  runTo: (node) => {
    app().selection.set({ nodes: [node] })
    void commands().find(({ id }) => id === 'run_to')?.run()
  },
  /** @param {readonly Picture[]} pictures @param {number} index */
  openPicture: (pictures, index) => showPictures(app(), pictures, index),
  /** @param {string} run */
  takeValues: (run) => void takeRunValues(app(), run, { quietly: true }),
  /** @param {string} node @param {string} output @param {readonly [number, number]} client */
  openPeek: (node, output, client) => app().looking.peek(addressOf(app().store.path, node), output, [client[0] + 12, client[1] + 12]),
  /** @param {readonly File[]} files @param {{world: readonly [number, number], node?: string | null}} place */
  dropFiles: (files, place) => void takeFiles(app(), [...files], place),
  /** @param {string} text */
  notify: (text) => void toast(text),
})

/** @param {App} app @param {MenuTarget} target @returns {string[][]} */
const menuOf = (app, { kind, id, node = id ?? '' }) => {
  const isNode = kind === 'node' || kind === 'widget'
  if (isNode && isEnd(node)) return MENUS.end ?? []
  const instance = isNode && app.store.subgraph(definitionOf(app.store.node(node)?.type) ?? '') ? MENUS.instance ?? [] : []
  const own = MENUS[kind] ?? []
  return isNode ? [...instance, ...own.slice(0, 1), ['subgraph'], ...own.slice(1)] : own
}

/** @param {readonly Command[]} commands @param {MenuTarget} target @param {string[][]} groups @returns {import('./menus.js').MenuRow[]} */
const menuRows = (commands, target, groups) => {
  return groups.flatMap((ids, place) => [
    ...(place > 0 ? [/** @type {const} */ ('line')] : []),
    ...ids.flatMap((id) => {
      const command = commands.find((row) => row.id === id)
      return command ? [{ label: command.label, key: command.keys[0] && describe(command.keys[0]), run: () => void command.run(),
        enabled: command.enabled(), danger: id === 'delete' }] : []
    }),
  ])
}
