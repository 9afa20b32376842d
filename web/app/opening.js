// Opening: a template, a file, a dropped picture, a past run; and pictures that become input.

import { answering } from '../document/answering.js'
import { addNode, setInput } from '../document/edits.js'
import { FORMAT, isBlank, readDocument } from '../document/workflow_format.js'
import { readableName } from '../panels/dialogs.js'
import { byId } from '../panels/element.js'
import { openTemplates } from '../panels/template_browser.js'
import { toast } from '../panels/toasts.js'
import { stillWanted } from '../panels/wanted.js'
import { ApiError, deleteWorkflow, fetchRun, fetchTemplate, readRecipe, saveWorkflow, uploadImage } from '../run/api.js'
import { askForFile, copyOf, replaceDocument, showsNothing } from './documents.js'
import { otherUses } from './picture_uses.js'
import { isModelFile, takeModel } from './models.js'
import { readTemplates, sketchOf } from './templates.js'
import { undoButton } from './undoing.js'
import { takeWords } from './words.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../document/catalog.js').Catalog} Catalog */
/** @typedef {import('../document/workflow_format.js').WorkflowDocument} WorkflowDocument */
/** @typedef {import('../panels/toasts.js').ToastAction} ToastAction */

const OPENED = '.json,.png,.webp,.jpg,.jpeg,application/json,image/*'
const STEP = 48 // between the nodes of several dropped pictures

/** Says what went wrong. @param {string} what @param {unknown} error */
export const complain = (what, error) =>
  toast(`${what}: ${error instanceof Error ? error.message : String(error)}`, { kind: 'error' })

/**
 * A document opens beside the others; in the place of an empty one, or of a state of its own, as an edit like any other.
 * @param {App} app
 * @param {WorkflowDocument} workflow
 * @param {{said: string, actions?: ToastAction[]}} options
 * @returns {() => void} takes it back
 */
export const openDocument = (app, workflow, { said, actions = [] }) => {
  const { store } = app
  const isEmpty = showsNothing(store)
  const isOwn = Reflect.get(workflow, 'id') === app.documentId
  const undo = isEmpty || isOwn ? openHere(app, workflow) : openBeside(app, workflow)
  app.selection.clear()
  app.editor.frame()
  byId('canvas').focus({ preventScroll: true })
  toast(said, { actions: isEmpty ? actions : [{ label: 'Undo', run: undo }, ...actions] })
  return undo
}

/** @param {App} app @param {WorkflowDocument} workflow @returns {() => void} takes it back */
const openHere = (app, workflow) => {
  app.autosave.keep(app.store.toJSON())
  const wasEmpty = showsNothing(app.store)
  replaceDocument(app.store, workflow)
  if (wasEmpty) app.tabs.markSaved()
  app.shownRun = null
  return undoButton(app.store).run
}

/** @param {App} app @param {WorkflowDocument} workflow @returns {() => void} takes it back */
const openBeside = ({ tabs }, workflow) => {
  const before = tabs.current
  const isOpen = tabs.list.some(({ documentId }) => documentId === Reflect.get(workflow, 'id'))
  tabs.open(isOpen ? copyOf(workflow) : workflow)
  const opened = tabs.current
  return () => {
    if (tabs.list.includes(opened)) tabs.close(tabs.list.indexOf(opened))
    if (tabs.list.includes(before)) tabs.switchTo(tabs.list.indexOf(before))
  }
}

/** @param {App} app @param {number} [index] the active one without */
export const closeTab = (app, index = app.tabs.active) => {
  const document = app.tabs.close(index)
  if (isBlank(document)) return
  toast(`Closed ${document.title ?? 'the workflow'}`, { actions: [{ label: 'Open again', run: () => app.tabs.open(document) }] })
}

/** @param {App} app @param {string} name @param {boolean} [saved] by a user: then it stays the document that it is */
export const openTemplate = async (app, name, saved = false) => {
  try {
    const template = await fetchTemplate(name)
    openDocument(app, saved ? template : copyOf(template), { said: `Opened ${template.title ?? readableName(name)}` })
  } catch (error) {
    complain('The template did not open', error)
  }
}

/** What was closed here opens again without the server, too. @param {App} app */
export const chooseTemplate = async (app) => {
  const isWanted = stillWanted()
  const without = (/** @type {unknown} */ error) => (complain('No templates', error), [])
  const [templates, recent] = await Promise.all([readTemplates(app.catalog).catch(without), app.autosave.recent()])
  if (!isWanted()) return
  openTemplates({
    templates, chooseTemplate: (name, saved) => void openTemplate(app, name, saved), forget: (name) => void forgetSaved(name),
    recent: recent.map((entry) => ({ ...entry, sketch: sketchOf(entry.document, app.catalog) })), chooseRecent: ({ document }) => openDocument(app, document, { said: `Opened ${document.title ?? 'the workflow'}` }),
  })
}

/** It can be kept again: nothing asks. @param {string} name */
const forgetSaved = async (name) => {
  try {
    const document = await fetchTemplate(name)
    await deleteWorkflow(name)
    toast(`${name} is no longer on the server`, { actions: [{ label: 'Undo', run: () => void saveWorkflow(name, document).catch((error) => complain('It did not come back', error)) }] })
  } catch (error) {
    complain(`${name} was not removed`, error)
  }
}

/** @param {App} app */
export const openFile = async (app) => {
  const file = await askForFile(OPENED)
  if (file) await takeFiles(app, [file], {})
}

/** @param {App} app @param {string} run */
export const restoreRun = async (app, run) => {
  try {
    const { document } = await fetchRun(run)
    openDocument(app, document, { said: `Restored ${document.title ?? 'the workflow'}` })
    app.shownRun = run
    app.refresh()
  } catch (error) {
    complain('The workflow did not come back', error)
  }
}

/** The node type and input that take a picture of the input folder. @param {Catalog} catalog */
const pictureInput = (catalog) => {
  for (const id of ['LoadImage', ...catalog.nodes.keys()]) {
    const input = uploadInput(catalog, id)
    if (input) return { type: id, input }
  }
  return null
}

/** @param {Catalog} catalog @param {string | undefined} type @returns {string | null} */
export const uploadInput = (catalog, type) =>
  catalog.nodes.get(type ?? '')?.inputs.find(({ widget }) => widget?.kind === 'file' && widget.upload)?.name ?? null

/** @param {App} app @param {string | null | undefined} node */
const takesPictures = ({ store, catalog }, node) => uploadInput(catalog, store.node(node ?? '')?.type) !== null

/**
 * Uploads a picture and puts it into a node: the given one where it takes pictures, else a new one.
 * @param {App} app @param {File} file @param {{world: readonly [number, number], node?: string | null}} place
 * @returns {Promise<{id: string, name: string} | null>} the new node and the file
 */
export const takePicture = async (app, file, { world, node }) => {
  const answer = answering(app.store)
  try {
    if (await isDamaged(file)) throw new Error('this is no picture that can be read')
    const { name } = await uploadImage(file)
    await app.reloadCatalog()
    return answer(() => putPicture(app, name, { world, node }))
  } catch (error) {
    complain(`${file.name} was not taken in`, error)
    return null
  }
}

/** Formats that every browser reads; of others the server knows. */
const COMMON = /^image\/(png|jpeg|webp|gif|bmp)$/

/** @param {File} file @returns {Promise<boolean>} */
const isDamaged = async (file) => COMMON.test(file.type) && createImageBitmap(file).then((read) => (read.close(), false), () => true)

/** @param {App} app @param {string} name of a file @param {{world: readonly [number, number], node?: string | null}} place @returns {{id: string, name: string} | null} the new node and the file */
const putPicture = ({ store, catalog, selection }, name, { world, node }) => {
  const target = node ? uploadInput(catalog, store.node(node)?.type) : null
  if (node && target) {
    setInput(store, node, target, name)
    return null
  }
  const loader = pictureInput(catalog)
  if (!loader) throw new Error('no node type takes pictures')
  const id = addNode(store, catalog, { type: loader.type, position: [...world], inputs: { [loader.input]: name } })
  selection.set({ nodes: [id] })
  return { id, name }
}

/** A workflow that has no title is called as its file. @param {WorkflowDocument} workflow @param {string} name @returns {WorkflowDocument} */
const titled = (workflow, name) => (workflow.title ? workflow : { ...workflow, title: name.replace(/\.\w+$/, '') })

/** @param {File} file */
const isText = ({ name, type }) => type === 'text/plain' || /\.(txt|md)$/i.test(name)

/** @param {File} file */
const isPicture = (file) => file.type.startsWith('image/')

/** What a file says about how it was made, or null where it says nothing. Our own format is read without the server, too. @param {File} file @returns {Promise<WorkflowDocument | null>} */
export const recipeOf = async (file) => {
  try {
    return (await readRecipe(file)).workflow
  } catch (error) {
    if (error instanceof ApiError && (isPicture(file) || isText(file))) return null
    const own = error instanceof ApiError && error.status < 500 ? null : await ownDocument(file)
    if (own) return own
    throw error
  }
}

/** Throws where it is of our format and cannot be read. @param {File} file @returns {Promise<WorkflowDocument | null>} null: of another format */
const ownDocument = async (file) => {
  if (!/\.json$/i.test(file.name) && file.type !== 'application/json') return null
  const document = await file.text().then(JSON.parse).catch(() => null)
  if (document?.format !== FORMAT) return null
  readDocument(document)
  return document
}

/**
 * Files that were dropped, pasted or chosen: a recipe opens, any other picture becomes input. What opens does so last: the
 * others were meant for what is open.
 * @param {App} app
 * @param {readonly File[]} files
 * @param {{world?: readonly [number, number], node?: string | null}} place
 */
export const takeFiles = async (app, files, { world = app.editor.pointer, node = null }) => {
  /** @type {{file: File, open: () => void}[]} */
  const opening = []
  for (const [index, file] of files.entries()) {
    const at = /** @type {[number, number]} */ ([world[0] + index * STEP, world[1] + index * STEP])
    let undo = () => {}
    const asPicture = async () => {
      const taken = await takePicture(app, file, { world: at, node })
      if (taken) toast(`${file.name} is a picture of the workflow`, { actions: otherUses(app, taken) })
    }
    if (takesPictures(app, node) && isPicture(file)) {
      await asPicture()
      continue
    }
    try {
      if (isModelFile(file)) {
        await takeModel(app, file, at)
        continue
      }
      const workflow = await recipeOf(file)
      if (workflow) opening.push({ file, open: () => (undo = openDocument(app, titled(workflow, file.name), { said: `Opened the workflow of ${file.name}`,
        actions: isPicture(file) ? [{ label: 'Use the picture instead', run: () => (undo(), void asPicture()) }] : [] })) })
      else if (isText(file)) takeWords(app, await file.text(), at)
      else await asPicture()
    } catch (error) {
      complain(`${file.name} did not open`, error)
    }
  }
  for (const { file, open } of opening) {
    try {
      open()
    } catch (error) {
      complain(`${file.name} did not open`, error)
    }
  }
}
