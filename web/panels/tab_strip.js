// The open documents in a row below the bar; a single one needs no row.

import { byId, element, redrawList, uiScale } from './element.js'
import { icon } from './icons.js'

/** @typedef {{title: string, changed: boolean, picture: () => HTMLCanvasElement | null}} ShownTab */
/**
 * @typedef {object} TabActions
 * @property {(index: number) => void} show
 * @property {(index: number) => void} close
 * @property {() => void} add
 */

/** @param {TabActions} actions */
export const mountTabStrip = (actions) => {
  const strip = byId('tabs')
  const peek = element('div', { class: 'panel tab-peek', hidden: true })
  document.body.append(peek)
  const hide = () => (peek.hidden = true)

  /** @param {ShownTab} shown @param {HTMLElement} node */
  const show = ({ picture }, node) => {
    const canvas = picture()
    if (!canvas) return
    const { left, bottom } = node.getBoundingClientRect()
    Object.assign(peek.style, { left: `${left / uiScale()}px`, top: `${(bottom + 6) / uiScale()}px` })
    peek.replaceChildren(canvas)
    peek.hidden = false
  }

  /** @param {ShownTab} shown @param {number} index @param {boolean} isActive */
  const tab = (shown, index, isActive) => {
    const { title, changed } = shown
    const node = element('div', {
      class: `tab${isActive ? ' tab-active' : ''}`,
      onpointerenter: () => !isActive && show(shown, node), onpointerleave: hide,
      onauxclick: (/** @type {MouseEvent} */ event) => event.button === 1 && actions.close(index),
    },
    element('button', { class: 'tab-name', 'aria-current': isActive ? 'page' : null, onclick: () => (hide(), actions.show(index)) },
      element('span', {}, title), changed ? element('span', { class: 'tab-dot', role: 'img', 'aria-label': 'changed', title: 'Changed since it was opened or saved' }) : null),
    element('button', { class: 'quiet tab-close', 'aria-label': `Close ${title}`, onclick: () => (hide(), actions.close(index)) }, icon('close')))
    return node
  }

  /** @param {readonly ShownTab[]} tabs @param {number} active */
  const update = (tabs, active) => {
    strip.hidden = tabs.length < 2
    redrawList(strip, [tabs, active], () => [...tabs.map((shown, index) => tab(shown, index, index === active)),
      element('button', { class: 'quiet small tab-add', 'aria-label': 'New workflow', title: 'New workflow', onclick: () => actions.add() }, icon('add'))])
    if (!strip.hidden) strip.children[active]?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }
  return { update }
}
