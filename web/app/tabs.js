// Several open documents on one page: the active one is in the store, the others rest with their whole history.

import { emptyDocument } from '../document/workflow_format.js'
import { drawSketch } from '../panels/schematic.js'
import { copyOf, identified } from './documents.js'
import { sketchOf } from './templates.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../document/store.js').Suspended} Suspended */
/** @typedef {import('../document/workflow_format.js').WorkflowDocument} WorkflowDocument */
/**
 * @typedef {object} Tab
 * @property {string} name its journal's
 * @property {string} title
 * @property {string} documentId
 * @property {Suspended | WorkflowDocument | null} rests null: it is active
 * @property {boolean} changed since it was opened or saved as a file
 * @property {object | null} saved the mark of its state when it was opened or saved
 * @property {string | null} shownRun
 * @property {{nodes: readonly string[], links: readonly string[], annotations: readonly string[]}} selected
 * @property {HTMLCanvasElement | null} picture as it was when it was left
 */

const PICTURE_WIDTH = 320
/** Of a document that came changed: no state of it is the one in the file. */
const NEVER = {}

export class Tabs {
  #app
  #changed
  /** @type {Tab[]} */
  list = []
  active = 0

  /** @param {App} app @param {() => void} changed */
  constructor(app, changed) {
    this.#app = app
    this.#changed = changed
  }

  /** @param {readonly {name: string, document: WorkflowDocument, changed?: boolean}[]} opened the active one is in the store already @param {number} active */
  begin(opened, active) {
    this.list = opened.map(({ name, document, changed }, index) => ({ ...tabOf(name, document, index === active ? null : document), changed: changed ?? false, saved: changed ? NEVER : null }))
    this.active = active
    this.#use()
  }

  /** @returns {Tab} */
  get current() {
    return /** @type {Tab} */ (this.list[this.active])
  }

  /** The active document differs from what was opened or saved. */
  get isChanged() {
    return this.list.length > 0 && this.#app.store.mark !== this.current.saved
  }

  /** It is in a file now. */
  markSaved() {
    this.saving()()
  }

  /** What is open now goes to where it is kept: what is edited until then is not kept. @returns {() => void} it is there */
  saving() {
    const { current } = this
    const { mark } = this.#app.store
    return () => {
      current.saved = mark
      if (current.rests && 'past' in current.rests) current.changed = current.rests.past.mark !== mark
      this.#changed()
    }
  }

  /** How a resting document was left, or where nobody has looked at it since the page opened, its shape. @param {Tab} tab */
  pictureOf(tab) {
    const document = tab.picture || !tab.rests ? null : this.#documentOf(tab.rests)
    if (document?.nodes.length) tab.picture = drawSketch(sketchOf(document, this.#app.catalog), PICTURE_WIDTH, Math.round(PICTURE_WIDTH * 0.6))
    return tab.picture
  }

  /** Opens a document beside the others and shows it. @param {WorkflowDocument} document */
  open(document) {
    this.#rest()
    const own = identified(document)
    this.list.splice(this.active + 1, 0, tabOf(this.#app.autosave.add(), own, own))
    this.#show(this.active + 1)
  }

  /** @param {number} index */
  switchTo(index) {
    if (index === this.active || !this.list[index]) return
    this.#rest()
    this.#show(index)
  }

  /** To the next one, round and round. @param {number} by */
  step(by) {
    this.switchTo((this.active + by + this.list.length) % this.list.length)
  }

  /** The last one leaves an empty document. @param {number} index @returns {WorkflowDocument} what it held */
  close(index) {
    const tab = /** @type {Tab} */ (this.list[index])
    this.#app.editor.settle()
    const document = tab.rests ? this.#documentOf(tab.rests) : this.#app.store.toJSON()
    if (this.list.length === 1) this.open(copyOf(emptyDocument()))
    else if (index === this.active) this.switchTo(index + 1 < this.list.length ? index + 1 : index - 1)
    const { current } = this
    this.list = this.list.filter((other) => other !== tab)
    this.active = this.list.indexOf(current)
    this.#app.autosave.retire(tab.name, document)
    this.#use()
    this.#changed()
    return document
  }

  /** @param {Suspended | WorkflowDocument} rests */
  #documentOf(rests) {
    return 'tables' in rests ? this.#app.store.read(rests) : rests
  }

  /** The active document leaves the store with all that belongs to it. */
  #rest() {
    const { store, selection, autosave, editor } = this.#app
    editor.settle()
    autosave.write()
    const { nodes, links, annotations } = selection
    Object.assign(this.current, {
      title: store.title, documentId: this.#app.documentId, changed: this.isChanged, shownRun: this.#app.shownRun, picture: pictureOf(editor.picture),
      selected: { nodes: [...nodes], links: [...links], annotations: [...annotations] }, rests: store.suspend(),
    })
  }

  /** @param {number} index */
  #show(index) {
    const { store, selection } = this.#app
    const tab = /** @type {Tab} */ (this.list[index])
    const { rests } = tab
    this.active = index
    tab.rests = null
    this.#use()
    this.#app.shownRun = tab.shownRun
    selection.clear()
    if (rests && 'tables' in rests) store.resume(rests)
    else if (rests) store.load(rests)
    selection.set(tab.selected)
    this.#app.autosave.write()
    this.#changed()
  }

  #use() {
    this.#app.autosave.use(this.current.name, this.list.map(({ name }) => name))
  }
}

/** @param {string} name @param {WorkflowDocument} document @param {WorkflowDocument | null} rests @returns {Tab} */
const tabOf = (name, document, rests) => ({
  name, title: document.title || 'Untitled', documentId: String(Reflect.get(document, 'id') ?? ''), rests, changed: false, saved: null, shownRun: null,
  selected: { nodes: [], links: [], annotations: [] }, picture: null,
})

/** A small copy of what the canvas shows. @param {HTMLCanvasElement} source */
const pictureOf = (source) => {
  const height = Math.round((PICTURE_WIDTH * source.height) / Math.max(1, source.width))
  const copy = Object.assign(document.createElement('canvas'), { width: PICTURE_WIDTH, height })
  const ctx = copy.getContext('2d')
  if (ctx) ctx.imageSmoothingQuality = 'high'
  ctx?.drawImage(source, 0, 0, PICTURE_WIDTH, height)
  return copy
}
