// Painting over a picture: a sheet over everything, with an undo of its own, that ends in a picture file.

import { clamp } from '../kernels/geometry.js'
import { feather } from '../kernels/feather.js'
import { invert } from '../kernels/planes.js'
import { encodePng } from '../kernels/png.js'
import { element } from '../panels/element.js'
import { TOOLS, toolColumn, topBar } from './mask_bars.js'
import { LARGEST_BRUSH, MaskHand } from './mask_hand.js'
import { Mask } from './mask.js'
import { MaskView } from './mask_view.js'

/** @typedef {import('../kernels/planes.js').Plane} Plane */
/** @typedef {import('./mask_tools.js').MaskBench} MaskBench */
/** @typedef {import('./mask_tools.js').MaskSettings} MaskSettings */
/** @typedef {import('./pixels.js').RawPicture} RawPicture */
/**
 * @typedef {object} MaskRequest
 * @property {string} title
 * @property {RawPicture} pixels
 * @property {Plane} plane the mask to go on with
 * @property {import('./purposes.js').Purpose} purpose
 * @property {MaskSettings} settings changed in place
 * @property {(file: () => Promise<Blob>) => Promise<boolean>} save whether it is stored; says why not
 * @property {() => void} closed
 */

/** Keys of the whole editor; `Mod+` is Ctrl or Cmd. @type {Record<string, string>} */
const KEYS = {
  'Mod+z': 'undo', 'Mod+Shift+z': 'redo', 'Mod+y': 'redo', 'Mod+s': 'save', 'Mod+enter': 'save', i: 'invert', f: 'feather', a: 'all',
  delete: 'clear', backspace: 'clear', v: 'next_look', '[': 'smaller', ']': 'larger', '{': 'softer', '}': 'harder',
  'Shift+[': 'softer', 'Shift+]': 'harder', 'Shift+{': 'softer', 'Shift+}': 'harder',
  0: 'fit', home: 'fit', 1: 'actual', '+': 'zoom_in', '=': 'zoom_in', 'Shift++': 'zoom_in', '-': 'zoom_out', escape: 'escape',
  ...Object.fromEntries(TOOLS.map(([tool, , key]) => [key.toLowerCase(), tool])),
}

/** @param {MaskRequest} request */
export const openMaskEditor = (request) => new MaskEditor(request)

class MaskEditor {
  #request
  #settings
  #mask
  #view
  #hand
  #dialog
  #question
  #bar
  #tools
  #place = element('span', { class: 'mask-place' })
  #zoom = element('span', {})
  #isSaving = false

  /** @param {MaskRequest} request */
  constructor(request) {
    const { pixels, plane, settings, purpose } = request
    const canvas = element('canvas', { class: 'mask-canvas', tabIndex: 0, role: 'application',
      'aria-label': 'Picture. Arrow keys move, Enter lowers and lifts the tool.' })
    this.#request = request
    this.#settings = settings
    this.#mask = new Mask(plane, (rect) => this.#view.changed(rect))
    this.#view = new MaskView(canvas, { pixels, plane })
    /** @type {MaskBench} */
    const bench = { mask: this.#mask, alike: () => purpose.alike(pixels, plane), settings, setOutline: (outline) => this.#view.mark({ outline }), lastTouch: null }
    const actions = { run: (/** @type {string} */ command) => this.#run(command), changed: () => this.#update() }
    this.#hand = new MaskHand(canvas, { bench, view: this.#view, told: () => this.#update() })
    this.#bar = topBar(settings, actions, request)
    this.#tools = toolColumn(settings, actions)
    this.#question = this.#askingBar()
    const foot = element('div', { class: 'mask-foot' }, this.#place, element('span', {}, 'Right button: the opposite · Alt+drag: brush · Space+drag: move'),
      element('span', {}, `${plane.width} × ${plane.height}`), this.#zoom)
    this.#dialog = element('dialog', { class: 'masks', 'aria-label': purpose.editor }, this.#bar.node, this.#tools.node, canvas, foot, this.#question)
    this.#listen(canvas)
    document.body.append(this.#dialog)
    this.#dialog.showModal()
    this.#view.onZoom = (zoom) => (this.#zoom.textContent = `${Math.round(zoom * devicePixelRatio * 100)} %`)
    this.#view.setLook(settings.look)
    this.#view.fit()
    this.#update()
    canvas.focus()
  }

  /** @param {HTMLCanvasElement} canvas */
  #listen(canvas) {
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      event.stopPropagation()
      if (this.#isSaving) return event.preventDefault()
      if (event.key === 'Tab' || isField(event) || !this.#question.hidden) return
      const onButton = event.target !== canvas && (event.key === 'Enter' || event.key === ' ')
      if (!onButton && this.#hand.key(event)) event.preventDefault()
      else if (event.type === 'keydown') this.#keyDown(event)
    }
    this.#dialog.addEventListener('keydown', onKey)
    this.#dialog.addEventListener('keyup', onKey)
    this.#dialog.addEventListener('click', ({ detail, target }) => { // Space and Enter are the picture's again, not of what a hand pressed last.
      if (detail > 0 && this.#question.hidden && target instanceof Element && !target.closest('select, input[type=number]')) canvas.focus()
    })
    const leave = (/** @type {Event} */ event) => (this.#mask.isChanged || this.#hand.isBusy) && event.preventDefault()
    addEventListener('beforeunload', leave)
    for (const kind of ['paste', 'copy', 'cut', 'dragover', 'drop']) this.#dialog.addEventListener(kind, (event) => (event.stopPropagation(), event.preventDefault()))
    this.#dialog.addEventListener('cancel', (event) => {
      event.preventDefault()
      if (this.#question.hidden) this.#run('escape')
      else this.#ask(false)
    })
    this.#dialog.addEventListener('close', () => {
      removeEventListener('beforeunload', leave)
      this.#view.destroy()
      this.#dialog.remove()
      this.#request.closed()
    })
  }

  /** @param {KeyboardEvent} event */
  #keyDown(event) {
    const name = [(event.ctrlKey || event.metaKey) && 'Mod', event.shiftKey && 'Shift', event.key.toLowerCase()].filter(Boolean).join('+')
    const command = event.altKey ? undefined : KEYS[name]
    if (!command) return
    event.preventDefault()
    this.#run(command)
  }

  /** @param {string} command */
  #run(command) {
    if (this.#isSaving) return
    const tool = TOOLS.find(([name]) => name === command)?.[0]
    if (command === 'escape') {
      if (!this.#hand.cancel()) this.#close()
      return
    }
    if (this.#hand.isBusy) return // One thing at a time: a stroke under way ends first.
    if (tool) this.#settings.tool = tool
    else this.#commands[command]?.()
    this.#update()
  }

  /** @type {Record<string, () => void>} */
  #commands = {
    undo: () => this.#mask.undo(),
    redo: () => this.#mask.redo(),
    invert: () => this.#mask.apply('Invert', (plane) => (invert(plane), plane)),
    feather: () => this.#mask.apply('Feather', (plane) => feather(plane, this.#settings.feather)),
    clear: () => this.#mask.apply('Clear', (plane) => ({ ...plane, data: plane.data.fill(0) })),
    all: () => this.#mask.apply(this.#request.purpose.everything, (plane) => ({ ...plane, data: plane.data.fill(255) })),
    look: () => this.#view.setLook(this.#settings.look),
    next_look: () => {
      const looks = this.#request.purpose.looks.filter(([look]) => look !== 'green' && look !== 'blue') // One colour will do.
      const now = looks.findIndex(([look]) => look === this.#settings.look)
      this.#settings.look = looks[(now + 1) % looks.length]?.[0] ?? this.#settings.look
      this.#view.setLook(this.#settings.look)
    },
    smaller: () => this.#resize(0.85),
    larger: () => this.#resize(1 / 0.85),
    softer: () => (this.#settings.hardness = Math.max(0, this.#settings.hardness - 10)),
    harder: () => (this.#settings.hardness = Math.min(100, this.#settings.hardness + 10)),
    fit: () => this.#view.fit(),
    actual: () => this.#view.actualSize(),
    zoom_in: () => this.#view.zoomBy(1.5),
    zoom_out: () => this.#view.zoomBy(1 / 1.5),
    close: () => this.#close(),
    save: () => void this.#save(),
  }

  /** @param {number} factor */
  #resize(factor) {
    const { size } = this.#settings
    const next = Math.round(size * factor)
    this.#settings.size = clamp(next === size ? size + Math.sign(factor - 1) : next, 1, LARGEST_BRUSH)
  }

  #update() {
    this.#bar.update(this.#mask)
    this.#tools.update()
    this.#hand.showBrush()
    const { x, y } = this.#hand.place
    const { width, height, data } = this.#mask.plane
    const inside = x >= 0 && y >= 0 && x < width && y < height
    this.#place.textContent = inside ? `${x}, ${y} · ${this.#request.purpose.value} ${(Number(data[y * width + x]) / 255).toFixed(2)}` : ''
  }

  #close() {
    if (this.#mask.isChanged) this.#ask(true)
    else this.#dialog.close()
  }

  #askingBar() {
    const keep = element('button', { onclick: () => this.#ask(false) }, 'Keep painting')
    const { unsaved, discard } = this.#request.purpose
    const lose = element('button', { class: 'discard', onclick: () => this.#dialog.close() }, discard)
    return element('div', { class: 'panel mask-question', role: 'alertdialog', 'aria-label': unsaved, hidden: true }, unsaved, keep, lose)
  }

  /** @param {boolean} asks */
  #ask(asks) {
    this.#question.hidden = !asks
    const next = asks ? this.#question.querySelector('button') : this.#dialog.querySelector('canvas')
    next?.focus()
  }

  async #save() {
    const { pixels, purpose, save } = this.#request
    this.#setSaving(true)
    try {
      if (await save(() => encodePng(purpose.pack(pixels, this.#mask.plane)))) this.#dialog.close()
    } finally {
      this.#setSaving(false)
    }
  }

  /** What is painted meanwhile would be in no file. @param {boolean} isSaving */
  #setSaving(isSaving) {
    this.#isSaving = isSaving
    this.#dialog.setAttribute('aria-busy', String(isSaving))
  }
}

/** Typing and choosing keep their own keys. @param {KeyboardEvent} event */
const isField = ({ target, key, ctrlKey, metaKey }) => target instanceof HTMLElement && !ctrlKey && !metaKey && key !== 'Escape' &&
  (target.matches('input[type=number], select') || (target.matches('input[type=range]') && /^(Arrow|Home|End|Page)/.test(key)))
