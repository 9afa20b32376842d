// A small window that shows what lies on an output: closed by a press elsewhere, or pinned and then always up to date.

import { element, placeInWindow, redrawList } from '../panels/element.js'
import { icon } from '../panels/icons.js'
import { hexText, probe } from '../kernels/compare.js'
import { createFilm } from './film.js'
import { lookElements } from './look.js'
import { Readings } from './readings.js'

/** @typedef {import('../canvas/look_words.js').Look} Look */
/**
 * @typedef {object} PeekState
 * @property {string} title of the node
 * @property {string} output the one that is shown
 * @property {readonly {name: string, type: string, colour: string}[]} outputs
 * @property {'none' | 'asking' | 'gone' | 'known'} status
 * @property {Look | null} look
 * @property {boolean} old an edit has made it so
 * @property {readonly string[]} pictures addresses of small ones
 * @property {readonly string[]} whole of the same with every pixel
 * @property {string | null} under the picture that a mask lies on
 * @property {ImageBitmap | null} live what a working sampler sees
 * @property {readonly Blob[]} frames what it saw on the way
 */
/**
 * @typedef {object} PeekActions
 * @property {() => PeekState | null} read null: the node is gone
 * @property {(output: string) => void} choose
 * @property {(index: number) => void} open the picture, large
 * @property {() => void} run up to the node
 * @property {() => void} closed
 */

const NOTES = { none: 'Nothing is known yet: run up to this node.', gone: 'It has left the cache: run up to this node again.', asking: 'Looking…', known: '' }

export class Peek {
  #actions
  #shown = 0
  #head = element('div', { class: 'peek-head' })
  #tabs = element('div', { class: 'peek-tabs', role: 'group', 'aria-label': 'Outputs' })
  #picture = element('div', { class: 'peek-picture' })
  #live = element('canvas', { class: 'peek-live', role: 'img', 'aria-label': 'Picture in progress' })
  #body = element('div', { class: 'peek-body' })
  #title = element('strong', {})
  #probe = element('output', { class: 'peek-probe', 'aria-live': 'off' })
  #readings = new Readings()
  /** It may grow out of the window when its picture comes. */
  #size = new ResizeObserver(() => this.#keepInside())
  /** @type {{frames: readonly Blob[], node: HTMLElement, destroy: () => void} | null} */
  #film = null
  #pin = element('button', { class: 'quiet small', 'aria-pressed': 'false', title: 'Keep it open and up to date', 'aria-label': 'Keep it open', onclick: () => this.pin() }, icon('pin'))
  #panel
  #isPinned = false
  #focused = document.activeElement

  /** @param {PeekActions} actions @param {readonly [number, number]} client */
  constructor(actions, client) {
    this.#actions = actions
    this.#head.append(this.#title, element('span', { class: 'spring' }), this.#pin,
      element('button', { class: 'quiet small', 'aria-label': 'Close', onclick: () => this.close() }, icon('close')))
    this.#panel = element('div', { class: 'panel peek', role: 'dialog', 'aria-label': 'What lies on an output', tabIndex: -1 }, this.#head, this.#tabs, this.#picture, this.#body)
    this.#panel.addEventListener('keydown', (event) => this.#key(event))
    this.#head.addEventListener('pointerdown', (event) => this.#drag(event))
    addEventListener('pointerdown', this.#elsewhere, true)
    document.body.append(this.#panel)
    this.update()
    placeInWindow(this.#panel, client)
    this.#panel.focus({ preventScroll: true })
    this.#size.observe(this.#panel)
  }

  #keepInside() {
    const { left, top, bottom } = this.#panel.getBoundingClientRect()
    if (bottom > innerHeight && top > 8) placeInWindow(this.#panel, [left, top])
  }

  get isPinned() {
    return this.#isPinned
  }

  /** It stays, and moves with the hand. */
  pin() {
    this.#isPinned = !this.#isPinned
    this.#pin.setAttribute('aria-pressed', String(this.#isPinned))
    this.#panel.classList.toggle('peek-pinned', this.#isPinned)
  }

  close() {
    removeEventListener('pointerdown', this.#elsewhere, true)
    const hadFocus = this.#panel.contains(document.activeElement)
    this.#panel.remove()
    this.#size.disconnect()
    this.#film?.destroy()
    this.#actions.closed()
    if (hadFocus && this.#focused instanceof HTMLElement) this.#focused.focus({ preventScroll: true })
  }

  /** Shows another output of the node. */
  reset() {
    this.#shown = 0
    this.update()
  }

  update() {
    const state = this.#actions.read()
    if (!state) return this.close()
    this.#title.textContent = state.title
    redrawList(this.#tabs, [state.output, state.outputs], () => (state.outputs.length > 1 ? state.outputs.map((output) => this.#tab(output, output.name === state.output)) : []))
    this.#drawPicture(state)
    this.#drawFilm(state)
    redrawList(this.#body, [state.status, state.look, state.old, state.outputs], () => [
      ...(state.outputs.length === 1 && state.outputs[0] ? [element('p', { class: 'peek-type' }, typeDot(state.outputs[0].colour), state.outputs[0].type)] : []),
      ...(state.status === 'known' && state.look ? lookElements(state.look) : [element('p', { class: 'peek-note' }, NOTES[state.status])]),
      ...(state.old ? [element('p', { class: 'peek-note' }, 'As the last run made it: the next one makes another.')] : []),
      ...(state.status === 'none' || state.status === 'gone' || state.old ? [element('button', { class: 'small labelled-small', onclick: () => this.#actions.run() }, icon('play'), 'Run up to here')] : []),
    ])
  }

  /** @param {{name: string, type: string, colour: string}} output @param {boolean} current */
  #tab({ name, type, colour }, current) {
    return element('button', { class: 'quiet', 'aria-pressed': String(current), title: type, onclick: () => this.#actions.choose(name) }, typeDot(colour), name)
  }

  /** @param {PeekState} state */
  #drawPicture({ pictures, whole, under, live }) {
    this.#shown = Math.min(this.#shown, Math.max(0, pictures.length - 1))
    redrawList(this.#picture, [live ? 'live' : pictures, under, this.#shown], () => (live ? [this.#live] : this.#stills(pictures, whole, under)))
    if (!live) return
    Object.assign(this.#live, { width: live.width, height: live.height })
    this.#live.getContext('2d')?.drawImage(live, 0, 0)
  }

  /** @param {PeekState} state */
  #drawFilm({ frames, live }) {
    const shown = live || frames.length < 2 ? null : frames
    if (this.#film?.frames === shown || (!this.#film && !shown)) return
    this.#film?.destroy()
    this.#film?.node.remove()
    this.#film = shown && { frames: shown, ...createFilm(shown) }
    if (this.#film) this.#picture.after(this.#film.node)
  }

  /** The pixel under the pointer. @param {PointerEvent} event @param {string | undefined} url */
  async #read(event, url) {
    const { left, top, width, height } = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect()
    const pixels = url ? await this.#readings.pixels(url).catch(() => null) : null
    const zoom = pixels ? Math.min(width / pixels.width, height / pixels.height) : 1 // A very wide one has room above and below.
    const found = pixels && probe(pixels, pixels.width / 2 + (event.clientX - left - width / 2) / zoom, pixels.height / 2 + (event.clientY - top - height / 2) / zoom)
    this.#probe.textContent = found ? `x ${found.x}  y ${found.y}   R ${found.red}  G ${found.green}  B ${found.blue}   ${hexText(found)}` : ''
  }

  /** @param {readonly string[]} pictures @param {readonly string[]} whole @param {string | null} under */
  #stills(pictures, whole, under) {
    const url = pictures[this.#shown]
    if (!url) return []
    const image = element('img', { src: under ?? url, alt: 'What lies on the output', draggable: false })
    const button = element('button', { class: 'peek-open', title: 'Open it large', onclick: () => this.#actions.open(this.#shown),
      onpointermove: (/** @type {PointerEvent} */ event) => void this.#read(event, whole[this.#shown]), onpointerleave: () => (this.#probe.textContent = '') }, image)
    if (under) {
      const mask = element('span', { class: 'peek-mask' })
      mask.style.maskImage = `url("${url}")`
      button.append(mask)
    }
    const step = (/** @type {number} */ by) => () => {
      this.#shown = (this.#shown + by + pictures.length) % pictures.length
      this.update()
    }
    this.#probe.textContent = ''
    return [button, this.#probe, ...(pictures.length > 1 ? [element('div', { class: 'peek-steps' },
      element('button', { class: 'quiet small', 'aria-label': 'Picture before', onclick: step(-1) }, icon('left')),
      element('span', {}, `${this.#shown + 1} of ${pictures.length}`),
      element('button', { class: 'quiet small', 'aria-label': 'Next picture', onclick: step(1) }, icon('right')))] : [])]
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    this.close()
  }

  /** @param {PointerEvent} event */
  #elsewhere = (event) => {
    if (!this.#isPinned && !this.#panel.contains(/** @type {Node} */ (event.target))) this.close()
  }

  /** @param {PointerEvent} start */
  #drag(start) {
    if (start.button !== 0 || /** @type {HTMLElement} */ (start.target).closest('button')) return
    const { left, top } = this.#panel.getBoundingClientRect()
    this.#head.setPointerCapture(start.pointerId)
    const move = (/** @type {PointerEvent} */ event) => placeInWindow(this.#panel, [left + event.clientX - start.clientX, top + event.clientY - start.clientY])
    const end = () => {
      this.#head.removeEventListener('pointermove', move)
      for (const kind of ['pointerup', 'pointercancel']) this.#head.removeEventListener(kind, end)
    }
    this.#head.addEventListener('pointermove', move)
    for (const kind of ['pointerup', 'pointercancel']) this.#head.addEventListener(kind, end)
  }
}

/** @param {string} colour */
const typeDot = (colour) => {
  const dot = element('span', { class: 'type-dot' })
  dot.style.background = colour
  return dot
}
