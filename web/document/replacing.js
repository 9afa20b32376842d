// Replacing a value wherever it stands: part of a text, a whole number, a choice or a file, also within a sweep; and the values of a curve's points.

import { isCurve } from '../kernels/curve.js'
import { inputType } from './catalog.js'
import { isSweep } from './sweeps.js'

/** @typedef {import('./catalog.js').Catalog} Catalog */
/** @typedef {import('./catalog.js').Widget} Widget */
/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {{graph: string, node: string, input: string, before: unknown, after: unknown, fits: boolean}} Replacement graph: the sub-graph that it is in; fits: the input takes it */

/** @param {string} text */
const escaped = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** @param {unknown} value @param {string} find @param {string} replace @returns {unknown} the same where it is not found */
const replaced = (value, find, replace) => {
  if (isSweep(value)) {
    const sweep = value.sweep.map((each) => replaced(each, find, replace))
    return sweep.some((each, place) => each !== value.sweep[place]) ? { ...value, sweep } : value
  }
  if (isCurve(value)) {
    const points = value.points.map(([x, y]) => [x, replaced(y, find, replace)])
    return points.some(([, y], place) => y !== value.points[place]?.[1]) ? { ...value, points } : value
  }
  if (typeof value === 'string') return value.replaceAll(new RegExp(escaped(find), 'giu'), () => replace)
  const number = replace.trim() === '' ? NaN : Number(replace)
  return typeof value === 'number' && value === Number(find) && Number.isFinite(number) ? number : value
}

/** @param {unknown} value @param {Widget | null | undefined} widget @returns {boolean} */
const fits = (value, widget) => {
  if (isSweep(value)) return value.sweep.every((each) => fits(each, widget))
  if (!widget) return true
  if (isCurve(value)) return value.points.every(([, y]) => fits(y, { ...widget, kind: 'float' }))
  if (widget.kind === 'choice' || widget.kind === 'file') return widget.choices?.includes(/** @type {string} */ (value)) ?? true
  if (typeof value !== 'number') return true
  if (widget.kind !== 'float' && !Number.isInteger(value)) return false
  return value >= (widget.min ?? -Infinity) && value <= (widget.max ?? Infinity)
}

/**
 * What replacing would change, in the order of the nodes; letters are found large and small.
 * @param {readonly NodeRecord[]} nodes @param {Catalog} catalog @param {{find: string, replace: string}} asked @param {string} [graph] that the nodes are in @returns {Replacement[]}
 */
export const replacements = (nodes, catalog, { find, replace }, graph = '') => {
  if (!find.trim()) return []
  return nodes.flatMap((node) => Object.entries(node.inputs ?? {}).flatMap(([input, before]) => {
    const after = replaced(before, find, replace)
    return after === before ? [] : [{ graph, node: node.id, input, before, after, fits: fits(after, inputType(catalog, node.type, input)?.widget) }]
  }))
}

/** All of them as one undo entry. @param {Store} store @param {readonly Replacement[]} chosen */
export const replaceValues = (store, chosen) => store.edit('Replace values', (tx) => {
  for (const { graph, node: id, input, after } of chosen) {
    const node = store.graph(graph).node(id)
    if (node) store.within(graph, () => tx.put('nodes', { ...node, inputs: { ...node.inputs, [input]: after } }))
  }
})

/** Every value that stands somewhere as a text, and what its choices offer: to choose from. @param {readonly NodeRecord[]} nodes @param {Catalog} catalog */
export const knownValues = (nodes, catalog) => {
  const found = new Set()
  const offered = new Set()
  for (const node of nodes) {
    for (const [input, value] of Object.entries(node.inputs ?? {})) {
      const widget = inputType(catalog, node.type, input)?.widget
      if (typeof value !== 'string' || (widget?.kind !== 'choice' && widget?.kind !== 'file')) continue
      found.add(value)
      for (const choice of widget.choices ?? []) offered.add(String(choice))
    }
  }
  return { found: [...found], offered: [...offered] }
}
