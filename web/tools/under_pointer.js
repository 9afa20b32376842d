// What lies under a pointer, as finely as it is drawn there.

import { fittedPortals } from '../canvas/fitted_tags.js'
import { isShown } from '../canvas/wire.js'
import { detailAt } from '../kernels/culling.js'
import { grown } from '../kernels/geometry.js'
import { hitTest } from '../kernels/hit_test.js'

/** @typedef {import('../kernels/hit_test.js').Hit} Hit */
/** @typedef {import('./bench.js').Bench} Bench */

/** Tabs, play buttons and sockets reach no further out of a node, in pixels and in world units. */
const HIT_REACH = 30
/** In pixels, what a pointer or a finger may miss. */
const REACH = { mouse: { socket: 10, link: 6 }, touch: { socket: 20, link: 14 } }
/** In world units: sockets lie no further apart. */
const SOCKET_AT_MOST = 18
/** What of a node is found where its words and fields are not drawn; all else is its body. */
const ALWAYS_FOUND = new Set(['socket', 'header', 'state', 'play'])

/** @param {Pick<Bench, 'scene' | 'selection' | 'interaction' | 'camera'>} bench @param {readonly [number, number]} world @param {boolean} [touch] @returns {Hit} */
export const underPointer = ({ scene, selection, interaction: { hover }, camera }, [x, y], touch = false) => {
  const { zoom } = camera()
  const detail = detailAt(zoom)
  const reach = touch ? REACH.touch : REACH.mouse
  const around = grown({ x, y, width: 0, height: 0 }, HIT_REACH + HIT_REACH / zoom)
  const near = {
    nodes: scene.nodesIn(around), links: scene.linksIn(around).filter((placed) => isShown(scene.linkStyle, selection.nodes, placed)),
    portals: fittedPortals(scene), frames: scene.frames, notes: scene.notes,
  }
  const hit = hitTest(near, x, y, {
    socket: detail === 'blocks' ? 0 : Math.min(reach.socket / zoom, SOCKET_AT_MOST), link: reach.link / zoom,
    ...('node' in hover && detail !== 'blocks' && { play: { node: hover.node, zoom } }),
  })
  return detail === 'full' || !('node' in hit) || ALWAYS_FOUND.has(hit.kind) ? hit : { kind: 'body', node: hit.node }
}
