// The workflow as a list: the same nodes, values and wires for keyboards and screen readers, and a way to each.

import { valueOf } from '../document/catalog.js'
import { inputsNow } from '../document/dynamic_inputs.js'
import { saidValue } from '../document/said.js'
import { element, redrawList } from './element.js'
import { createSubgraphList } from './outline_subgraphs.js'
import { togglePopover } from './popover.js'

/** @typedef {import('../canvas/overlay_types.js').RunOverlay} RunOverlay */
/** @typedef {import('../document/catalog.js').Catalog} Catalog */
/** @typedef {import('../document/store.js').Store} Store */
/** @typedef {import('../document/workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {{catalog: () => Catalog, titleOf: (node: string) => string, show: (node: string) => void, subgraphs: import('./outline_subgraphs.js').SubgraphActions}} OutlineActions */

/**
 * Nodes with those that feed them before them; what stands in a circle keeps its order.
 * @param {Store} store @returns {NodeRecord[]}
 */
export const inFlowOrder = (store) => {
  /** @type {Map<string, NodeRecord>} */
  const ordered = new Map()
  const visited = new Set()
  const visit = (/** @type {NodeRecord | undefined} */ node) => {
    if (!node || visited.has(node.id)) return
    visited.add(node.id)
    for (const link of store.linksTo(node.id)) visit(store.node(link.from[0]))
    ordered.set(node.id, node)
  }
  for (const node of store.nodes()) visit(node)
  return [...ordered.values()]
}

/** What the live plan or the run says of a node, in a word. @param {RunOverlay} overlay @param {string} node */
const stateOf = (overlay, node) => {
  const facts = overlay.nodes.get(node)
  const state = facts?.run === 'running' || facts?.run === 'failed' ? facts.run : (facts?.plan ?? facts?.run)
  return state?.replace('_', ' ')
}

/**
 * What each input of a node has, in words; `own`: somebody's, which no language changes.
 * @param {Store} store @param {Pick<OutlineActions, 'catalog' | 'titleOf'>} actions @param {NodeRecord} node @returns {{name: string, words: string, own: boolean}[]}
 */
export const toldInputs = (store, { catalog, titleOf }, node) => {
  const declared = new Map(inputsNow(catalog(), store, node).map((input) => [input.name, input]))
  const linked = store.linksTo(node.id).map(({ to }) => to[1])
  return [...new Set([...declared.keys(), ...Object.keys(node.inputs ?? {}), ...linked])].map((name) => {
    const source = store.linksTo(node.id, name).map(({ from }) => `from ${titleOf(from[0])} · ${from[1]}`).join(', ')
    const input = declared.get(name)
    const value = input ? valueOf(node, input) : node.inputs?.[name]
    const words = saidValue(value)
    return { name, words: source || words || (value === '' ? 'empty' : 'nothing'), own: !source && words !== '' }
  })
}

/** @param {Store} store @param {OutlineActions} actions */
export const createOutline = (store, actions) => {
  const list = element('ol', { class: 'outline-list' })
  const subgraphs = createSubgraphList(store, actions.subgraphs)
  const inputRows = (/** @type {NodeRecord} */ node) => toldInputs(store, actions, node).map(({ name, words, own }) =>
    element('li', {}, element('span', { class: 'outline-name', title: name }, name.replaceAll('_', ' ')), element('span', { class: 'outline-value', translate: own && 'no' }, words)))

  const nodeRow = (/** @type {NodeRecord} */ node, /** @type {RunOverlay} */ overlay) => {
    const state = stateOf(overlay, node.id)
    const problems = overlay.problems.filter((problem) => problem.node === node.id)
      .map(({ message }) => element('p', { class: 'outline-problem' }, message))
    return element('li', { 'data-node': node.id },
      element('button', { class: 'link outline-node', onclick: () => actions.show(node.id) }, actions.titleOf(node.id)),
      state ? element('span', { class: 'outline-state' }, state) : null, ...problems,
      element('ul', {}, ...inputRows(node)))
  }

  /** @param {RunOverlay} overlay */
  const update = (overlay) => {
    if (!list.isConnected) return
    subgraphs.update()
    const focused = document.activeElement?.closest('[data-node]')?.getAttribute('data-node')
    const states = store.nodes().map(({ id }) => stateOf(overlay, id))
    redrawList(list, [store.revision, actions.catalog().nodes.size, states, overlay.problems], () =>
      inFlowOrder(store).map((node) => nodeRow(node, overlay)))
    if (!focused || document.activeElement !== document.body) return
    const row = [...list.children].find((item) => item.getAttribute('data-node') === focused)
    row?.querySelector('button')?.focus({ preventScroll: true })
  }

  /** @param {HTMLElement} anchor @param {RunOverlay} overlay */
  const toggle = (anchor, overlay) => {
    togglePopover({ anchor, label: 'Outline', class: 'outline', sticky: true, content: [element('h2', {}, 'Outline'), list, subgraphs.section] })
    update(overlay)
    list.querySelector('button')?.focus()
  }
  return { toggle, update }
}
