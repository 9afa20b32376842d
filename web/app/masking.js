// Masks as the shell offers them: the picture that a node reads, painted on, becomes a new file of the input folder.

import { valueOf } from '../document/catalog.js'
import { emptyPlane } from '../kernels/planes.js'
import { openMaskEditor } from '../masks/mask_editor.js'
import { readPixels } from '../masks/pixels.js'
import { MASK } from '../masks/purposes.js'
import { toast } from '../panels/toasts.js'
import { artifactUrl, uploadImage } from '../run/api.js'
import { complain, uploadInput } from './opening.js'
import { changeSettings, settings } from './settings.js'
import { undoButton } from './undoing.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../masks/pixels.js').RawPicture} RawPicture */

const CHANNELS = ['red', 'green', 'blue', 'alpha']

/** The input and the file of a picture that a node reads. @param {App} app @param {string | undefined} id */
export const maskable = ({ store, catalog }, id) => {
  const node = store.node(id ?? '')
  const name = node && uploadInput(catalog, node.type)
  const input = catalog.nodes.get(node?.type ?? '')?.inputs.find((each) => each.name === name)
  if (!node || !name || !input || store.linksTo(node.id, name).length) return null
  const file = valueOf(node, input)
  return typeof file === 'string' && file ? { node, input: name, file, folder: input.widget?.folder ?? 'input' } : null
}

/** The one selected node, where its picture can be painted on. @param {App} app */
export const selectedMaskable = (app) => (app.selection.nodes.size === 1 ? maskable(app, [...app.selection.nodes][0]) : null)

/** @param {App} app @param {string | undefined} id */
export const editMask = async (app, id) => {
  const found = maskable(app, id)
  if (!found) return
  const { node, input, file, folder } = found
  try {
    const answer = await fetch(artifactUrl({ kind: 'image', folder, name: file }), { cache: 'no-cache' })
    if (!answer.ok) throw new Error(`${file} is not there: the server answered ${answer.status}`)
    const pixels = await readPixels(await answer.blob())
    const channel = CHANNELS.indexOf(String(node.inputs?.channel ?? 'alpha'))
    openMaskEditor({
      title: file, purpose: MASK, pixels, plane: planeOf(pixels, channel), settings: settings.mask,
      save: (make) => store(app, { id: node.id, input, make, file }),
      closed: () => changeSettings({ mask: settings.mask }),
    })
  } catch (error) {
    complain('The picture cannot be painted on', error)
  }
}

/** What the node reads as a mask: 255 where its file is transparent, or one of its colours. @param {RawPicture} pixels @param {number} channel */
const planeOf = ({ width, height, data }, channel) => {
  const plane = emptyPlane(width, height)
  for (let at = 0; at < plane.data.length; at += 1) {
    const value = Number(data[4 * at + channel])
    plane.data[at] = CHANNELS[channel] === 'alpha' ? 255 - value : value
  }
  return plane
}

/** `cat_mask_2.png` again becomes `cat_mask.png`: the server finds a free name. @param {string} file */
const maskedName = (file) => {
  const stem = file.split('/').at(-1)?.replace(/\.[^.]+$/, '').replace(/_mask(_\d+)?$/, '')
  return `${stem || 'picture'}_mask.png`
}

/**
 * The file goes into the node as one undo entry, whatever was read of the picture before.
 * @param {App} app @param {{id: string, input: string, make: () => Promise<Blob>, file: string}} made
 */
const store = async (app, { id, input, make, file }) => {
  try {
    const { name } = await uploadImage(new File([await make()], maskedName(file), { type: 'image/png' }))
    await app.reloadCatalog()
    const node = app.store.node(id)
    if (!node) throw new Error('its node is gone')
    const { channel } = node.inputs ?? {}
    const inputs = { ...node.inputs, [input]: name, ...(typeof channel === 'string' && CHANNELS.includes(channel) ? { channel: 'alpha' } : {}) }
    app.store.edit('Paint a mask', (tx) => tx.put('nodes', { ...node, inputs }))
    toast(`The mask is in ${name}`, { actions: [undoButton(app.store)] })
    return true
  } catch (error) {
    complain('The mask was not saved', error)
    return false
  }
}
