// Instances: a tab that tells their kind and opens them, and what is in an open one as a picture of its graph.

import { detailAt } from '../kernels/culling.js'
import { fitted } from '../kernels/geometry.js'
import { valueOf } from '../document/catalog.js'
import { KINDS } from '../document/subgraphs.js'
import { drawFrames, drawNotes } from './draw_annotations.js'
import { drawLinks } from './draw_links.js'
import { drawNodes } from './draw_nodes.js'
import { drawPortals } from './draw_portals.js'
import { idleInteraction } from './frame.js'
import { chevronDown, drawText, fillRound, mixed, nodeTint, roundRect, strokeRound } from './paint.js'

/** @typedef {import('./frame.js').Frame} Frame */
/** @typedef {import('./paint.js').Paint} Paint */
/** @typedef {import('./scene.js').ScenePlacedNode} ScenePlacedNode */

/** Around a body, in its own measure. */
const MARGIN = 40
const NOTHING = new Set()

/** What is in an open instance, with the live states of its nodes; read-only. @param {Paint} paint @param {Frame} frame @param {ScenePlacedNode} placed @param {HTMLCanvasElement} shadow */
export const drawBody = (paint, frame, placed, shadow) => {
  const { ctx, theme } = paint
  const { picture } = placed.layout
  const scene = frame.scene.body(placed.node)
  const bounds = scene?.bounds()
  if (!picture || !scene || !bounds) return
  const area = { ...picture, x: placed.x + picture.x, y: placed.y + picture.y }
  fillRound(ctx, area, theme.radius.picture, mixed(theme.surface.canvas, nodeTint(placed), 0.08))
  strokeRound(ctx, { x: area.x + 0.5, y: area.y + 0.5, width: area.width - 1, height: area.height - 1 }, theme.radius.picture, mixed(theme.surface.canvas, nodeTint(placed), 0.5))
  const whole = { x: bounds.x - MARGIN, y: bounds.y - MARGIN, width: bounds.width + 2 * MARGIN, height: bounds.height + 2 * MARGIN }
  const fit = fitted(area, whole.width, whole.height)
  const scale = fit.width / whole.width
  ctx.save()
  roundRect(ctx, area, theme.radius.picture)
  ctx.clip()
  ctx.translate(fit.x, fit.y)
  ctx.scale(scale, scale)
  ctx.translate(-whole.x, -whole.y)
  const zoom = paint.zoom * scale
  const inner = { ...paint, zoom, detail: detailAt(zoom) }
  const view = { ...frame, scene, view: whole, selectedNodes: NOTHING, selectedLinks: NOTHING, selectedAnnotations: NOTHING, interaction: idleInteraction() }
  drawFrames(inner, view)
  drawLinks(inner, view)
  drawNotes(inner, view)
  drawNodes(inner, view, shadow)
  drawPortals(inner, view)
  ctx.restore()
}

/** @param {Paint} paint @param {Frame} frame @param {ScenePlacedNode} placed */
export const drawTab = (paint, frame, placed) => {
  const { layout: { tab }, type } = placed
  if (!tab || !type?.subgraph) return
  const { ctx, theme } = paint
  const { kind } = type.subgraph
  const rect = { ...tab, x: placed.x + tab.x, y: placed.y + tab.y }
  const hover = frame.interaction.hover
  const hovered = hover.kind === 'tab' && hover.node === placed.id
  fillRound(ctx, rect, [7, 7, 0, 0], mixed(theme.surface.canvas, nodeTint(placed), kind === 'graph' ? 0.28 : 0.5))
  if (paint.detail !== 'full') return
  const middle = rect.y + rect.height / 2
  const colour = hovered ? theme.text.strong : theme.text.normal
  const { mark, word } = tabWords(frame, placed, kind)
  if (placed.node.open) chevronDown(ctx, rect.x + 12, middle, 3, colour)
  else chevronRight(ctx, rect.x + 12, middle, 3, colour)
  drawText(paint, `${mark}${word}`, rect.x + 21, middle + 0.5, { font: theme.font.small, colour, maxWidth: rect.width - 26 })
}

/** What a kind looks like in a word, so that nobody must know its colour. @type {Record<string, string>} */
const MARKS = { graph: '', map: '⋮⋮ ', repeat: '↻ ', while: '↻ ', if: '? ' }

/** The kind, and the turn that works or how many there will be. @param {Frame} frame @param {ScenePlacedNode} placed @param {import('../document/subgraph_format.js').SubgraphKind} kind */
const tabWords = (frame, placed, kind) => {
  const run = frame.scene.run(placed.id)
  const { done = 0, total = 0 } = (run?.run === 'running' && run.progress) || {} // Of a zone, these are its turns.
  const turns = kind !== 'graph' && total > 1 ? `turn ${Math.min(done + 1, total)}${kind === 'while' ? '' : ` of ${total}`}` : ''
  const own = kind === 'repeat' ? placed.type?.inputs.find(({ name }) => name === 'times') : undefined
  const count = own && !placed.facts.linksTo.some(({ to }) => to[1] === 'times') ? valueOf(placed.node, own) : null
  const times = typeof count === 'number' ? `${count} times` : ''
  return { mark: MARKS[kind] ?? '', word: turns || times || KINDS[kind].title.toLowerCase() }
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} size @param {string} colour */
const chevronRight = (ctx, x, y, size, colour) => {
  ctx.beginPath()
  ctx.moveTo(x - size / 2, y - size)
  ctx.lineTo(x + size / 2, y)
  ctx.lineTo(x - size / 2, y + size)
  ctx.strokeStyle = colour
  ctx.lineWidth = 1.5
  ctx.lineCap = 'round'
  ctx.lineJoin = 'round'
  ctx.stroke()
}
