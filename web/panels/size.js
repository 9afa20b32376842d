// A picture's size in a small panel: presets, both sides with their shape kept or not, and swapped.

import { evaluate } from '../kernels/arithmetic.js'
import { edgesOf, keepShape, ratioText, SHAPES, sizeFor } from '../kernels/sizes.js'
import { element, placeInWindow, redrawList } from './element.js'
import { icon } from './icons.js'

/** @typedef {import('../kernels/sizes.js').Size} Size */
/** @typedef {{client: readonly [number, number], size: Size, family?: string, limits: {min: number, max: number}, change: (size: Size) => void}} SizeRequest */

const FAMILIES = /** @type {Record<string, string>} */ ({ sd1: 'SD1 learned from 512 × 512', sd2: 'SD2 learned from 768 × 768' })
const MULTIPLE = 8

/** Whether sides change together; remembered while the page is open. */
let isLocked = false
/** @type {(() => void) | null} */
let closeOpen = null

/** @param {SizeRequest} request @returns {Promise<void>} when it is closed; changes come as they are made */
export const openSize = ({ client, size: given, family, limits, change }) => new Promise((resolve) => {
  closeOpen?.()
  let size = given
  let shape = given
  let { edges, edge } = edgesOf(family, given)
  const set = (/** @type {Size} */ next, { reshape = true } = {}) => {
    const inside = (/** @type {number} */ value) => Math.round(Math.min(limits.max, Math.max(limits.min, value)))
    size = { width: inside(next.width), height: inside(next.height) }
    if (reshape) shape = size
    change(size)
    tell()
  }
  const side = (/** @type {'width' | 'height'} */ name) => {
    const input = element('input', { class: 'size-side', type: 'text', inputMode: 'decimal', 'aria-label': name, spellcheck: false })
    input.addEventListener('change', () => {
      const value = evaluate(input.value, { ...size })
      if (value === null) tell()
      else set(isLocked ? keepShape(shape, name, Math.round(value)) : { ...size, [name]: value }, { reshape: !isLocked })
    })
    input.addEventListener('focus', () => input.select())
    return input
  }
  const [width, height] = [side('width'), side('height')]
  const lock = element('button', { type: 'button', class: 'quiet size-lock', title: 'Keep the shape', 'aria-label': 'Keep the shape', onclick: () => ((isLocked = !isLocked), (shape = size), tell()) }, icon('lock'))
  const swap = element('button', { type: 'button', class: 'quiet', title: 'Swap the sides', 'aria-label': 'Swap the sides', onclick: () => set({ width: size.height, height: size.width }) }, icon('swap'))
  const told = element('p', { class: 'size-told', role: 'status' })
  const list = element('div', { class: 'size-presets' })
  const edgeRow = element('div', { class: 'size-edges', role: 'group', 'aria-label': 'Size of the presets' }, ...edges.map((each) =>
    element('button', { type: 'button', onclick: () => ((edge = each), tell()) }, String(each))))
  const preset = (/** @type {import('../kernels/sizes.js').Shape} */ { label, ratio }) => {
    const made = sizeFor(ratio, edge)
    return element('button', { type: 'button', class: 'size-preset', 'aria-pressed': String(made.width === size.width && made.height === size.height), onclick: () => set(made) },
      outline(made), element('span', {}, label), element('span', { class: 'size-numbers' }, `${made.width} × ${made.height}`))
  }
  const panel = element('form', { class: 'panel size-panel', role: 'dialog', 'aria-label': 'Size', onsubmit: (/** @type {Event} */ event) => event.preventDefault() },
    element('div', { class: 'size-row' }, width, swap, height, lock), told,
    edgeRow, list)

  const tell = () => {
    width.value = String(size.width)
    height.value = String(size.height)
    lock.setAttribute('aria-pressed', String(isLocked))
    for (const [index, button] of [...edgeRow.children].entries()) button.setAttribute('aria-pressed', String(edges[index] === edge))
    redrawList(list, [size, edge], () => SHAPES.map(preset))
    const odd = size.width % MULTIPLE || size.height % MULTIPLE
    const near = odd ? `Latents are in steps of ${MULTIPLE}: ${Math.floor(size.width / MULTIPLE) * MULTIPLE} × ${Math.floor(size.height / MULTIPLE) * MULTIPLE} is made. ` : ''
    told.textContent = `${near}${ratioText(size)} · ${((size.width * size.height) / 1e6).toFixed(2)} megapixels${FAMILIES[family ?? ''] ? ` · ${FAMILIES[family ?? '']}` : ''}`
    told.classList.toggle('wrong', odd !== 0)
  }
  const close = () => {
    if (closeOpen !== close) return
    closeOpen = null
    if (document.activeElement instanceof HTMLInputElement) document.activeElement.blur() // What is typed counts.
    panel.remove()
    removeEventListener('pointerdown', pressed, true)
    resolve()
  }
  const pressed = (/** @type {PointerEvent} */ { target }) => panel.contains(/** @type {Node} */ (target)) || close()
  panel.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key !== 'Enter') return // Undo is the page's.
    event.stopPropagation()
    if (event.key === 'Escape' || (event.key === 'Enter' && (event.ctrlKey || event.metaKey))) close()
  })
  closeOpen = close
  addEventListener('pointerdown', pressed, true)
  document.body.append(panel)
  tell()
  placeInWindow(panel, client)
  if (matchMedia('(pointer: coarse)').matches) panel.querySelector('button')?.focus() // A phone's keyboard would cover the presets.
  else width.focus()
})

/** The shape as a small rectangle. @param {Size} size */
const outline = ({ width, height }) => {
  const scale = 18 / Math.max(width, height)
  const node = element('i', { class: 'size-outline' })
  node.style.width = `${width * scale}px`
  node.style.height = `${height * scale}px`
  return element('span', { class: 'size-well' }, node)
}
