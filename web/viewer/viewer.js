// One picture, large, or two against each other: step through its neighbours, look at pixels, bring back what made it.

import { differenceText, probe } from '../kernels/compare.js'
import { Fingers } from '../kernels/fingers.js'
import { element } from '../panels/element.js'
import { icon } from '../panels/icons.js'
import { createFilmstrip } from './filmstrip.js'
import { Readings } from './readings.js'
import { Stage } from './stage.js'
import { differenceRows, probeWords } from './told.js'

const ENDS = /** @type {const} */ (['pointerup', 'pointercancel'])

/** @typedef {import('./stage.js').Mode} Mode */
/**
 * @typedef {object} Shown
 * @property {string} url
 * @property {string} [thumbnail]
 * @property {string} title
 * @property {string} caption
 * @property {() => void} [restore] opens the workflow that made it
 * @property {() => Promise<string>} [values] its values that are not the open workflow's, in words; empty where there are none
 * @property {() => void} [takeValues]
 * @property {() => void} [use] as input
 * @property {readonly {label: string, run: () => void}[]} [send] where else the picture can go
 * @property {(other: Shown) => Promise<readonly Difference[]>} [differences] what made the other one otherwise
 * @property {string} [run] that made it
 * @property {Record<string, unknown>} [coordinate] where in a sweep
 * @property {() => void} [failed] it did not come
 * @property {() => Promise<boolean>} [remove] whether it went; it can be brought back
 */

/** @typedef {import('./told.js').Difference} Difference */

/** @type {readonly {mode: Mode, label: string, key: string}[]} */
const MODES = [
  { mode: 'one', label: 'One', key: 'q' }, { mode: 'wipe', label: 'Wipe', key: 'w' }, { mode: 'side', label: 'Side by side', key: 's' },
  { mode: 'onion', label: 'Onion skin', key: 'o' }, { mode: 'difference', label: 'Difference', key: 'd' }, { mode: 'blink', label: 'Blink', key: 'b' },
]
const BLINK_MS = 600
const GAINS = { least: 1, usual: 4, most: 32 }

/** @param {string} url @returns {Promise<HTMLImageElement>} */
const load = async (url) => {
  const image = Object.assign(new Image(), { src: url })
  await image.decode()
  return image
}

class Viewer {
  #pictures
  #a
  #b
  #stage = new Stage()
  #fingers = new Fingers()
  #readings = new Readings()
  #gain = GAINS.usual
  /** Counts what is shown: an answer that comes late is for nothing. */
  #turn = 0
  #timer = 0
  /** @type {[number, number] | null} */
  #point = null
  #caption = element('div', { class: 'viewer-caption' })
  #values = element('p', { class: 'viewer-values' })
  #modes = element('div', { class: 'viewer-modes', role: 'group', 'aria-label': 'Comparison' })
  #probe = element('output', { class: 'viewer-probe', 'aria-live': 'off' })
  #told = element('span', { class: 'viewer-told', role: 'status' })
  #zoom = element('button', { class: 'quiet viewer-zoom', title: 'Fit (0), actual size (1)', onclick: () => this.#stage.fit() })
  #gainInput = element('input', { type: 'range', min: GAINS.least, max: GAINS.most, value: this.#gain, 'aria-label': 'Enlarge differences' })
  #mixInput = element('input', { type: 'range', min: 0, max: 100, value: 50, 'aria-label': 'How much of B is seen' })
  #gone = element('p', { class: 'viewer-gone', role: 'status' })
  #differs = element('table', { class: 'viewer-differs', hidden: true })
  #actions = element('div', { class: 'viewer-actions' })
  #film
  #dialog

  /** @param {readonly Shown[]} pictures @param {number} a @param {number | null} b compared with it at once */
  constructor(pictures, a, b) {
    this.#pictures = pictures
    this.#a = a
    this.#b = b
    this.#film = this.#makeFilm()
    this.#modes.append(...MODES.map(({ mode, label, key }) => element('button', {
      class: 'quiet', 'data-mode': mode, title: `${label} (${key.toUpperCase()})`, disabled: mode !== 'one' && pictures.length < 2, onclick: () => this.#setMode(mode),
    }, label)))
    this.#dialog = this.#build()
    this.#listen()
    document.body.append(this.#dialog)
    this.#dialog.showModal()
    this.#stage.canvas.focus()
    this.#setMode(b === null ? 'one' : 'wipe')
    void this.#show()
  }

  get isOpen() {
    return this.#dialog.open
  }

  /** Newer pictures in the places of those that are shown: as many as before. @param {readonly Shown[]} pictures @returns {boolean} whether they could be shown */
  replace(pictures) {
    if (pictures.length !== this.#pictures.length) return false
    this.#setPictures(pictures)
    return true
  }

  /** @param {readonly Shown[]} pictures */
  #setPictures(pictures) {
    this.#pictures = pictures
    const film = this.#makeFilm()
    this.#film.node.replaceWith(film.node)
    this.#film = film
    for (const button of this.#dialog.querySelectorAll('.viewer-modes button:not([data-mode=one]), .viewer-left, .viewer-right')) button.toggleAttribute('disabled', pictures.length < 2)
    void this.#show()
  }

  #makeFilm() {
    return createFilmstrip(this.#pictures, (index, other) => (other ? this.#compareWith(index) : this.#step(index - this.#a)))
  }

  #build() {
    const many = this.#pictures.length > 1
    const arrow = (/** @type {'left' | 'right'} */ name, /** @type {string} */ label, /** @type {number} */ by) =>
      element('button', { class: `quiet viewer-${name}`, 'aria-label': label, hidden: !many, onclick: () => this.#step(by) }, icon(name))
    return element('dialog', { class: 'viewer', 'aria-label': 'Picture' },
      element('div', { class: 'viewer-head' }, this.#caption, many ? this.#modes : null,
        element('div', { class: 'viewer-tools' }, this.#zoom,
          element('button', { class: 'quiet', 'aria-label': 'Close', onclick: () => this.#dialog.close() }, icon('close')))),
      element('div', { class: 'viewer-body' }, this.#stage.canvas, this.#gone, this.#differs, arrow('left', 'Newer picture', -1), arrow('right', 'Older picture', 1)),
      element('div', { class: 'viewer-foot' },
        element('div', { class: 'viewer-read' }, this.#probe, this.#gainInput, this.#mixInput, this.#told), this.#values, this.#actions),
      many ? this.#film.node : null)
  }

  #listen() {
    const { canvas } = this.#stage
    this.#stage.onCamera = ({ zoom }) => (this.#zoom.textContent = `${Math.round(zoom * devicePixelRatio * 100)} %`)
    this.#gainInput.oninput = () => {
      this.#gain = Number(this.#gainInput.value)
      void this.#measure()
    }
    this.#mixInput.oninput = () => this.#stage.setMix(Number(this.#mixInput.value) / 100)
    canvas.addEventListener('pointerdown', (event) => this.#press(event))
    canvas.addEventListener('pointermove', (event) => this.#hover(event))
    canvas.addEventListener('pointerleave', () => this.#pointTo(null))
    canvas.addEventListener('dblclick', () => (this.#stage.camera.zoom === 1 / devicePixelRatio ? this.#stage.fit() : this.#stage.actualSize()))
    this.#dialog.addEventListener('keydown', (event) => this.#key(event))
    this.#dialog.addEventListener('close', () => this.#closed())
  }

  #closed() {
    clearInterval(this.#timer)
    this.#turn += 1
    this.#stage.destroy()
    this.#dialog.remove()
  }

  /** The wipe's edge where it is held, else the picture. @param {PointerEvent} start */
  #press(start) {
    if (start.button > 1) return
    const { canvas } = this.#stage
    const pinches = this.#fingers.press(start, this.#stage.placeOf(start), this.#stage.camera)
    const wiping = !pinches && this.#stage.holdsWipe(start)
    canvas.setPointerCapture(start.pointerId)
    let last = start
    const move = (/** @type {PointerEvent} */ event) => {
      if (event.pointerId !== start.pointerId) return
      const pinched = this.#fingers.move(event, this.#stage.placeOf(event))
      if (pinched) this.#stage.look(pinched)
      else if (wiping) this.#stage.moveWipe(event)
      else this.#stage.pan(event.clientX - last.clientX, event.clientY - last.clientY)
      last = event
    }
    const end = (/** @type {PointerEvent} */ event) => {
      if (event.pointerId !== start.pointerId) return
      this.#fingers.lift(event)
      canvas.removeEventListener('pointermove', move)
      for (const kind of ENDS) canvas.removeEventListener(kind, end)
    }
    canvas.addEventListener('pointermove', move)
    for (const kind of ENDS) canvas.addEventListener(kind, end)
  }

  /** @param {PointerEvent} event */
  #hover(event) {
    this.#stage.canvas.style.cursor = this.#stage.holdsWipe(event) ? 'ew-resize' : event.buttons ? 'grabbing' : 'crosshair'
    this.#pointTo(this.#stage.pointAt(event))
  }

  /** Reads the pixel under the pointer, of both pictures where there are two. @param {[number, number] | null} point */
  #pointTo(point) {
    this.#point = point
    void this.#readPoint()
  }

  async #readPoint() {
    const point = this.#point
    const shown = [this.#pictures[this.#a], this.#stage.mode === 'one' || this.#b === null ? undefined : this.#pictures[this.#b]].filter((one) => !!one)
    const read = point ? await Promise.all(shown.map(({ url }) => this.#readings.pixels(url).catch(() => null))) : []
    if (point !== this.#point) return
    const [first] = read
    const [x, y] = point ?? [0, 0]
    const parts = first ? read.map((pixels) => pixels && probe(pixels, (x * pixels.width) / first.width, (y * pixels.height) / first.height)) : []
    this.#probe.replaceChildren(...probeWords(parts))
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    event.stopPropagation()
    const mode = MODES.find(({ key }) => key === event.key.toLowerCase())
    const free = !event.ctrlKey && !event.metaKey && !event.altKey && event.target !== this.#gainInput && event.target !== this.#mixInput
    if (!free) return
    const steps = { ArrowLeft: -1, ArrowRight: 1 }
    const step = steps[/** @type {keyof typeof steps} */ (event.key)]
    if (step) event.shiftKey ? this.#compareWith(this.#wrapped((this.#b ?? this.#a) + step)) : this.#step(step)
    else if (mode) this.#setMode(mode.mode)
    else if (event.key === 'x') this.#swap()
    else if (event.key === '0') this.#stage.fit()
    else if (event.key === '1') this.#stage.actualSize()
    else if (event.key === '+' || event.key === '=') this.#stage.zoomTo(this.#stage.camera.zoom * 1.5)
    else if (event.key === '-') this.#stage.zoomTo(this.#stage.camera.zoom / 1.5)
    else if (event.key === ' ' && this.#stage.mode === 'blink') this.#blink()
    else if (event.key === '[' || event.key === ']') this.#slide(event.key === '[' ? -0.05 : 0.05)
    else if (event.key === 'Delete') void this.#remove()
    else return
    event.preventDefault()
  }

  /** The wipe's edge, or how much of B is seen. @param {number} by */
  #slide(by) {
    if (this.#stage.mode !== 'onion') return this.#stage.setWipe(this.#stage.wipe + by)
    this.#stage.setMix(this.#stage.mix + by)
    this.#mixInput.value = String(this.#stage.mix * 100)
  }

  /** The picture goes, and the next one takes its place. */
  async #remove() {
    const picture = this.#pictures[this.#a]
    if (!picture?.remove || !(await picture.remove())) return
    const [seen, other] = [this.#pictures[this.#a], this.#b === null ? undefined : this.#pictures[this.#b]]
    const left = this.#pictures.filter((each) => each !== picture)
    if (!left.length) return this.#dialog.close()
    this.#a = seen && seen !== picture ? left.indexOf(seen) : Math.min(this.#a, left.length - 1)
    this.#b = other && left.indexOf(other) !== this.#a && other !== picture ? left.indexOf(other) : null
    this.#setPictures(left)
    if (this.#b === null) this.#setMode('one')
  }

  /** @param {number} index */
  #wrapped(index) {
    return (index + this.#pictures.length) % this.#pictures.length
  }

  /** @param {number} by */
  #step(by) {
    this.#a = this.#wrapped(this.#a + by)
    void this.#show()
  }

  /** @param {number} index */
  #compareWith(index) {
    this.#b = index
    if (this.#stage.mode === 'one') this.#setMode('wipe')
    void this.#show()
  }

  #swap() {
    if (this.#b === null) return
    const a = this.#a
    this.#a = this.#b
    this.#b = a
    void this.#show()
  }

  /** Comparing needs a second picture: the one before, where none is chosen. @param {Mode} mode */
  #setMode(mode) {
    if (mode !== 'one' && this.#pictures.length < 2) return
    const panes = this.#stage.panes.length
    this.#stage.mode = mode
    for (const button of this.#modes.children) button.setAttribute('aria-pressed', String(button.getAttribute('data-mode') === mode))
    clearInterval(this.#timer)
    this.#stage.shown = 'a'
    if (mode === 'blink' && document.documentElement.dataset.motion !== 'less') this.#timer = window.setInterval(() => this.#blink(), BLINK_MS)
    const chooses = mode !== 'one' && (this.#b === null || this.#b === this.#a)
    if (chooses) this.#b = this.#wrapped(this.#a + 1)
    if (this.#stage.panes.length !== panes) this.#stage.fit()
    this.#gainInput.hidden = mode !== 'difference'
    this.#mixInput.hidden = mode !== 'onion'
    if (chooses) void this.#show()
    else void Promise.all([this.#measure(), this.#tellDifferences()])
    this.#mark()
    this.#stage.draw()
  }

  #blink() {
    this.#stage.shown = this.#stage.shown === 'a' ? 'b' : 'a'
    this.#stage.draw()
  }

  async #show() {
    const turn = (this.#turn += 1)
    const [first, second] = [this.#pictures[this.#a], this.#b === null ? undefined : this.#pictures[this.#b]]
    if (!first) return
    this.#mark()
    this.#describe(first, second)
    const [a, b] = await Promise.all([load(first.url).catch(() => null), second ? load(second.url).catch(() => null) : null])
    if (turn !== this.#turn) return
    if (!a) first.failed?.()
    if (second && !b) second.failed?.()
    this.#gone.textContent = !a ? 'Its file is not there' : second && !b ? 'The file of B is not there' : ''
    const before = this.#stage.pictures.a
    this.#stage.pictures = { a, b, apart: null }
    const sameSize = before instanceof HTMLImageElement && a && before.naturalWidth === a.naturalWidth && before.naturalHeight === a.naturalHeight
    if (sameSize) this.#stage.draw()
    else this.#stage.fit()
    this.#dialog.dataset.shown = first.url
    await Promise.all([this.#measure(), this.#readPoint(), this.#tellValues(first, turn), this.#tellDifferences()])
  }

  #mark() {
    this.#film.mark(this.#a, this.#stage.mode === 'one' ? null : this.#b)
  }

  async #measure() {
    const turn = this.#turn
    const [first, second] = [this.#pictures[this.#a], this.#b === null ? undefined : this.#pictures[this.#b]]
    this.#told.textContent = ''
    if (this.#stage.mode !== 'difference' || !first || !second) return
    const apart = await this.#readings.apart(first.url, second.url, this.#gain).catch((error) => String(error))
    if (turn !== this.#turn || this.#stage.mode !== 'difference') return
    this.#told.textContent = typeof apart === 'string' ? apart : [`× ${this.#gain}`, differenceText(apart), apart.resized].filter(Boolean).join('   ')
    this.#stage.pictures.apart = typeof apart === 'string' ? null : apart.canvas
    this.#stage.draw()
  }

  /** @param {Shown} picture @param {number} turn */
  async #tellValues({ values }, turn) {
    this.#values.textContent = ''
    const words = await values?.().catch(() => '')
    if (turn !== this.#turn) return
    this.#values.textContent = words ?? ''
    this.#values.title = words ?? '' // It may be longer than its line.
  }

  /** What was otherwise when the two that are compared were made. */
  async #tellDifferences() {
    const turn = this.#turn
    const [first, second] = [this.#pictures[this.#a], this.#b === null || this.#stage.mode === 'one' ? undefined : this.#pictures[this.#b]]
    const rows = second && second !== first ? (await first?.differences?.(second).catch(() => [])) ?? [] : []
    if (turn !== this.#turn) return
    this.#differs.hidden = rows.length === 0 || this.#stage.mode === 'one'
    this.#differs.replaceChildren(...differenceRows(rows))
  }

  /** @param {Shown} first @param {Shown | undefined} second */
  #describe(first, second) {
    this.#stage.canvas.setAttribute('aria-label', second && this.#stage.mode !== 'one' ? `${first.title}, compared with ${second.title}` : first.title)
    this.#caption.replaceChildren(element('strong', {}, first.title), element('span', {}, first.caption))
    const name = decodeURIComponent(first.url.split('?')[0]?.split('/').at(-1) ?? '')
    const action = (/** @type {string} */ label, /** @type {import('../panels/icons.js').IconName} */ sign, /** @type {(() => void) | undefined} */ run) => run &&
      element('button', { class: 'labelled', onclick: () => (this.#dialog.close(), run()) }, icon(sign), label)
    this.#actions.replaceChildren(...[
      action('Use its values', 'values', first.takeValues),
      action('Restore the workflow that made it', 'restore', first.restore),
      action('Use as input', 'add', first.use),
      first.send?.length && this.#sending(first.send),
      element('a', { class: 'labelled button', href: first.url, download: name }, icon('save'), 'Download'),
      first.remove && element('button', { class: 'labelled', title: 'Delete; it can be brought back (Delete)', onclick: () => void this.#remove() }, icon('clear'), 'Delete'),
    ].filter((node) => !!node))
  }

  /** Where else the picture can go, unfolded by a press. @param {NonNullable<Shown['send']>} send */
  #sending(send) {
    return element('details', { class: 'viewer-send' }, element('summary', { class: 'labelled button' }, icon('right'), 'Send to'),
      element('div', { class: 'panel menu' }, element('div', { class: 'menu-list' },
        ...send.map(({ label, run }) => element('button', { onclick: () => (this.#dialog.close(), run()) }, label)))))
  }
}

/**
 * @param {readonly Shown[]} pictures the newest first @param {number} index
 * @param {{against?: number | null}} [options] against: another one to compare with at once
 */
export const openViewer = (pictures, index, { against = null } = {}) => new Viewer(pictures, index, against)
