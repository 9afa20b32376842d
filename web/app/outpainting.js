// The frame of outpainting as the shell offers it: around what the selected node reads, which is a file or what a run made.

import { addressOf } from '../document/addresses.js'
import { valueOf } from '../document/catalog.js'
import { setInput } from '../document/edits.js'
import { openFrameSheet } from '../masks/frame_sheet.js'
import { toast } from '../panels/toasts.js'
import { artifactUrl, valuePictureUrl } from '../run/api.js'
import { maskable } from './masking.js'
import { run } from './running.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../masks/frame_sheet.js').OutpaintFrame} OutpaintFrame */

const BORDERS = /** @type {const} */ (['left', 'top', 'right', 'bottom'])
const FEATHERING = 'feathering'

/** A node that puts borders around a picture, by values of its own. @param {App} app @param {string | undefined} id */
const framable = ({ store, catalog }, id) => {
  const node = store.node(id ?? '')
  const inputs = catalog.nodes.get(node?.type ?? '')?.inputs ?? []
  const picture = inputs.find(({ type }) => type === 'IMAGE')
  const own = (/** @type {string} */ name) => inputs.some((input) => input.name === name && input.widget?.kind === 'int') && !store.linksTo(id ?? '', name).length
  return node && picture && BORDERS.every(own) ? { node, picture: picture.name, inputs } : null
}

/** The one selected node, where it has a frame. @param {App} app */
export const selectedFramable = (app) => (app.selection.nodes.size === 1 ? framable(app, [...app.selection.nodes][0]) : null)

/** @param {App} app @param {string | undefined} id */
export const editFrame = async (app, id) => {
  const found = framable(app, id)
  if (!found) return
  const { node, inputs } = found
  const seen = await seenBy(app, node.id, found.picture)
  if (!seen) return void toast('The picture is not known yet: run up to this node first', { actions: [{ label: 'Run', run: () => void run(app, { targets: [addressOf(app.store.path, node.id)], showProblems: () => {} }) }] })
  const frame = /** @type {OutpaintFrame} */ (Object.fromEntries([...BORDERS, FEATHERING].map((name) => {
    const input = inputs.find((each) => each.name === name)
    return [name, Number(input ? valueOf(node, input) : 0) || 0]
  })))
  const set = (/** @type {OutpaintFrame} */ next) => store(app, node.id, next)
  openFrameSheet({ ...seen, frame, set, left: (next) => toast('The frame stays as it was', { actions: [{ label: 'Set it after all', run: () => set(next) }] }) })
}

/** As one undo entry, of what the node has inputs for. @param {App} app @param {string} id @param {OutpaintFrame} frame */
const store = (app, id, frame) => {
  const found = framable(app, id)
  if (!found) return
  app.store.edit('Set the frame', () => {
    for (const { name } of found.inputs) if (name in frame) setInput(app.store, id, name, frame[/** @type {keyof OutpaintFrame} */ (name)])
  })
}

/** What comes along a wire: the file that its loader reads, else what lies there since a run, else its size alone. @param {App} app @param {string} id @param {string} input */
const seenBy = async (app, id, input) => {
  const [from, output] = app.store.linksTo(id, input)[0]?.from ?? []
  if (!from || !output) return null
  const address = addressOf(app.store.path, from)
  const outputs = app.catalog.nodes.get(app.store.node(from)?.type ?? '')?.outputs ?? []
  const loader = maskable(app, from)
  const made = app.plan.results.get(address)
  const urls = [
    ...(loader && outputs[0]?.name === output ? [artifactUrl({ kind: 'image', folder: loader.folder, name: loader.file })] : []),
    ...(made ? [valuePictureUrl(made.key, outputs.findIndex(({ name }) => name === output))] : []),
  ]
  for (const url of urls) {
    const picture = await sizeOf(url)
    if (picture) return { picture, url }
  }
  const { width, height } = app.plan.facts?.[address]?.[output] ?? {}
  return typeof width === 'number' && typeof height === 'number' ? { picture: { width, height }, url: null } : null
}

/** @param {string} url */
const sizeOf = async (url) => {
  const image = new Image()
  image.src = url
  const isThere = await image.decode().then(() => true, () => false)
  return isThere ? { width: image.naturalWidth, height: image.naturalHeight } : null
}
