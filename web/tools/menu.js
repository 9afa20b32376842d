// What a menu is opened for: what lies under a pointer, or without one, what is selected.

/** @typedef {import('../kernels/hit_test.js').Hit} Hit */
/** @typedef {import('./bench.js').Bench} Bench */
/** @typedef {import('./bench.js').MenuTarget} MenuTarget */
/** @typedef {import('./bench.js').Pointer} Pointer */

/** Of a wide node, no further right of its left end. */
const WIDTH_AT_MOST = 200
const BELOW_TOP = 16

/** Selects what is there first. @param {Bench} bench @param {Pointer} pointer */
export const openMenuAt = ({ hit: hitOf, selection, services }, { client, world, touch }) => {
  const hit = hitOf(world, touch)
  const target = targetOf(hit)
  if ('node' in hit && !selection.nodes.has(hit.node)) selection.set({ nodes: [hit.node] })
  if (target.kind === 'link') selection.set({ links: [target.id] })
  if (target.kind === 'annotation' && !selection.annotations.has(target.id)) selection.set({ annotations: [target.id] })
  services.openMenu?.({ client, world, target })
}

/** Of what is selected, else of the canvas. @param {Bench} bench @param {{pointer: [number, number], toClient: (x: number, y: number) => [number, number]}} at where the pointer was last */
export const openMenuOfSelection = ({ scene, selection, services }, { pointer, toClient }) => {
  const [node, annotation, link] = [selection.nodes, selection.annotations, selection.links].map(([id]) => id)
  const placed = scene.node(node ?? '') ?? scene.annotation(annotation ?? '')
  /** @type {[number, number]} */
  const world = placed ? [placed.x + Math.min(placed.width, WIDTH_AT_MOST) / 2, placed.y + BELOW_TOP] : pointer
  /** @type {MenuTarget} */
  const target = node ? { kind: 'node', id: node } : annotation ? { kind: 'annotation', id: annotation } : link ? { kind: 'link', id: link } : { kind: 'canvas' }
  services.openMenu?.({ client: toClient(...world), world, target })
}

/** @param {Hit} hit @returns {MenuTarget} */
const targetOf = (hit) => {
  if (hit.kind === 'link' || hit.kind === 'reroute' || hit.kind === 'portal') return { kind: 'link', id: hit.id }
  if (hit.kind === 'annotation') return { kind: 'annotation', id: hit.id }
  if (hit.kind === 'widget') return { kind: 'widget', node: hit.node, input: hit.input }
  if (hit.kind === 'picture') return { kind: 'node', id: hit.node, picture: hit.index }
  return 'node' in hit ? { kind: 'node', id: hit.node } : { kind: 'canvas' }
}
