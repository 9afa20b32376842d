// The first steps in a corner of the canvas: one at a time, each ticked by doing it.

import { element } from './element.js'
import { icon } from './icons.js'
import { announce } from './toasts.js'

/** @typedef {{title: string, words: string, show?: {label: string, run: () => void}}} Step */

/** @param {HTMLElement} host @param {readonly Step[]} steps @param {() => void} left */
export const mountGuide = (host, steps, left) => {
  const panel = element('aside', { class: 'panel guide', 'aria-label': 'First steps' })
  const close = () => {
    panel.remove()
    left()
  }
  /** @param {number} at */
  const show = (at) => {
    const step = steps[at]
    if (!step) return close()
    const marks = steps.map((_, place) => element('li', { class: place < at ? 'guide-done' : place === at ? 'guide-now' : '' }, place < at ? icon('all') : String(place + 1)))
    panel.replaceChildren(
      element('header', {}, element('ol', { class: 'guide-marks', 'aria-hidden': 'true' }, ...marks),
        element('button', { class: 'quiet small', 'aria-label': 'Leave the first steps', title: 'Leave the first steps', onclick: close }, icon('close'))),
      element('strong', {}, step.title), element('p', {}, step.words),
      element('footer', {}, element('button', { class: 'link', onclick: () => show(at + 1) }, at + 1 < steps.length ? 'Skip' : 'Done'),
        step.show ? element('button', { onclick: step.show.run }, step.show.label) : null))
    announce(`${step.title}. ${step.words}`)
    panel.dataset.step = String(at)
  }
  host.append(panel)
  show(0)
  return { show, at: () => Number(panel.dataset.step), close, isOpen: () => panel.isConnected }
}
