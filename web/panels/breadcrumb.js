// Where one is in a document of sub-graphs: the way from the root, each part of it a way back.

import { element, redrawList } from './element.js'

/** @typedef {{title: string, kind: string | null}} Crumb kind: of a zone */

/**
 * @param {HTMLElement} host
 * @param {{go: (depth: number) => void, edit: (anchor: HTMLElement) => void}} actions edit: inputs and outputs of what is shown
 */
export const mountBreadcrumb = (host, { go, edit }) => {
  const list = element('ol')
  const signature = element('button', { class: 'quiet', 'data-command': 'signature' }, 'Inputs and outputs')
  signature.onclick = () => edit(signature)
  const bar = element('nav', { class: 'breadcrumb', 'aria-label': 'Where you are', hidden: true }, list, signature)
  host.append(bar)
  for (const kind of ['pointerdown', 'dblclick', 'wheel', 'contextmenu']) bar.addEventListener(kind, (event) => event.stopPropagation()) // The canvas is below.

  /** @param {readonly Crumb[]} crumbs the root first */
  const update = (crumbs) => {
    bar.hidden = crumbs.length < 2
    redrawList(list, crumbs, () => crumbs.map(({ title, kind }, depth) => {
      const isHere = depth === crumbs.length - 1
      const button = element('button', { translate: 'no', 'aria-current': isHere ? 'location' : null, onclick: () => go(depth) }, title)
      return element('li', {}, button, kind && isHere ? element('span', { class: 'kind' }, kind) : null)
    }))
  }
  return { update, signature }
}
