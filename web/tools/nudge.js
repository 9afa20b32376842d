// A step by the keyboard: what a drag would move, by as much.

import { placeAnnotations } from '../document/annotations.js'
import { moveNodes } from '../document/edits.js'
import { shiftWays, waysBetween } from '../document/reroutes.js'
import { heldBy } from './held.js'

/** @typedef {import('./bench.js').Bench} Bench */

/**
 * Moves the selection with all that stands in its frames; many steps in a row are one undo.
 * @param {Pick<Bench, 'store' | 'selection' | 'scene'>} bench @param {[number, number]} delta @param {{alone?: boolean}} [how] alone: frames leave their content where it is
 */
export const nudge = ({ store, selection, scene }, [dx, dy], { alone = false } = {}) => {
  const held = alone ? selection : heldBy(scene, selection)
  const nodes = new Set([...held.nodes].filter((id) => !store.node(id)?.pinned))
  const annotations = [...held.annotations].flatMap((id) => scene.annotation(id) ?? [])
  const coalesce = `nudge ${[...selection.nodes, ...selection.annotations].join()} ${alone}`
  store.edit('Move', () => {
    shiftWays(store, waysBetween(store, nodes), [dx, dy])
    moveNodes(store, nodes, dx, dy)
    placeAnnotations(store, new Map(annotations.map(({ id, x, y }) => [id, [x + dx, y + dy]])))
  }, { coalesce })
}
