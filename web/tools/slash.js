// A line drawn with the right button over the canvas: with Ctrl it cuts the wires that it crosses, with Shift it puts
// a reroute where it crosses each, with Alt it connects the node where it began to the one where it ends.

import { isShown } from '../canvas/wire.js'
import { connect, disconnect } from '../document/edits.js'
import { addReroute } from '../document/reroutes.js'
import { contains } from '../kernels/geometry.js'
import { bestPair } from '../kernels/matching.js'
import { crossing } from '../kernels/routes.js'

/** @typedef {import('./bench.js').Bench} Bench */
/** @typedef {import('./bench.js').Pointer} Pointer */
/** @typedef {'cut' | 'reroute' | 'connect'} Slash */

/** @param {Pointer} pointer @returns {Slash | null} what the keys mean */
export const slashOf = ({ ctrl, shift, alt }) => (ctrl ? 'cut' : shift ? 'reroute' : alt ? 'connect' : null)

/** @param {Bench} bench @param {Pointer} start @param {Slash} kind @returns {import('./bench.js').Tool} */
export const enterSlash = (bench, start, kind) => {
  const { interaction } = bench
  /** @type {[number, number]} */
  const from = [start.world[0], start.world[1]]
  const finish = () => {
    interaction.slash = null
    bench.invalidate()
  }
  return {
    name: 'slash',
    cursor: 'crosshair',
    move: ({ world }) => {
      interaction.slash = { kind, from, to: [world[0], world[1]] }
      bench.invalidate('overlay')
    },
    up: () => {
      const to = interaction.slash?.to
      finish()
      if (to) EFFECTS[kind](bench, from, to)
    },
    cancel: finish,
  }
}

/** @type {Record<Slash, (bench: Bench, from: [number, number], to: [number, number]) => void>} */
const EFFECTS = {
  cut: (bench, from, to) => {
    const crossed = crossedBy(bench, from, to)
    if (crossed.length) bench.store.edit('Cut wires', () => crossed.forEach(({ id }) => disconnect(bench.store, id)))
  },
  reroute: (bench, from, to) => {
    const crossed = crossedBy(bench, from, to)
    if (crossed.length) bench.store.edit('Add reroutes', () => crossed.forEach(({ id, part, at }) => addReroute(bench.store, id, part, at)))
  },
  connect: (bench, from, to) => connectNodes(bench, nodeAt(bench, from), nodeAt(bench, to)),
}

/** @param {Bench} bench @param {[number, number]} from @param {[number, number]} to */
const crossedBy = ({ scene, selection }, from, to) => scene.links.filter((placed) => isShown(scene.linkStyle, selection.nodes, placed)).flatMap(({ id, curves, stretches }) => {
  const found = crossing(curves, from, to, stretches)
  return found ? [{ id, ...found }] : []
})

/** @param {Bench} bench @param {readonly [number, number]} world */
const nodeAt = ({ scene }, [x, y]) => scene.nodes.findLast((placed) => contains(placed, x, y))

/** @param {Bench} bench @param {import('../canvas/scene.js').ScenePlacedNode | undefined} source @param {import('../canvas/scene.js').ScenePlacedNode | undefined} target */
const connectNodes = ({ store, scene, services }, source, target) => {
  if (!source?.type || !target?.type || source === target) return
  const pair = bestPair(scene.catalog, store, source.node, target.node)
  if (pair) connect(store, scene.catalog, pair)
  else services.notify?.('Nothing of the one fits into the other')
}
