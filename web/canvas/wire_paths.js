// The wires as few paths: of one look and colour those that begin near each other, kept until one of them changes.

import { typeLook } from './theme.js'
import { isShown, traceCurve } from './wire.js'

/** @typedef {import('../kernels/link_path.js').Curve} Curve */
/** @typedef {import('./frame.js').Frame} Frame */
/** @typedef {import('./placed_links.js').ScenePlacedLink} ScenePlacedLink */
/** lists: wires that carry several things; dead: of muted nodes, which carry nothing; dots: points that wires are led through @typedef {'long' | 'plain' | 'lists' | 'dead' | 'dots'} Look */
/** @typedef {{colour: string, links: readonly ScenePlacedLink[], path: Path2D}} Bundle */
/** By colour and place. @typedef {Map<string, Map<number, ScenePlacedLink[]>>} Groups */
/** @typedef {Record<Look, Bundle[]>} WirePaths */

export const REROUTE_RADIUS = 5
/** Wires that cross half a screen would rule the picture: they step back. */
const LONG = 900
/** Fewer wires of a colour are one path. */
const FEW = 400
/** In world units. Without a graphics card, drawing takes the square of what one path holds: 240 ms for 3,200 wires in a path a colour, 60 so. */
const CELL = 2000
const CELLS = 2 ** 16

/** What was drawn of a scene last. @type {WeakMap<Frame['scene'], {from: readonly ScenePlacedLink[], bundles: ReadonlyMap<string, Bundle>, paths: WirePaths}>} */
const drawn = new WeakMap()

/** @param {Frame} frame @param {boolean} isFar nearly all wires are in view @returns {WirePaths} */
export const wirePaths = (frame, isFar) => {
  const { scene, view, interaction } = frame
  const isWhole = isFar && scene.linkStyle !== 'hidden' && !interaction.wire?.liftedLink && !interaction.insertion
  const from = isWhole ? scene.links : scene.linksIn(view)
  const before = drawn.get(scene)
  if (isWhole && before?.from === from) return before.paths
  const bundles = new Map()
  /** @type {WirePaths} */
  const paths = { long: [], plain: [], lists: [], dead: [], dots: [] }
  for (const [look, groups] of /** @type {[Look, Groups][]} */ (Object.entries(grouped(frame, from)))) {
    for (const [colour, places] of groups) {
      for (const [place, links] of places) {
        const name = `${look} ${colour} ${place}`
        const old = before?.bundles.get(name)
        const bundle = old && isSame(old.links, links) ? old : { colour, links, path: look === 'dots' ? traceDots(links) : trace(links) }
        bundles.set(name, bundle)
        paths[look].push(bundle)
      }
    }
  }
  drawn.set(scene, { from, bundles, paths })
  return paths
}

/** @param {readonly ScenePlacedLink[]} a @param {readonly ScenePlacedLink[]} b */
const isSame = (a, b) => a.length === b.length && a.every((placed, place) => placed === b[place])

/** @param {Frame} frame @param {readonly ScenePlacedLink[]} links */
const grouped = ({ scene, interaction, selectedNodes }, links) => {
  /** @type {Record<Look, Groups>} */
  const groups = { long: new Map(), plain: new Map(), lists: new Map(), dead: new Map(), dots: new Map() }
  const isMany = scene.links.length > FEW
  for (const placed of links) {
    if (!isShown(scene.linkStyle, selectedNodes, placed)) continue
    if (placed.id === interaction.wire?.liftedLink || placed.id === interaction.insertion?.link) continue
    const { source, target } = placed
    const { colour } = typeLook(scene.catalog, placed.type)
    const look = source.node.mode === 'muted' || target.node.mode === 'muted' ? 'dead' : placed.list ? 'lists' : placed.width > LONG ? 'long' : 'plain'
    const place = isMany ? Math.floor(source.x / CELL) * CELLS + Math.floor(source.y / CELL) : 0
    put(groups[look], colour, place, placed)
    if (placed.curves.length > placed.stretches && look !== 'dead') put(groups.dots, colour, place, placed)
  }
  return groups
}

/** @param {Groups} groups @param {string} colour @param {number} place @param {ScenePlacedLink} placed */
const put = (groups, colour, place, placed) => {
  let places = groups.get(colour)
  if (!places) groups.set(colour, places = new Map())
  const links = places.get(place)
  if (links) links.push(placed)
  else places.set(place, [placed])
}

/** @param {readonly ScenePlacedLink[]} links */
const trace = (links) => {
  const path = new Path2D()
  for (const { curves } of links) for (const curve of curves) traceCurve(path, curve)
  return path
}

/** @param {readonly ScenePlacedLink[]} links */
const traceDots = (links) => {
  const path = new Path2D()
  for (const { curves, stretches } of links) {
    for (let place = stretches; place < curves.length; place += stretches) {
      const { x1, y1 } = /** @type {Curve} */ (curves[place])
      path.moveTo(x1 + REROUTE_RADIUS, y1)
      path.arc(x1, y1, REROUTE_RADIUS, 0, Math.PI * 2)
    }
  }
  return path
}
