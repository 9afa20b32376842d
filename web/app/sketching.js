// Sketches as the shell offers them: drawn on a blank sheet or over a picture, white on black as control models want them;
// the file goes into a loader of its own, and an earlier sketch is gone on with in its place.

import { takingBack } from '../document/answering.js'
import { addNode, setInput } from '../document/edits.js'
import { sendPicture } from '../document/send_picture.js'
import { sketchPlane, sketchSize } from '../document/sketch.js'
import { openMaskEditor } from '../masks/mask_editor.js'
import { readPixels } from '../masks/pixels.js'
import { SKETCH } from '../masks/purposes.js'
import { toast } from '../panels/toasts.js'
import { artifactUrl, uploadImage } from '../run/api.js'
import { selectedMaskable } from './masking.js'
import { complain } from './opening.js'
import { changeSettings, settings } from './settings.js'
import { undoButton } from './undoing.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../masks/pixels.js').RawPicture} RawPicture */

/** `cat_sketch_2.png` is a sketch that was made here: it is gone on with. */
const OWN = /(^|_)sketch(_\d+)?\.png$/
const LOADER = 'LoadImage'

/** @param {App} app */
export const editSketch = async (app) => {
  const found = selectedMaskable(app)
  const own = found && OWN.test(found.file)
  try {
    const pixels = found ? await pictureOf(found) : blank(sketchSize(app.store, app.catalog))
    openMaskEditor({
      title: found?.file ?? 'New sketch', purpose: SKETCH, settings: settings.sketch,
      pixels: own ? blank(pixels) : pixels, plane: sketchPlane(own ? pixels : blank(pixels)),
      save: (make) => store(app, make, found, own ?? false),
      closed: () => changeSettings({ sketch: settings.sketch }),
    })
  } catch (error) {
    complain('The sketch did not open', error)
  }
}

/** @param {{file: string, folder: string}} found */
const pictureOf = async ({ file, folder }) => {
  const answer = await fetch(artifactUrl({ kind: 'image', folder, name: file }), { cache: 'no-cache' })
  if (!answer.ok) throw new Error(`${file} is not there: the server answered ${answer.status}`)
  return readPixels(await answer.blob())
}

/** @param {{width: number, height: number}} size @returns {RawPicture} */
const blank = ({ width, height }) => ({ width, height, data: new Uint8ClampedArray(4 * width * height) })

/**
 * As one undo entry: into the node that has the sketch, else into a new loader, below the picture that it was drawn over.
 * @param {App} app @param {() => Promise<Blob>} make @param {ReturnType<typeof selectedMaskable>} found @param {boolean} own
 */
const store = async (app, make, found, own) => {
  try {
    const stem = own ? '' : found?.file.split('/').at(-1)?.replace(/\.[^.]+$/, '_') ?? ''
    const { name } = await uploadImage(new File([await make()], own ? found?.file.replace(/_\d+\.png$/, '.png') ?? 'sketch.png' : `${stem}sketch.png`, { type: 'image/png' }))
    await app.reloadCatalog()
    if (found && own) app.store.edit('Draw a sketch', () => setInput(app.store, found.node.id, found.input, name))
    else {
      const id = addLoader(app, found?.node.id, name)
      app.selection.set({ nodes: [id] })
      if (found) app.editor.frame([found.node.id, id])
    }
    const takeBack = takingBack(app.store)
    toast(`The sketch is in ${name}`, { actions: [...(own ? [] : [{ label: 'Control by it', run: () => control(app, name, takeBack) }]), undoButton(app.store)] })
    return true
  } catch (error) {
    complain('The sketch was not saved', error)
    return false
  }
}

const BELOW = 40

/** @param {App} app @param {string | undefined} beside @param {string} name */
const addLoader = ({ store, catalog, editor }, beside, name) => {
  const bounds = beside ? editor.bounds(beside) : null
  const [x, y] = bounds ? [bounds.x, bounds.y + bounds.height + BELOW] : editor.pointer
  return store.edit('Draw a sketch', () => addNode(store, catalog, { type: LOADER, position: [x, y], inputs: { image: name } }))
}

/** Instead of a loader that nothing reads. @param {App} app @param {string} name @param {() => boolean} takeBack the loader */
const control = (app, name, takeBack) => {
  try {
    takeBack()
    app.selection.set({ nodes: [sendPicture(app.store, app.catalog, 'control', name)] })
    app.editor.frame()
  } catch (error) {
    complain('The sketch controls nothing', error)
  }
}
