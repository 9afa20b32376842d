// The workflow as a form: its parameters at one side, what it makes at the other; on a phone one below the other.

import { element } from './element.js'
import { createField } from './form_fields.js'
import { icon } from './icons.js'

/** @typedef {import('../document/catalog.js').Widget} Widget */
/** @typedef {import('./form_fields.js').Field} Field */
/** @typedef {{key: string, label: string, help: string, widget: Widget, value: unknown, swept: string | null, problem: string | null, rules: string | null}} ShownField swept: its values in words, which the canvas changes; rules: of a prompt */
/** @typedef {{fields: readonly ShownField[], picture: {url: string, title: string} | null, preview: ImageBitmap | null, progress: number | null, titled: boolean}} ShownForm titled: the workflow names its parameters */
/** @typedef {{change: (key: string, value: unknown) => void, editing: (key: string) => import('./form_fields.js').FieldEditing, upload: (key: string, file: File) => void, run: () => void, open: () => void, leave: () => void}} FormActions */

/** @param {HTMLElement} host @param {FormActions} actions */
export const mountForm = (host, actions) => {
  const list = element('div', { class: 'form-fields' })
  const run = element('button', { class: 'run form-run', type: 'submit' }, icon('play'), element('span', {}, 'Run'))
  const hint = element('p', { class: 'form-hint' }, 'These are the usual inputs. A right click on an input of the canvas puts it here instead.')
  const image = element('img', { alt: '' })
  const frame = element('button', { class: 'form-picture', type: 'button', 'aria-label': 'Open the picture', onclick: () => actions.open() }, image)
  const live = element('canvas', { class: 'form-live', role: 'img', 'aria-label': 'Picture in progress' })
  const none = element('p', { class: 'empty' }, 'What the workflow makes appears here.')
  const leave = element('button', { class: 'labelled', type: 'button', onclick: () => actions.leave() }, icon('templates'), 'Back to the canvas')
  const form = element('form', { class: 'form-side', 'aria-label': 'Parameters', onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), actions.run()) },
    list, hint, element('div', { class: 'form-end' }, run, leave))
  const section = element('section', { class: 'form', 'aria-label': 'Form', hidden: true }, form, element('div', { class: 'form-result' }, frame, live, none))
  host.append(section)
  /** @type {Map<string, {field: Field | null, told: HTMLElement}>} */
  let shown = new Map()
  let drawnFrom = ''

  const build = (/** @type {readonly ShownField[]} */ fields) => {
    for (const { field } of shown.values()) field?.end?.()
    shown = new Map()
    list.replaceChildren(...fields.map(({ key, label, help, widget, swept }, index) => {
      const id = `form-${index}`
      const field = swept === null ? createField({ id, label, widget, change: (value) => actions.change(key, value), upload: (file) => actions.upload(key, file), editing: actions.editing(key) }) : null
      const told = element('p', { class: 'form-problem', role: 'status' })
      shown.set(key, { field, told })
      return element('div', { class: `form-field form-${widget.kind}` }, element('label', { for: id, title: help }, label),
        field?.node ?? element('output', { id, class: 'form-swept' }, swept), told)
    }))
  }

  /** @param {ShownForm} state */
  const update = ({ fields, picture, preview, progress, titled }) => {
    if (section.hidden) return
    const structure = JSON.stringify(fields.map(({ key, label, widget, swept, rules }) => [key, label, widget.kind, widget.choices, swept, rules]))
    if (structure !== drawnFrom) build(fields)
    drawnFrom = structure
    for (const { key, value, problem } of fields) {
      const entry = shown.get(key)
      entry?.field?.show(value)
      if (entry && entry.told.textContent !== (problem ?? '')) entry.told.textContent = problem ?? ''
    }
    hint.hidden = titled
    run.lastElementChild?.replaceChildren(progress === null ? 'Run' : `${Math.floor(progress * 100)}%`)
    live.hidden = !preview
    frame.hidden = !!preview || !picture
    none.hidden = !live.hidden || !frame.hidden
    if (preview) drawLive(live, preview)
    if (picture && image.getAttribute('src') !== picture.url) Object.assign(image, { src: picture.url, alt: picture.title })
  }
  const setOpen = (/** @type {boolean} */ open) => {
    section.hidden = !open
  }
  return { update, setOpen }
}

/** @param {HTMLCanvasElement} canvas @param {ImageBitmap} preview */
const drawLive = (canvas, preview) => {
  const { width, height } = preview
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height })
  canvas.getContext('2d')?.drawImage(preview, 0, 0)
}
