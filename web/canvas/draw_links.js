// Wires: one path per colour, over one dark casing that keeps crossings readable.

import { intersects } from '../kernels/geometry.js'
import { typeLook } from './theme.js'

/** @typedef {import('../kernels/link_path.js').Curve} Curve */
/** @typedef {import('./frame.js').Frame} Frame */
/** @typedef {import('./paint.js').Paint} Paint */
/** @typedef {import('./placed_links.js').ScenePlacedLink} ScenePlacedLink */

export const REROUTE_RADIUS = 5

/** @param {CanvasRenderingContext2D} ctx @param {Curve} curve */
export const traceCurve = (ctx, { x1, y1, c1x, c1y, c2x, c2y, x2, y2 }) => {
  ctx.moveTo(x1, y1)
  ctx.bezierCurveTo(c1x, c1y, c2x, c2y, x2, y2)
}

/** Never thinner than a hair on screen. @param {Paint} paint @param {number} width */
export const wireWidth = ({ zoom }, width) => Math.max(width, 1.1 / zoom)

/** By colour. @typedef {Map<string, Path2D>} Paths */
/** @typedef {{paths: Paths, dead: Paths, dots: Paths}} WirePaths dead: of muted nodes, which carry nothing; dots: points that wires are led through */

/** Seen from afar nearly all wires are in view: their paths are made once, until a wire changes. @type {WeakMap<readonly ScenePlacedLink[], WirePaths>} */
const farPaths = new WeakMap()

/** @param {Paint} paint @param {Frame} frame @returns {WirePaths} */
const pathsOf = (paint, frame) => {
  const { scene, view, interaction } = frame
  const { links } = scene
  const isPlain = paint.detail === 'blocks' && scene.linkStyle !== 'hidden' && !interaction.wire?.liftedLink && !interaction.insertion
  if (!isPlain) return makePaths(frame, links.filter((placed) => intersects(placed, view)))
  const known = farPaths.get(links) ?? makePaths(frame, links)
  farPaths.set(links, known)
  return known
}

/** @param {Frame} frame @param {readonly ScenePlacedLink[]} links @returns {WirePaths} */
const makePaths = ({ scene, interaction, selectedNodes }, links) => {
  /** @type {Paths} */
  const paths = new Map()
  /** @type {Paths} */
  const dead = new Map()
  /** @type {Paths} */
  const dots = new Map()
  for (const placed of links) {
    if (scene.linkStyle === 'hidden' && !selectedNodes.has(placed.source.id) && !selectedNodes.has(placed.target.id)) continue
    if (placed.id === interaction.wire?.liftedLink || placed.id === interaction.insertion?.link) continue
    const { colour } = typeLook(scene.catalog, placed.type)
    const group = placed.source.node.mode === 'muted' || placed.target.node.mode === 'muted' ? dead : paths
    let path = group.get(colour)
    if (!path) group.set(colour, path = new Path2D())
    for (const curve of placed.curves) tracePath(path, curve)
    if (placed.curves.length > 1 && group === paths) addDots(dots, placed.curves, colour)
  }
  return { paths, dead, dots }
}

/** @param {Paint} paint @param {Frame} frame */
export const drawLinks = (paint, frame) => {
  const { ctx, theme, zoom } = paint
  const { interaction } = frame
  const { paths, dead, dots } = pathsOf(paint, frame)
  ctx.save()
  ctx.lineCap = 'round'
  if (zoom > 0.35) {
    ctx.strokeStyle = theme.link.casing
    ctx.lineWidth = theme.link.width + 2.5
    for (const path of paths.values()) ctx.stroke(path)
  }
  ctx.lineWidth = wireWidth(paint, theme.link.width)
  ctx.globalAlpha = interaction.wire ? 0.35 : 0.82
  strokeAll(ctx, paths)
  if (dead.size) {
    ctx.globalAlpha = interaction.wire ? 0.14 : 0.3
    ctx.setLineDash([3, 7])
    strokeAll(ctx, dead)
  }
  for (const [colour, path] of dots) {
    ctx.fillStyle = colour
    ctx.fill(path)
  }
  ctx.restore()
}

/** @param {Map<string, Path2D>} dots @param {readonly Curve[]} curves @param {string} colour */
const addDots = (dots, curves, colour) => {
  const path = dots.get(colour) ?? new Path2D()
  dots.set(colour, path)
  for (const { x1, y1 } of curves.slice(1)) {
    path.moveTo(x1 + REROUTE_RADIUS, y1)
    path.arc(x1, y1, REROUTE_RADIUS, 0, Math.PI * 2)
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {ReadonlyMap<string, Path2D>} paths by colour */
const strokeAll = (ctx, paths) => {
  for (const [colour, path] of paths) {
    ctx.strokeStyle = colour
    ctx.stroke(path)
  }
}

/** @param {Path2D} path @param {Curve} curve */
const tracePath = (path, { x1, y1, c1x, c1y, c2x, c2y, x2, y2 }) => {
  path.moveTo(x1, y1)
  path.bezierCurveTo(c1x, c1y, c2x, c2y, x2, y2)
}

/** One wire brought forward: hovered, selected, or of a selected node. @param {Paint} paint @param {Frame} frame @param {Pick<ScenePlacedLink, 'curves' | 'type'>} placed @param {{strong: boolean}} look */
export const drawRaisedLink = (paint, { scene }, placed, { strong }) => {
  const { ctx, theme } = paint
  ctx.beginPath()
  for (const curve of placed.curves) traceCurve(ctx, curve)
  ctx.lineCap = 'round'
  ctx.globalAlpha = strong ? 0.35 : 0.18
  ctx.strokeStyle = strong ? theme.accent.normal : typeLook(scene.catalog, placed.type).colour
  ctx.lineWidth = wireWidth(paint, theme.link.width + 6)
  ctx.stroke()
  ctx.globalAlpha = 1
  ctx.strokeStyle = typeLook(scene.catalog, placed.type).colour
  ctx.lineWidth = wireWidth(paint, theme.link.width + 0.75)
  ctx.stroke()
}
