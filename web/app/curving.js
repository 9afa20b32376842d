// A curve of a node, edited in its panel: how many steps read it, and one undo for each gesture.

import { defaultValue, inputType, valueOf } from '../document/catalog.js'
import { setInput } from '../document/edits.js'
import { isSweep } from '../document/sweeps.js'
import { isCurve } from '../kernels/curve.js'
import { reachable } from '../kernels/graph_walk.js'
import { openCurve } from '../panels/curve.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../kernels/curve.js').Curve} Curve */

/** Inputs that say how often a curve is read, and by what. @type {readonly (readonly [string, 'step' | 'item'])[]} */
const COUNTS = [['steps', 'step'], ['count', 'item']]

/** @param {App} app @param {string} node @param {string} name @param {readonly [number, number]} client */
export const editCurve = async (app, node, name, client) => {
  const { store, catalog } = app
  const record = store.node(node)
  const type = record && inputType(catalog, record.type, name)
  const widget = type?.widget
  if (!record || !type || widget?.kind !== 'curve' || store.linksTo(node, name).length || isSweep(valueOf(record, type))) return
  const graph = store.current
  const within = (/** @type {() => void} */ change) => store.within(graph, change)
  const read = () => {
    const now = store.graph(graph).node(node)
    const value = now && valueOf(now, type)
    return isCurve(value) ? value : firstCurve(widget)
  }
  await openCurve({
    client, label: `${record.title || catalog.nodes.get(record.type)?.title || record.type} · ${type.label ?? name.replaceAll('_', ' ')}`, widget, reads: widget.across === 'tones' ? null : readsNear(app, node), read,
    change: (curve, nudged) => within(() => setInput(store, node, name, plain(curve), nudged ? { coalesce: `curve ${node} ${name}` } : {})),
    begin: () => store.begin(`Set ${name}`),
    end: (keep) => (keep ? store.commit() : store.cancel()),
    subscribe: (changed) => store.subscribe(() => store.graph(graph).node(node) && changed()),
  })
}

/** As the document holds it: points of its own. @param {Curve} curve @returns {Curve} */
const plain = ({ points, interpolation = 'linear' }) => ({ points: points.map(([x, y]) => [x, y]), interpolation })

/** Of an input that has none yet. @param {import('../document/catalog.js').Widget} widget @returns {Curve} */
const firstCurve = (widget) => {
  const usual = defaultValue(widget)
  const [low, high] = widget.shown ?? [widget.min ?? 0, widget.max ?? 1]
  return isCurve(usual) ? usual : { points: [[0, low], [1, high]], interpolation: 'linear' }
}

/**
 * How often a curve is read: by its own node, the sampler below it, or along the levels that lead into that.
 * @param {App} app @param {string} node @returns {{count: number, of: 'step' | 'item'} | null}
 */
export const readsNear = ({ store }, node) => {
  const below = [node, ...reachable(node, 'down', (id) => store.linksFrom(id))]
  const levels = below.flatMap((id) => store.linksTo(id, 'sigmas').map(({ from }) => from[0]))
  const above = levels.flatMap((id) => [id, ...reachable(id, 'up', (each) => store.linksTo(each))])
  for (const id of [...below, ...above]) {
    for (const [name, of] of COUNTS) {
      const count = store.linksTo(id, name).length ? null : store.node(id)?.inputs?.[name]
      if (typeof count === 'number') return { count, of }
    }
  }
  return null
}
