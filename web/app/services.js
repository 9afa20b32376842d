// The shell's side of the canvas: what a gesture asks of the page around it.

import { addressOf } from '../document/addresses.js'
import { insertTemplate } from './inserting.js'
import { choiceDetails } from './choices.js'
import { parameterRows } from './form.js'
import { checkPicture } from './gone.js'
import { useLast } from './last_values.js'
import { rowsOf } from './menus.js'
import { takeAddress } from './addresses.js'
import { writingLate } from './late.js'
import { complain, takeFiles } from './opening.js'
import { openMenu } from '../panels/menu.js'
import { grouped } from '../panels/menu_rows.js'
import { searchNodeType } from '../panels/search.js'
import { toast } from '../panels/toasts.js'
import { artifactUrl, uploadImage } from '../run/api.js'
import { promoteRows } from './promoting.js'
import { editLarge, promptServices } from './prompting.js'
import { pictureRows, showPictures, takeRunValues } from './results.js'
import { rememberUse, settings } from './settings.js'
import { editCurve } from './curving.js'
import { editSize } from './sizing.js'
import { editSweep, sweepRows } from './sweeping.js'
import { valueRows } from './value_menu.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('./commands.js').Command} Command */
/** @typedef {import('../canvas/overlay_types.js').Picture} Picture */
/** @typedef {import('../kernels/matching.js').Pending} Pending */
/** @typedef {import('./menus.js').MenuTarget} MenuTarget */

/**
 * @param {() => App} app
 * @param {() => readonly Command[]} commands
 */
export const createServices = (app, commands) => ({
  /** @param {{client: readonly [number, number], world: readonly [number, number], pending?: Pending}} request */
  openSearch: async ({ client, world, pending }) => {
    const answer = writingLate(app().store, 'The node was not added')
    const found = await searchNodeType(app().catalog, { client, pending, recent: settings.recent })
    if (found) rememberUse(found.type)
    return found && await insertTemplate(app(), found.type, world, answer) ? null : found
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
    const more = [inputRows(app(), target, client), target.id && target.picture !== undefined ? pictureRows(app(), target.id, target.picture) : []].flat()
    const own = rowsOf(app(), commands(), more.length ? { ...target, kind: 'widget', node: target.node ?? target.id } : target)
    openMenu(client, more.length ? grouped([more, [{ label: 'This node', rows: own }]]) : own)
  },
  /** @param {string} node @param {string} input @param {readonly [number, number]} client */
  editSweep: (node, input, client) => void editSweep(app(), node, input, client),
  /** @param {string} node @param {string} input */
  prompt: (node, input) => promptServices(app(), node, input),
  /** @param {string} node @param {string} input */
  editLarge: (node, input) => void editLarge(app(), node, input),
  /** @param {string} node @param {string} input @param {readonly [number, number]} client */
  editSize: (node, input, client) => void editSize(app(), node, input, client),
  /** @param {string} node @param {string} input @param {readonly [number, number]} client */
  editCurve: (node, input, client) => void editCurve(app(), node, input, client),
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
  /** @param {string} url */
  pictureFailed: (url) => void checkPicture(app(), url),
  /** @param {string} run */
  takeValues: (run) => void takeRunValues(app(), run, { quietly: true }),
  /** @param {string} node @param {string} output @param {readonly [number, number]} client */
  openPeek: (node, output, client) => app().looking.peek(addressOf(app().store.path, node), output, [client[0] + 12, client[1] + 12]),
  /** @param {readonly File[]} files @param {{world: readonly [number, number], node?: string | null}} place */
  dropFiles: (files, place) => void takeFiles(app(), [...files], place),
  /** @param {string} address @param {{world: readonly [number, number], node?: string | null}} place */
  dropAddress: (address, place) => void takeAddress(app(), address, place),
  /** @param {string} text */
  notify: (text) => void toast(text),
})

/** What an input offers beside its node. @param {App} app @param {MenuTarget} target @param {readonly [number, number]} client @returns {import('./menus.js').MenuRow[]} */
const inputRows = (app, { kind, node, input }, client) => {
  if (kind !== 'widget' || !node || !input) return []
  const shown = app.store.current ? promoteRows(app, node, input, client) : [...parameterRows(app, node, input), ...sweepRows(app, node, input, client)]
  return grouped([valueRows(app, node, input, client), shown])
}
