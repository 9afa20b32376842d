// The keyboard on the canvas: from node to node along the wires, and moving what is selected.

import { GRID } from '../kernels/snapping.js'
import { nextNode } from '../kernels/walk.js'
import { announce } from '../panels/toasts.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../kernels/walk.js').Way} Way */

const STEPS = { Left: [-1, 0], Right: [1, 0], Up: [0, -1], Down: [0, 1] }
const MARGIN = 40

/** @param {App} app @param {Way} way */
export const walk = ({ store, selection, editor, catalog }, way) => {
  const places = new Map(store.nodes().flatMap(({ id }) => {
    const bounds = editor.bounds(id)
    return bounds ? [[id, bounds]] : []
  }))
  const [from = null] = selection.nodes
  const next = nextNode(store, places, from, way)
  if (!next) return
  selection.set({ nodes: [next] })
  const node = store.node(next)
  announce(node?.title || catalog.nodes.get(node?.type ?? '')?.title || next)
  show(editor, next)
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
