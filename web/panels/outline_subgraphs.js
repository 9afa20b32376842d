// The document's sub-graphs in the outline: how often each is used, the way into it, and what can be done with it.

import { definitionsWithUses, nameOf } from '../document/definitions.js'
import { element, redrawList } from './element.js'

/** @typedef {import('../document/store.js').Store} Store */
/** @typedef {{enter: (id: string) => void, add: (id: string) => void, canAdd: (id: string) => boolean, remove: (id: string) => void}} SubgraphActions */

/** @param {number} uses */
const usesText = (uses) => (uses === 0 ? 'not used' : uses === 1 ? 'used once' : `used ${uses} times`)

/** @param {Store} store @param {SubgraphActions} actions */
export const createSubgraphList = (store, actions) => {
  const list = element('ul', { class: 'outline-subgraph-list' })
  const section = element('section', { class: 'outline-subgraphs', 'aria-label': 'Sub-graphs of this workflow' }, element('h3', {}, 'Sub-graphs of this workflow'), list)

  /** @param {ReturnType<typeof definitionsWithUses>[number]} entry */
  const row = ({ record: { id, ...words }, uses }) => {
    const name = nameOf({ id, ...words })
    const button = (/** @type {string} */ label, /** @type {string} */ said, /** @type {() => void} */ run, enabled = true) =>
      element('button', { class: 'quiet', 'aria-label': said, disabled: !enabled, onclick: run }, label)
    return element('li', { 'data-subgraph': id },
      element('button', { class: 'link outline-node', translate: 'no', onclick: () => actions.enter(id) }, name),
      element('span', { class: 'outline-state' }, usesText(uses)),
      button('Add', `Add ${name}`, () => actions.add(id), actions.canAdd(id)),
      uses ? null : button('Delete', `Delete ${name}`, () => actions.remove(id)))
  }

  const update = () => {
    const found = definitionsWithUses(store)
    section.hidden = !found.length
    const focused = list.contains(document.activeElement) ? document.activeElement?.closest('[data-subgraph]')?.getAttribute('data-subgraph') : null
    redrawList(list, [found.map(({ record, uses }) => [record, uses]), store.current], () => found.map(row))
    if (!focused || list.contains(document.activeElement)) return
    const rows = [...list.children]
    const next = rows.find((each) => each.getAttribute('data-subgraph') === focused) ?? rows[0]
    next?.querySelector('button')?.focus({ preventScroll: true })
  }
  return { section, update }
}
