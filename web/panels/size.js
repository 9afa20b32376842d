// A picture's size in a small panel: presets, both sides with their shape kept or not, and swapped.

import { evaluate } from '../kernels/arithmetic.js'
import { edgesOf, keepShape, ratioText, readSize, SHAPES, sizeFor } from '../kernels/sizes.js'
import { element, placeInWindow, redrawList } from './element.js'
import { icon } from './icons.js'

/** @typedef {import('../kernels/sizes.js').Size} Size */
/** @typedef {{client: readonly [number, number], size: Size, family?: string, limits: {min: number, max: number}, change: (size: Size) => void}} SizeRequest */

const FAMILIES = /** @type {Record<string, string>} */ ({ sd1: 'SD1 learned from 512 × 512', sd2: 'SD2 learned from 768 × 768' })
const MULTIPLE = 8

/** Whether sides change together; remembered while the page is open. */
let isLocked = false
/** @type {SizePanel | null} */
let open = null

/** @param {SizeRequest} request @returns {Promise<void>} when it is closed; changes come as they are made */
export const openSize = (request) => new Promise((resolve) => {
  open?.close()
  open = new SizePanel(request, resolve)
  open.show()
})

class SizePanel {
  #request
  #resolve
  #size
  /** What a locked size keeps. */
  #shape
  #edges
  #edge
  #width = this.#side('width')
  #height = this.#side('height')
  #lock = button('Keep the shape', 'lock', () => this.#switchLock())
  #told = element('p', { class: 'size-told', role: 'status' })
  #edgeRow
  #list = element('div', { class: 'size-presets' })
  #panel
  #closed = new AbortController()

  /** @param {SizeRequest} request @param {() => void} resolve */
  constructor(request, resolve) {
    this.#request = request
    this.#resolve = resolve
    this.#size = this.#shape = request.size
    const { edges, edge } = edgesOf(request.family, request.size)
    this.#edges = edges
    this.#edge = edge
    this.#lock.classList.add('size-lock')
    this.#edgeRow = element('div', { class: 'size-edges', role: 'group', 'aria-label': 'Size of the presets' },
      ...edges.map((each) => element('button', { type: 'button', onclick: () => ((this.#edge = each), this.#tell()) }, String(each))))
    const swap = button('Swap the sides', 'swap', () => this.#set({ width: this.#size.height, height: this.#size.width }))
    this.#panel = element('div', { class: 'panel size-panel', role: 'dialog', 'aria-label': 'Size' },
      element('div', { class: 'size-row' }, this.#width, swap, this.#height, this.#lock), this.#told, this.#edgeRow, this.#list)
  }

  show() {
    this.#panel.addEventListener('keydown', (event) => this.#key(event))
    addEventListener('pointerdown', ({ target }) => this.#panel.contains(/** @type {Node} */ (target)) || this.close(), { capture: true, signal: this.#closed.signal })
    document.body.append(this.#panel)
    this.#tell()
    placeInWindow(this.#panel, this.#request.client)
    if (matchMedia('(pointer: coarse)').matches) this.#panel.querySelector('button')?.focus() // A phone's keyboard would cover the presets.
    else this.#width.focus()
  }

  close() {
    if (this.#closed.signal.aborted) return
    if (document.activeElement instanceof HTMLInputElement) document.activeElement.blur() // What is typed counts.
    this.#closed.abort()
    this.#panel.remove()
    if (open === this) open = null
    this.#resolve()
  }

  /** @param {'width' | 'height'} name */
  #side(name) {
    const input = element('input', { class: 'size-side', type: 'text', inputMode: 'decimal', 'aria-label': name, spellcheck: false })
    input.addEventListener('change', () => {
      const whole = readSize(input.value)
      if (whole) return this.#set(whole)
      const value = evaluate(input.value, { ...this.#size })
      if (value === null) return this.#tell()
      if (isLocked) this.#set(keepShape(this.#shape, name, Math.round(value)), { reshape: false })
      else this.#set({ ...this.#size, [name]: value })
    })
    input.addEventListener('focus', () => input.select())
    return input
  }

  /** @param {Size} next @param {{reshape?: boolean}} [how] */
  #set(next, { reshape = true } = {}) {
    const { min, max } = this.#request.limits
    const inside = (/** @type {number} */ value) => Math.round(Math.min(max, Math.max(min, value)))
    this.#size = { width: inside(next.width), height: inside(next.height) }
    if (reshape) this.#shape = this.#size
    this.#request.change(this.#size)
    this.#tell()
  }

  #switchLock() {
    isLocked = !isLocked
    this.#shape = this.#size
    this.#tell()
  }

  #tell() {
    const { width, height } = this.#size
    const family = FAMILIES[this.#request.family ?? '']
    const down = (/** @type {number} */ value) => Math.floor(value / MULTIPLE) * MULTIPLE
    const isOdd = width !== down(width) || height !== down(height)
    this.#width.value = String(width)
    this.#height.value = String(height)
    this.#lock.setAttribute('aria-pressed', String(isLocked))
    for (const [index, each] of [...this.#edgeRow.children].entries()) each.setAttribute('aria-pressed', String(this.#edges[index] === this.#edge))
    redrawList(this.#list, [this.#size, this.#edge], () => SHAPES.map((shape) => this.#preset(shape)))
    this.#told.textContent = [isOdd ? `Latents are in steps of ${MULTIPLE}: ${down(width)} × ${down(height)} is made` : '', ratioText(this.#size),
      `${((width * height) / 1e6).toFixed(2)} megapixels`, family].filter(Boolean).join(' · ')
    this.#told.classList.toggle('wrong', isOdd)
  }

  /** @param {import('../kernels/sizes.js').Shape} shape */
  #preset({ label, ratio }) {
    const made = sizeFor(ratio, this.#edge)
    const isNow = made.width === this.#size.width && made.height === this.#size.height
    return element('button', { type: 'button', class: 'size-preset', 'aria-pressed': String(isNow), onclick: () => this.#set(made) },
      outline(made), element('span', {}, label), element('span', { class: 'size-numbers' }, `${made.width} × ${made.height}`))
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const isMod = event.ctrlKey || event.metaKey
    if (isMod && event.key !== 'Enter') return // Undo is the page's.
    event.stopPropagation()
    if (event.key === 'Escape' || (event.key === 'Enter' && isMod)) this.close()
  }
}

/** @param {string} label @param {import('./icons.js').IconName} name @param {() => void} onclick */
const button = (label, name, onclick) => element('button', { type: 'button', class: 'quiet', title: label, 'aria-label': label, onclick }, icon(name))

/** The shape as a small rectangle. @param {Size} size */
const outline = ({ width, height }) => {
  const scale = 18 / Math.max(width, height)
  const node = element('i', { class: 'size-outline' })
  node.style.width = `${width * scale}px`
  node.style.height = `${height * scale}px`
  return element('span', { class: 'size-well' }, node)
}
