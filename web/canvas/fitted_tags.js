// Tags of portals as they are drawn: whole, or where that would cover another node, a chip that only points the way.

import { intersects } from '../kernels/geometry.js'
import { chipOf } from '../kernels/portals.js'

/** @typedef {import('../kernels/portals.js').Tag} Tag */
/** @typedef {import('./placed_links.js').ScenePlacedLink} ScenePlacedLink */
/** @typedef {Pick<import('./scene.js').Scene, 'nodes' | 'nodesIn' | 'portals'>} Places */

/** Looked up in every frame, hence remembered until a node changes. @type {WeakMap<ScenePlacedLink, {nodes: readonly unknown[], tags: {from: Tag, to: Tag}}>} */
const known = new WeakMap()

/** @param {Places} scene @param {ScenePlacedLink} placed @returns {{from: Tag, to: Tag} | null} */
export const fittedTags = (scene, placed) => {
  const { tags } = placed
  if (!tags) return null
  const before = known.get(placed)
  if (before?.nodes === scene.nodes) return before.tags
  const fit = (/** @type {'from' | 'to'} */ end, /** @type {string} */ own) =>
    (scene.nodesIn(tags[end]).some((node) => node.id !== own && intersects(node, tags[end])) ? chipOf(tags[end], end) : { ...tags[end], isChip: false })
  const fitted = { from: fit('from', placed.source.id), to: fit('to', placed.target.id) }
  known.set(placed, { nodes: scene.nodes, tags: fitted })
  return fitted
}

/** What a pointer may find. @param {Places} scene */
export const fittedPortals = (scene) => scene.portals.map((placed) => ({ id: placed.id, tags: fittedTags(scene, placed) }))
