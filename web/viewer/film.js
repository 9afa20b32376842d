// How a picture came: the frames that its sampler showed, moved through by hand or played.

import { element } from '../panels/element.js'
import { icon } from '../panels/icons.js'

const FRAME_MS = 120

/** @param {readonly Blob[]} frames */
export const createFilm = (frames) => {
  /** Made when they are first seen. @type {(string | undefined)[]} */
  const urls = []
  let playing = 0
  const image = element('img', { class: 'film-frame', alt: 'The picture on its way', draggable: false })
  const told = element('span', { class: 'film-told' })
  const range = element('input', { type: 'range', min: 0, max: frames.length - 1, value: frames.length - 1, 'aria-label': 'Frame' })
  const play = element('button', { class: 'quiet small', 'aria-label': 'Play', onclick: () => (playing ? stop() : start()) }, icon('play'))

  const show = (/** @type {number} */ index) => {
    const frame = frames[index]
    if (!frame) return
    image.src = urls[index] ??= URL.createObjectURL(frame)
    range.value = String(index)
    told.textContent = `${index + 1} of ${frames.length}`
  }
  const stop = () => {
    clearInterval(playing)
    playing = 0
    play.replaceChildren(icon('play'))
    play.setAttribute('aria-label', 'Play')
  }
  const start = () => {
    let index = Number(range.value) >= frames.length - 1 ? -1 : Number(range.value)
    play.replaceChildren(icon('pause'))
    play.setAttribute('aria-label', 'Pause')
    playing = window.setInterval(() => {
      index += 1
      show(index)
      if (index >= frames.length - 1) stop()
    }, FRAME_MS)
  }
  range.oninput = () => {
    stop()
    show(Number(range.value))
  }
  show(frames.length - 1)
  const node = element('details', { class: 'film-strip', ontoggle: () => (node.open ? undefined : stop()) }, element('summary', {}, 'How it came'),
    image, element('div', { class: 'film-bar' }, play, range, told))
  const destroy = () => {
    stop()
    for (const url of urls) if (url) URL.revokeObjectURL(url)
  }
  return { node, destroy }
}
