// Past pictures as the shell offers them: shown large, compared, searched, and the way back to what made them.

import { answering } from '../document/answering.js'
import { currentDocument } from '../document/current_document.js'
import { saidValue } from '../document/said.js'
import { changedDocumentValues, takeDocumentValues } from '../document/values.js'
import { openGallery } from '../panels/gallery.js'
import { openMenu } from '../panels/menu.js'
import { describeResult, resultsOf } from '../panels/results.js'
import { toast } from '../panels/toasts.js'
import { artifactUrl, fetchDifference, fetchRuns } from '../run/api.js'
import { changeRows, coordinateRows } from '../run/differences.js'
import { wishes } from '../run/newest.js'
import { PastDocuments } from '../run/past_documents.js'
import { fromHistory } from '../run/runs.js'
import { openViewer } from '../viewer/viewer.js'
import { checkPicture } from './gone.js'
import { complain, restoreRun, takePicture } from './opening.js'
import { sendRows } from './sending.js'
import { titleOfStored } from './subgraphs.js'
import { showSweepGrid } from './sweep_grid.js'
import { showTrash, throwAway } from './trash.js'
import { undoButton } from './undoing.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../canvas/overlay_types.js').Picture} Picture */
/** @typedef {import('../panels/results.js').Result} Result */

const THUMBNAIL = 256
export const past = new PastDocuments()
const wishForValues = wishes()

/** @param {App} app @param {Result} result @returns {import('../viewer/viewer.js').Shown} */
const shownResult = (app, result) => ({
  url: result.url, thumbnail: artifactUrl(result.artifact, { preview: THUMBNAIL }),
  title: result.run.title || 'Untitled', caption: describeResult(result),
  restore: () => void restoreRun(app, result.run.id),
  values: () => valuesText(app, result.run.id),
  takeValues: () => void takeRunValues(app, result.run.id),
  use: () => void usePicture(app, result.url), send: sendRows(app, result.url),
  failed: () => void checkPicture(app, result.url, result.artifact), remove: () => throwAway(app, result.artifact),
  run: result.run.id, coordinate: result.artifact.coordinate ?? {}, differences: (other) => differencesOf(app, result, other),
})

/** What made another picture otherwise: its run's values, or its place in the same sweep. @param {App} app @param {Result} result @param {import('../viewer/viewer.js').Shown} other */
const differencesOf = async (app, { run, artifact }, other) => {
  const places = coordinateRows(artifact.coordinate ?? {}, other.coordinate ?? {})
  if (!other.run || other.run === run.id) return places
  const { changes } = await fetchDifference(run.id, other.run)
  return [...places, ...changeRows(changes, (name) => titleOfStored(app, name))]
}

/** @param {App} app @param {readonly Result[]} results @param {number} index @param {number | null} [against] */
export const showResults = (app, results, index, against = null) =>
  openViewer(results.map((result) => shownResult(app, result)), index, { against })

/**
 * Pictures of a node: those that a known run made say so.
 * @param {App} app @param {readonly Picture[]} pictures @param {number} index
 */
export const showPictures = (app, pictures, index) => {
  const known = resultsOf(app.session.runs.values())
  openViewer(pictures.map((picture) => {
    const result = known.find(({ url }) => url === picture.url)
    const size = `${picture.width} × ${picture.height}`
    const unknown = { url: picture.url, thumbnail: picture.thumbnail, title: app.store.title, caption: size, use: () => void usePicture(app, picture.url), send: sendRows(app, picture.url) }
    return result ? shownResult(app, result) : unknown
  }), index)
}

/** @param {App} app */
export const showGallery = (app) => openGallery({
  known: () => resultsOf(app.session.runs.values()),
  isThere: ({ artifact }) => !app.session.isHidden(artifact),
  failed: ({ url, artifact }) => void checkPicture(app, url, artifact),
  subscribe: (changed) => app.session.subscribe((event) => (!event || event.artifacts?.length) && changed()),
  open: (shown, index, against) => showResults(app, shown, index, against),
  deleted: () => void showTrash(app),
  older: async (text, before) => {
    const { runs, next } = await fetchRuns({ text, before, limit: 200 })
    return { results: resultsOf(runs.map(fromHistory)), next }
  },
  read: (runs, came, signal) => past.readAll(runs, came, signal),
})

/** @param {App} app @param {string} url @returns {import('./menus.js').MenuRow[]} */
const sendMenu = (app, url) => sendRows(app, url).map(({ label, run }) => ({ label: `Send to ${label.toLowerCase()}`, run }))

/** What a right click on a picture of a node offers before all else. @param {App} app @param {string} node @param {number | null} place @returns {import('./menus.js').MenuRow[]} */
export const pictureRows = (app, node, place) => {
  const pictures = app.editor.picturesOf(node)
  const index = place ?? app.editor.pictureShown(node)
  const picture = pictures[index]
  if (!picture) return []
  const whole = picture.url.replace(/\?preview=\d+$/, '')
  return [{ label: 'Open it large', run: () => showPictures(app, pictures, index) }, ...sendMenu(app, whole), 'line']
}

/** What a right click on a tile of the strip offers. @param {App} app @param {Result} result @param {readonly Result[]} results @param {readonly [number, number]} client */
export const openResultMenu = (app, result, results, client) => openMenu(client, [
  { label: 'Use its values', run: () => void takeRunValues(app, result.run.id) },
  { label: 'Restore its workflow', run: () => void restoreRun(app, result.run.id) },
  'line',
  { label: 'Compare with the newest', run: () => showResults(app, results, 0, results.indexOf(result)), enabled: results.indexOf(result) > 0 },
  ...(result.artifact.coordinate ? [{ label: 'Show its sweep as a grid', run: () => showSweepGrid(app, result.run) }] : []),
  { label: 'Use as input', run: () => void usePicture(app, result.url) },
  ...sendMenu(app, result.url),
  'line',
  { label: 'Delete', run: () => void throwAway(app, result.artifact), danger: true },
])

/** @param {unknown} value */
const short = (value) => {
  const text = (typeof value === 'string' ? `“${value}”` : saidValue(value)).replaceAll(/\s+/g, ' ')
  return text.length > 48 ? `${text.slice(0, 46)}…` : text
}

/** What its run had otherwise than the open document has now. @param {App} app @param {string} run */
const valuesText = async (app, run) => {
  const document = currentDocument(await past.get(run), app.catalog.renames)
  const changes = changedDocumentValues(app.store, document)
  if (!changes.length) return 'Made with the values as they are now'
  return `Made with ${changes.map(({ graph, node, input, then }) => `${titleOfStored(app, graph ? `@${graph}/${node}` : node)} ${input.replaceAll('_', ' ')} ${short(then)}`).join(',  ')}`
}

/** The values that made a picture go into the open document; its nodes and wires stay. @param {App} app @param {string} run @param {{quietly?: boolean}} [options] quietly: nothing is said where they are there already */
export const takeRunValues = async (app, run, { quietly = false } = {}) => {
  const answer = answering(app.store)
  const isWished = wishForValues()
  try {
    const document = currentDocument(await past.get(run), app.catalog.renames)
    if (!isWished()) return
    const count = answer(() => takeDocumentValues(app.store, document))
    if (!count) return quietly ? undefined : void toast('The values are the same already')
    toast(`${count} ${count === 1 ? 'value' : 'values'} restored`, { actions: [undoButton(app.store)] })
  } catch (error) {
    if (isWished()) complain('The values did not come back', error)
  }
}

/** A result becomes input: its own file, put into the input folder. @param {App} app @param {string} url */
const usePicture = async (app, url) => {
  try {
    const answer = await fetch(url)
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
    const blob = await answer.blob()
    const name = decodeURIComponent(url.split('/').at(-1) ?? 'picture.png')
    await takePicture(app, new File([blob], name, { type: blob.type }), { world: app.editor.pointer })
  } catch (error) {
    complain('The picture was not taken as input', error)
  }
}
