// One picture, large: step through its neighbours, get it, or bring back the workflow that made it.

import { element } from './element.js'
import { icon } from './icons.js'

/** @typedef {{url: string, caption: string, title: string, restore?: () => void, use?: () => void}} Shown */

/** Small pictures are shown at up to this many times their size. */
const LARGEST_SCALE = 5

/** @param {HTMLImageElement} image */
const fit = (image) => {
  image.style.maxWidth = `min(100%, ${image.naturalWidth * LARGEST_SCALE}px)`
  image.style.width = `${image.naturalWidth * LARGEST_SCALE}px`
}

/** @param {readonly Shown[]} pictures @param {number} start */
export const openViewer = (pictures, start) => {
  let index = start
  const image = element('img', { class: 'viewer-picture', alt: '' })
  image.onload = () => fit(image)
  const caption = element('figcaption', {}, element('strong'), element('span'))
  const actions = element('div', { class: 'viewer-actions' })
  const step = (/** @type {number} */ by) => show((index + by + pictures.length) % pictures.length)
  const arrow = (/** @type {'left' | 'right'} */ name, /** @type {string} */ label, /** @type {number} */ by) =>
    element('button', { class: `quiet viewer-${name}`, 'aria-label': label, hidden: pictures.length < 2,
      onclick: () => step(by) }, icon(name))
  const dialog = element('dialog', { class: 'viewer', 'aria-label': 'Picture' },
    element('button', { class: 'quiet viewer-close', 'aria-label': 'Close', onclick: () => dialog.close() }, icon('close')),
    arrow('left', 'Newer picture', -1), element('figure', {}, image, caption), arrow('right', 'Older picture', 1), actions)

  /** @param {string} label @param {import('./icons.js').IconName} name @param {(() => void) | undefined} run */
  const action = (label, name, run) => run &&
    element('button', { class: 'labelled', onclick: () => (dialog.close(), run()) }, icon(name), label)

  const show = (/** @type {number} */ next) => {
    const picture = pictures[next]
    if (!picture) return
    index = next
    image.src = picture.url
    image.alt = picture.title
    caption.replaceChildren(element('strong', {}, picture.title), element('span', {}, picture.caption))
    const name = decodeURIComponent(picture.url.split('?')[0]?.split('/').at(-1) ?? '')
    actions.replaceChildren(...[
      action('Restore the workflow that made it', 'restore', picture.restore),
      action('Use as input', 'add', picture.use),
      element('a', { class: 'labelled button', href: picture.url, download: name }, icon('save'), 'Download'),
    ].filter((node) => !!node))
  }

  dialog.addEventListener('keydown', (event) => {
    event.stopPropagation()
    if (event.key === 'ArrowLeft') step(-1)
    else if (event.key === 'ArrowRight') step(1)
  })
  dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close())
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  show(start)
  dialog.showModal()
}
