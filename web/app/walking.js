// The keyboard on the canvas: from node to node along the wires, and moving what is selected.

import { GRID } from '../kernels/snapping.js'
import { nextNode, nextWire } from '../kernels/walk.js'
import { announce } from '../panels/toasts.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../kernels/walk.js').Way} Way */

const STEPS = { Left: [-1, 0], Right: [1, 0], Up: [0, -1], Down: [0, 1] }
const MARGIN = 40

/** @param {App} app @param {Way} way */
export const walk = (app, way) => {
  const { store, selection, editor } = app
  const end = selection.nodes.size ? null : endOfWire(store, selection, way)
  const places = new Map(store.nodes().flatMap(({ id }) => {
    const bounds = editor.bounds(id)
    return bounds ? [[id, bounds]] : []
  }))
  const [from = null] = selection.nodes
  const next = end ?? nextNode(store, places, from, way)
  if (next) go(app, next)
}

/** @param {App} app @param {string} id */
const go = ({ store, selection, editor, catalog }, id) => {
  selection.set({ nodes: [id] })
  const node = store.node(id)
  announce(node?.title || catalog.nodes.get(node?.type ?? '')?.title || id)
  show(editor, id)
}

/** Along the one selected wire: to the left lies what feeds it. @param {App['store']} store @param {App['selection']} selection @param {Way} way */
const endOfWire = (store, { links }, way) => {
  const [id = ''] = links
  const link = links.size === 1 ? store.link(id) : undefined
  return (way === 'Left' ? link?.from[0] : way === 'Right' ? link?.to[0] : null) ?? null
}

/** Selects the first wire of the selected node, then one after the other, and says the way of what flows there. @param {App} app */
export const followWires = ({ store, selection, editor }) => {
  const next = nextWire(store, selection)
  if (!next) return void announce('The node has no wires')
  selection.set({ links: [next] })
  announce(editor.showPath(next))
}

/** Moves the view only where the node is not in it. @param {App['editor']} editor @param {string} id */
const show = (editor, id) => {
  const bounds = editor.bounds(id)
  if (!bounds) return
  const { view } = editor.map()
  const inside = bounds.x >= view.x && bounds.y >= view.y && bounds.x + bounds.width <= view.x + view.width && bounds.y + bounds.height <= view.y + view.height
  if (!inside && (bounds.width + MARGIN < view.width)) editor.centre([bounds.x + bounds.width / 2, bounds.y + Math.min(bounds.height, view.height - MARGIN) / 2])
  else if (!inside) editor.frame([id])
}

/** @param {App} app @param {Way} way @param {{alone?: boolean}} [how] */
export const nudge = ({ editor }, way, how) => {
  const [dx = 0, dy = 0] = STEPS[way].map((step) => step * GRID)
  editor.nudge([dx, dy], how)
}
