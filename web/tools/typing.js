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
    }))
    return true
  }

  /** Of a node, frame, note or portal. @param {string} id @param {() => void} [closed] */
  editWords(id, closed) {
    const words = wordsOf(this.#bench, id)
    if (!words) return
    this.#opened(openFieldEditor(this.#bench.host, {
      ...words.place,
      onClose: (text, keep) => {
        this.#closed()
        if (keep) words.keep(text)
        closed?.()
      },
    }))
    if (words.isHidden) this.#bench.interaction.editing = { node: id, input: 'text' }
    this.#open?.element.focus({ preventScroll: true })
    if (!words.place.multiline) this.#open?.element.select()
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
