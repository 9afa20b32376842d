// Wiring: a wire in the hand, drawn to the socket that suits it best; on empty canvas it asks for a node.

import { addNode, connect, disconnect } from '../document/edits.js'
import { contains, grown } from '../kernels/geometry.js'
import { reachable } from '../kernels/graph_walk.js'
import { nearestSocket } from '../kernels/hit_test.js'
import { layoutNode } from '../kernels/layout.js'
import { bestSocket, feeds } from '../kernels/matching.js'

/** @typedef {import('../canvas/frame.js').DraggedWire} DraggedWire */
/** @typedef {import('../canvas/scene.js').ScenePlacedNode} ScenePlacedNode */
/** @typedef {import('../kernels/layout.js').SocketLayout} SocketLayout */
/** @typedef {import('../kernels/matching.js').Pending} Pending */
/** @typedef {import('./bench.js').Bench} Bench */
/** @typedef {import('./bench.js').Pointer} Pointer */

const MAGNET = 22

/**
 * From a socket; from an input that has a wire, that wire is picked up; from an output with `all`, all of its wires are.
 * @param {Bench} bench @param {string} node @param {SocketLayout} socket @param {{all?: boolean}} [options] @returns {import('./bench.js').Tool}
 */
export const enterConnect = (bench, node, socket, { all = false } = {}) => {
  const moved = all && socket.kind === 'output' ? bench.store.linksFrom(node, socket.name) : []
  if (moved[0]) return enterMoveLinks(bench, moved)
  const lifted = socket.kind === 'input' ? bench.store.linksTo(node, socket.name).at(-1) : undefined
  const wire = lifted ? liftedWire(bench, lifted) ?? newWire(bench, node, socket) : newWire(bench, node, socket)
  bench.interaction.wire = wire
  bench.interaction.hover = { kind: 'canvas' }
  bench.invalidate()
  const drop = () => {
    bench.interaction.wire = null
    bench.invalidate()
  }
  return {
    name: 'connect',
    cursor: 'crosshair',
    pansAtEdge: true,
    move: ({ world }) => {
      wire.target = targetAt(bench, wire, world)
      wire.tip = targetPoint(bench, wire) ?? [world[0], world[1]]
      bench.invalidate('overlay')
    },
    up: (pointer) => {
      if (wire.target) {
        land(bench, wire)
        drop()
      } else if (!nodeAt(bench, pointer.world)) {
        if (lifted) disconnect(bench.store, lifted.id)
        if (lifted || !bench.services.openSearch) drop()
        else void askForNode(bench, wire, pointer)
      } else {
        drop()
      }
    },
    cancel: drop,
  }
}

/** All wires of an output look for another one. @param {Bench} bench @param {readonly import('../document/workflow_format.js').LinkRecord[]} links @returns {import('./bench.js').Tool} */
const enterMoveLinks = (bench, links) => {
  const { store, scene } = bench
  const targets = links.map(({ to }) => ({ id: to[0], socket: scene.node(to[0])?.layout.inputs.find(({ name }) => name === to[1]) }))
  const [first] = targets
  const barred = reachable(targets.map(({ id }) => id), 'down', (id) => store.linksFrom(id))
  const wire = first?.socket && newWire(bench, first.id, first.socket, links[0]?.id ?? null)
  if (!wire) return { name: 'connect', move: () => {}, up: () => {}, cancel: () => {} }
  wire.fits = (output) => output.kind === 'output' && !output.ghost && targets.every(({ socket }) => socket && feeds(scene.catalog, output, socket))
  wire.compatible = new Set(scene.nodes.filter(({ id, layout }) => !barred.has(id) && layout.outputs.some(wire.fits)).map(({ id }) => id))
  bench.interaction.wire = wire
  bench.invalidate()
  const drop = () => {
    bench.interaction.wire = null
    bench.invalidate()
  }
  return {
    name: 'connect', cursor: 'crosshair', pansAtEdge: true, cancel: drop,
    move: ({ world }) => {
      wire.target = targetAt(bench, wire, world)
      wire.tip = targetPoint(bench, wire) ?? [world[0], world[1]]
      bench.invalidate('overlay')
    },
    up: () => {
      const { target } = wire
      if (target) store.edit('Move wires', (tx) => links.forEach((link) => tx.put('links', { ...link, from: [target.node, target.socket] })))
      drop()
    },
  }
}

/** @param {Bench} bench @param {string} node @param {SocketLayout} socket @param {string | null} [liftedLink] @returns {DraggedWire} */
const newWire = (bench, node, socket, liftedLink = null) => {
  const anchor = bench.scene.socketPoint(node, socket.kind, socket.name) ?? [0, 0]
  const record = bench.store.node(node)
  const type = flowType(bench, node, socket)
  /** @type {Pending} */
  const pending = { kind: socket.kind, node, socket: socket.name, type, list: socket.list, hint: record?.title ?? '' }
  /** @param {SocketLayout} other */
  const fits = (other) => !other.ghost && other.kind !== socket.kind && (socket.kind === 'output'
    ? feeds(bench.scene.catalog, { ...socket, type }, other) : feeds(bench.scene.catalog, other, { ...socket, type }))
  return { pending, anchor, tip: anchor, target: null, compatible: compatibleNodes(bench, pending, fits), fits, liftedLink }
}

/** What flows through a socket; of a missing type's, what it feeds or is fed by says it, else its name. @param {Bench} bench @param {string} node @param {SocketLayout} socket */
const flowType = ({ scene, store }, node, { kind, name, type }) => {
  if (!scene.node(node)?.layout.missing) return type
  const ends = kind === 'output' ? store.linksFrom(node, name).map(({ to }) => /** @type {const} */ ([to, 'inputs'])) : store.linksTo(node, name).map(({ from }) => /** @type {const} */ ([from, 'outputs']))
  const [known] = ends.flatMap(([[other, socket], side]) => scene.node(other)?.type?.[side].find((each) => each.name === socket)?.type ?? [])
  return known ?? (scene.catalog.types.has(name) ? name : type)
}

/** @param {Bench} bench @param {import('../document/workflow_format.js').LinkRecord} link */
const liftedWire = (bench, link) => {
  const source = bench.scene.node(link.from[0])?.layout.outputs.find(({ name }) => name === link.from[1])
  return source ? newWire(bench, link.from[0], source, link.id) : null
}

/** Nodes with a socket that fits and would close no circle. @param {Bench} bench @param {Pending} pending @param {(socket: SocketLayout) => boolean} fits */
const compatibleNodes = ({ scene, store }, pending, fits) => {
  const barred = pending.kind === 'output'
    ? reachable(pending.node, 'up', (id) => store.linksTo(id))
    : reachable(pending.node, 'down', (id) => store.linksFrom(id))
  const sockets = (/** @type {ScenePlacedNode} */ placed) => (pending.kind === 'output' ? placed.layout.inputs : placed.layout.outputs)
  return new Set(scene.nodes.filter((placed) => !barred.has(placed.id) && sockets(placed).some(fits)).map(({ id }) => id))
}

/** @param {Bench} bench @param {readonly [number, number]} world */
const nodeAt = ({ scene }, [x, y]) => scene.nodes.findLast((placed) => contains(placed, x, y))

/** The whole node is a target: near a socket that one, elsewhere the best. @param {Bench} bench @param {DraggedWire} wire @param {[number, number]} world */
const targetAt = (bench, wire, [x, y]) => {
  const reach = MAGNET / bench.camera().zoom
  const over = nodeAt(bench, [x, y])
  if (over && !wire.compatible.has(over.id)) return null
  const placed = over ?? bench.scene.nodes.findLast((node) => wire.compatible.has(node.id) && contains(grown(node, reach), x, y))
  if (!placed) return null
  const fitting = {
    ...placed.layout,
    inputs: placed.layout.inputs.filter(wire.fits), outputs: placed.layout.outputs.filter(wire.fits),
  }
  const near = placed.layout.collapsed ? null : nearestSocket(fitting, x - placed.x, y - placed.y, reach)
  const row = near ?? (placed.layout.collapsed ? null : socketInRow(fitting, x - placed.x, y - placed.y))
  const best = row ?? (over ? bestOf(bench, placed, wire) : null)
  return best ? { node: placed.id, socket: best.name } : null
}

/** Pointing at a row, or at a widget, means its socket. @param {import('../kernels/layout.js').NodeLayout} layout @param {number} x @param {number} y */
const socketInRow = (layout, x, y) => {
  const widget = layout.widgets.find(({ rect }) => contains(rect, x, y))
  if (widget) return layout.inputs.find(({ name }) => name === widget.input.name) ?? null
  return [...layout.inputs, ...layout.outputs].find((socket) => socket.labelled && Math.abs(socket.y - y) < 12 && Math.abs(socket.x - x) < layout.width * 0.6) ?? null
}

/** @param {Bench} bench @param {ScenePlacedNode} placed @param {DraggedWire} wire */
const bestOf = ({ scene, store }, placed, wire) => (placed.type
  ? bestSocket(scene.catalog, placed.type, wire.pending, (input) => store.linksTo(placed.id, input).some(({ id }) => id !== wire.liftedLink), placed.node)
  : null)

/** @param {Bench} bench @param {DraggedWire} wire */
const targetPoint = ({ scene }, { target, pending }) =>
  target ? scene.socketPoint(target.node, pending.kind === 'output' ? 'input' : 'output', target.socket) : null

/** @param {Bench} bench @param {DraggedWire} wire */
const land = ({ store, scene }, { pending, target, liftedLink }) => {
  if (!target) return
  const ends = endsOf(pending, target)
  if (!store.node(ends.from[0]) || !store.node(ends.to[0])) return // Another hand, or a run, has taken it away.
  const lifted = liftedLink ? store.link(liftedLink) : undefined
  if (lifted && lifted.to[0] === ends.to[0] && lifted.to[1] === ends.to[1]) return
  store.edit('Connect', (tx) => {
    if (lifted) tx.remove('links', lifted.id)
    const link = store.link(connect(store, scene.catalog, ends))
    if (lifted?.extra && link) tx.put('links', { ...link, extra: lifted.extra }) // Its way, its tags, and what others wrote.
  })
}

/** @param {Pending} pending @param {{node: string, socket: string}} other @returns {{from: [string, string], to: [string, string]}} */
const endsOf = (pending, other) => pending.kind === 'output'
  ? { from: [pending.node, pending.socket], to: [other.node, other.socket] }
  : { from: [other.node, other.socket], to: [pending.node, pending.socket] }

/** The wire stays where it was dropped while the search is open. @param {Bench} bench @param {DraggedWire} wire @param {Pointer} pointer */
const askForNode = async (bench, wire, { client, world }) => {
  wire.compatible = new Set(bench.scene.nodes.map(({ id }) => id))
  wire.fits = () => false
  bench.invalidate()
  try {
    const choice = await bench.services.openSearch?.({ client, world, pending: wire.pending })
    if (choice) addAndConnect(bench, choice, wire.pending, world)
  } finally {
    if (bench.interaction.wire === wire) bench.interaction.wire = null
    bench.invalidate()
  }
}

/** @param {Bench} bench @param {import('./bench.js').SearchChoice} choice @param {Pending} pending @param {[number, number]} world */
const addAndConnect = (bench, { type, inputs }, pending, [x, y]) => {
  const { store, scene, selection } = bench
  const nodeType = scene.catalog.nodes.get(type)
  const best = nodeType ? bestSocket(scene.catalog, nodeType, pending, undefined, { inputs }) : null
  const layout = layoutNode({ id: '', type, inputs }, { type: nodeType, linkedInputs: [], linkedOutputs: [], picture: null })
  const socket = [...(pending.kind === 'output' ? layout.inputs : layout.outputs)].find(({ name }) => name === best?.name)
  store.begin(`Add ${nodeType?.title ?? type}`)
  const id = addNode(store, scene.catalog, { type, inputs, position: [x - (socket?.x ?? 0), y - (socket?.y ?? 0)] })
  if (best && store.node(pending.node)) connect(store, scene.catalog, endsOf(pending, { node: id, socket: best.name }))
  store.commit()
  selection.set({ nodes: [id] })
}
