// Commands that add and connect without a hand on the canvas.

import { addNode, connect } from '../document/edits.js'
import { connectInRow, swapType, wiresKept } from '../document/rewiring.js'
import { ROOM } from '../kernels/insertion.js'
import { bestPair, rankNodeTypes } from '../kernels/matching.js'
import { searchNodeType } from '../panels/search.js'
import { toast } from '../panels/toasts.js'
import { writingLate } from './late.js'
import { rememberUse, settings } from './settings.js'
import { undoButton } from './undoing.js'

/** @typedef {import('./app.js').App} App */

/** Beside a node, lower where another stands. @param {App} app @param {string} id @returns {[number, number]} */
const besides = ({ editor, store }, id) => {
  const own = editor.bounds(id) ?? { x: 0, y: 0, width: 0, height: 0 }
  const others = store.nodes().flatMap((node) => editor.bounds(node.id) ?? [])
  const x = own.x + own.width + ROOM
  let y = own.y
  for (let moved = true; moved;) {
    const there = others.find((other) => other.x < x + 240 && other.x + other.width > x && other.y < y + 160 && other.y + other.height > y)
    moved = there !== undefined
    if (there) y = there.y + there.height + ROOM / 2
  }
  return [x, y]
}

/** A node that takes what the selected one gives, right of it and connected. @param {App} app */
export const addAfter = async (app) => {
  const { store, selection, editor, catalog } = app
  const [id = ''] = selection.nodes
  const node = store.node(id)
  const outputs = catalog.nodes.get(node?.type ?? '')?.outputs ?? []
  if (!node || !outputs.length) return void toast('The selected node gives nothing')
  const fitting = new Set(outputs.flatMap(({ name, type, list }) =>
    rankNodeTypes(catalog, { kind: 'output', node: id, socket: name, type, list }).map((entry) => entry.type.id)))
  const client = editor.toClient(...besides(app, id))
  const answer = writingLate(store, 'The node was not added')
  const found = await searchNodeType(catalog, { client, recent: settings.recent, fits: (type) => fitting.has(type.id) })
  if (!found) return
  rememberUse(found.type)
  answer(() => {
    store.begin(`Add ${catalog.nodes.get(found.type)?.title ?? found.type}`)
    const added = addNode(store, catalog, { ...found, position: besides(app, id) })
    const target = store.node(added)
    const pair = target && bestPair(catalog, store, node, target)
    if (pair) connect(store, catalog, pair)
    store.commit()
    selection.set({ nodes: [added] })
  })
}

/** Another type in the selected node's place. @param {App} app */
export const changeType = async ({ store, selection, editor, catalog }) => {
  const [id = ''] = selection.nodes
  const at = editor.bounds(id)
  if (!at) return
  const countWires = () => store.linksTo(id).length + store.linksFrom(id).length
  const wires = countWires()
  const answer = writingLate(store, 'The type did not change')
  const found = await searchNodeType(catalog, { client: editor.toClient(at.x, at.y), recent: settings.recent, fits: (type) => type.id !== store.node(id)?.type && !['templates', 'canvas'].includes(type.category),
    worth: (type) => wiresKept(store, catalog, id, type) })
  const type = catalog.nodes.get(found?.type ?? '')
  if (!type) return
  const left = answer(() => (swapType(store, catalog, id, type), countWires()))
  const lost = left === undefined ? 0 : wires - left
  if (lost > 0) toast(lost === 1 ? `${lost} wire does not fit any more` : `${lost} wires do not fit any more`, { actions: [undoButton(store)] })
}

/** From left to right. @param {App} app */
export const connectSelected = ({ store, selection, editor, catalog }) => {
  const place = (/** @type {string} */ id) => editor.bounds(id)?.x ?? 0
  const count = connectInRow(store, catalog, [...selection.nodes].sort((a, b) => place(a) - place(b)))
  if (!count) toast('Nothing of the one fits into the next')
}
