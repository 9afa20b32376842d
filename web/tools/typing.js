// What is typed over the canvas: one editor at a time, of a widget, a title, a note.

import { editField } from '../widgets/edit_field.js'
import { openFieldEditor } from '../widgets/field_editor.js'
import { widgetKind } from '../widgets/kinds.js'
import { wordsOf } from './edit_words.js'
import { clickWidget, fieldAt } from './idle.js'

/** @typedef {import('../widgets/field_editor.js').OpenEditor} OpenEditor */
/** @typedef {import('./bench.js').Bench} Bench */

const TYPED = ['int', 'float', 'seed', 'text']

export class Typing {
  #bench
  /** @type {OpenEditor | null} */
  #open = null
  #isLost = false

  /** @param {Bench} bench */
  constructor(bench) {
    this.#bench = bench
  }

  get isOpen() {
    return this.#open !== null
  }

  /** @param {import('../kernels/geometry.js').Camera} camera */
  follow(camera) {
    this.#open?.follow(camera)
  }

  /** @param {boolean} keep what was typed */
  close(keep) {
    this.#open?.close(keep)
  }

  /** What was typed on is not shown any more. */
  lose() {
    this.#isLost = true
    this.#open?.close(false)
    this.#isLost = false
  }

  /** What is typed is in the document from now on; typing goes on. */
  flush() {
    this.#open?.flush()
  }

  /** Opens the editor of a widget, or does what pressing it does. @param {string} node @param {string} input @returns {boolean} */
  editWidget(node, input) {
    const { host, store, services, interaction } = this.#bench
    const field = fieldAt(this.#bench, node, input)
    if (!field) return false
    const { click } = widgetKind(field.widget, field.value).press(field, 0, 0)
    if (click.kind !== 'edit') {
      clickWidget(this.#bench, field, click)
      return true
    }
    interaction.editing = { node, input }
    this.#opened(editField(host, store, field, {
      onClose: () => this.#closed(),
      onTab: (backwards) => this.#editNext(node, input, backwards),
      prompt: services.prompt?.(node, input) ?? null, openLarge: services.editLarge && (() => services.editLarge?.(node, input)),
      notify: (text) => services.notify?.(text),
    }))
    return true
  }

  /** Of a node, frame, note or portal. @param {string} id @param {() => void} [closed] of what is new: its words belong to the same edit */
  editWords(id, closed) {
    const words = wordsOf(this.#bench, id)
    if (!words) return
    const { store, host, interaction } = this.#bench
    const { multiline } = words.place
    if (multiline && !closed) store.begin('Edit note')
    this.#opened(openFieldEditor(host, {
      ...words.place, keepsOnEscape: multiline || closed !== undefined, onFlush: words.keep,
      onInput: (text) => multiline && words.keep(text), // A note is long enough to be lost: it is written as it is typed.
      onClose: (text, keep) => {
        this.#closed()
        if (keep) words.keep(text)
        else if (!this.#isLost) this.#takeBack(() => words.keep(text))
        if (closed) closed()
        else if (multiline) store.commit()
      },
    }))
    if (words.isHidden) interaction.editing = { node: id, input: 'text' }
    this.#open?.element.focus({ preventScroll: true })
    if (!multiline) this.#open?.element.select()
  }

  /** A name that was not meant goes, and redo brings it. @param {() => void} keep */
  #takeBack(keep) {
    const { store, services } = this.#bench
    const before = store.history.done
    keep()
    if (store.history.done === before) return
    store.undo()
    services.notify?.('The name is as it was; redo brings what you typed')
  }

  /** @param {OpenEditor} editor */
  #opened(editor) {
    this.#open?.close(true)
    this.#open = editor
    editor.follow(this.#bench.camera())
    this.#bench.invalidate()
  }

  #closed() {
    const { host, interaction, invalidate } = this.#bench
    this.#open = null
    interaction.editing = null
    invalidate()
    // The keyboard goes back to the canvas unless the user has put it elsewhere.
    requestAnimationFrame(() => {
      if (document.activeElement === document.body) host.focus({ preventScroll: true })
    })
  }

  /** @param {string} node @param {string} input @param {boolean} backwards */
  #editNext(node, input, backwards) {
    const typed = (this.#bench.scene.node(node)?.layout.widgets ?? []).filter(({ widget, linked }) => !linked && TYPED.includes(widget.kind))
    const at = typed.findIndex((entry) => entry.input.name === input)
    const next = typed[(at + (backwards ? -1 : 1) + typed.length) % typed.length]
    if (next && next.input.name !== input) this.editWidget(node, next.input.name)
  }
}
