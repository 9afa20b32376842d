// Nodes at three levels of detail: everything, shapes without widget text, blocks with a picture.

import { valueOf } from '../document/catalog.js'
import { clamp, grown } from '../kernels/geometry.js'
import { HEADER } from '../kernels/layout.js'
import { linkCurve } from '../kernels/link_path.js'
import { passedInput } from '../kernels/passing.js'
import { mayRest, restingBecause } from '../kernels/relevance.js'
import { drawCurveLine } from '../widgets/curve.js'
import { drawLinked } from '../widgets/field.js'
import { widgetKind } from '../widgets/kinds.js'
import { activePicture, drawFitted, drawPictures } from './draw_picture.js'
import { drawSockets } from './draw_sockets.js'
import { drawState } from './draw_state.js'
import { stateText } from './node_state.js'
import { chevronDown, drawText, fillRound, mixed, nodeTint, roundRect, strokeRound } from './paint.js'
import { drawShadow } from './shadow.js'
import { FONT_FAMILY, typeLook } from './theme.js'
import { drawBody, drawTab } from './draw_body.js'
import { traceCurve, wireWidth } from './wire.js'

/** @typedef {import('../kernels/layout.js').WidgetLayout} WidgetLayout */
/** @typedef {import('./frame.js').Frame} Frame */
/** @typedef {import('./node_state.js').NodeState} NodeState */
/** @typedef {import('./paint.js').Paint} Paint */
/** @typedef {import('./scene.js').ScenePlacedNode} ScenePlacedNode */

/** Shadows and outlines reach this far out of a node. */
const BLEED = 40
/** Corners of so low a block are not worth rounding. */
const SQUARE_BELOW = 22
/** Smaller letters on screen are only dirt. */
const LEAST_TEXT = 6.5
const LEAST_CAPTION = 8
/** Titles of very different sizes look restless. */
const LEAST_SHRINK = 0.82
const LARGEST_BLOCK_TITLE = 10
/** Of `theme.font.title`. */
const TITLE_SIZE = 13
/** The longer of two rows, as a share of the whole title. */
const UNEVEN_HALF = 0.68
/** @type {Faults} */
const NOTHING = new Map()

/** @param {Paint} paint @param {Frame} frame @param {HTMLCanvasElement} shadow */
export const drawNodes = (paint, frame, shadow) => {
  for (const placed of frame.scene.nodesIn(grown(frame.view, BLEED))) {
    paint.ctx.globalAlpha = opacityOf(frame, placed)
    if (paint.detail === 'blocks') drawBlock(paint, frame, placed)
    else drawNode(paint, frame, placed, shadow)
  }
  paint.ctx.globalAlpha = 1
}

/** @param {Frame} frame @param {ScenePlacedNode} placed */
const opacityOf = ({ interaction: { wire }, scene }, { id, node }) => {
  if (wire && wire.pending.node !== id && !wire.compatible.has(id)) return 0.28
  if (scene.overlay.solo && !scene.overlay.solo.has(id)) return 0.28
  return isAside({ node }) ? 0.45 : 1
}

/** @param {Paint} paint @param {Frame} frame @param {ScenePlacedNode} placed @param {HTMLCanvasElement} shadow */
const drawNode = (paint, frame, placed, shadow) => {
  const { ctx, theme } = paint
  drawTab(paint, frame, placed)
  if (paint.detail === 'full') drawShadow(ctx, shadow, placed)
  fillRound(ctx, placed, theme.radius.node, theme.surface.node)
  drawHeader(paint, frame, placed)
  const faulty = faultyInputs(frame, placed.id)
  for (const widget of placed.layout.widgets) drawWidget(paint, frame, placed, widget, faulty)
  if (placed.layout.more && paint.detail === 'full') drawMore(paint, frame, placed, placed.layout.more)
  if (frame.scene.body(placed.node)) drawBody(paint, frame, placed, shadow)
  else drawPictures(paint, frame, placed)
  if (placed.node.mode === 'bypassed') drawPassing(paint, frame, placed)
  drawOutline(paint, frame, placed)
  drawSockets(paint, frame, placed, faulty)
}

/** By name of an input with a Problem, the worst severity. @typedef {ReadonlyMap<string, string>} Faults */

/** @param {Frame} frame @param {string} id @returns {Faults} */
const faultyInputs = ({ scene }, id) => {
  const problems = scene.problems.get(id)
  if (!problems) return NOTHING
  /** @type {Map<string, string>} */
  const faults = new Map()
  for (const { input, severity = 'error' } of problems) {
    if (input && faults.get(input) !== 'error') faults.set(input, severity)
  }
  return faults
}

/** The way that values really take through a bypassed node, over its resting face. @param {Paint} paint @param {Frame} frame @param {ScenePlacedNode} placed */
const drawPassing = (paint, frame, placed) => {
  const { ctx } = paint
  const { type, layout, facts, x, y } = placed
  if (!type) return
  const linked = new Set(facts.linksTo.map(({ to }) => to[1]))
  for (const output of layout.outputs) {
    const name = passedInput(type, output.name, (candidate) => linked.has(candidate))
    const input = layout.inputs.find((socket) => socket.name === name)
    if (!input) continue
    ctx.globalAlpha = 0.6
    ctx.beginPath()
    traceCurve(ctx, linkCurve([x + input.x, y + input.y], [x + output.x, y + output.y]))
    ctx.lineCap = 'round'
    ctx.strokeStyle = typeLook(frame.scene.catalog, output.type).colour
    ctx.lineWidth = wireWidth(paint, paint.theme.link.width)
    ctx.stroke()
  }
  ctx.globalAlpha = opacityOf(frame, placed)
}

/** @param {Paint} paint @param {Frame} frame @param {ScenePlacedNode} placed */
const drawHeader = (paint, frame, placed) => {
  const { ctx, theme } = paint
  const { x, y, width, layout } = placed
  const run = frame.scene.run(placed.id)
  const state = frame.scene.state(placed.id)
  const resting = state === 'cached' || state === 'skipped'
  const radius = theme.radius.node
  const alpha = ctx.globalAlpha
  ctx.globalAlpha = alpha * (resting ? 0.09 : 0.2)
  fillRound(ctx, { x, y, width, height: HEADER }, layout.collapsed ? radius : [radius, radius, 0, 0], nodeTint(placed))
  ctx.globalAlpha = alpha
  if (!layout.collapsed) {
    ctx.fillStyle = theme.surface.line
    ctx.fillRect(x, y + HEADER - 1, width, 1)
  }
  drawTile(paint, frame, placed)
  const middle = y + HEADER / 2
  const used = isAside(placed) ? drawMode(paint, x + width - 12, middle, placed.node.mode ?? '')
    : run && state ? drawState(paint, x + width - 12, middle, state, stateText(run, state), run.plan === 'will_run') : 0
  const pin = placed.node.pinned ? 14 : 0
  if (pin) drawPin(paint, x + width - 16 - used, middle)
  const title = titleOf(placed)
  const room = width - 31 - 12 - used - pin
  drawText(paint, title, x + 31, middle, {
    font: titleFont(paint, title, room), colour: resting ? theme.text.normal : theme.text.strong, maxWidth: room,
  })
}

/** Seen from afar titles grow against the zoom, all alike; a long one gives way a little before it is cut. @param {Paint} paint @param {string} title @param {number} room */
const titleFont = ({ theme, zoom, detail, text }, title, room) => {
  if (detail === 'full') return theme.font.title
  const wanted = clamp(10.5 / zoom, 13, 22)
  const fitting = (13 * room) / Math.max(text.width(theme.font.title, title), 1)
  return `600 ${Math.round(clamp(fitting, wanted * LEAST_SHRINK, wanted))}px ${FONT_FAMILY}`
}

/** @param {ScenePlacedNode} placed */
export const titleOf = ({ node, type }) => node.title || type?.title || node.type

/** The tile tells the category and folds the node. @param {Paint} paint @param {Frame} frame @param {ScenePlacedNode} placed */
const drawTile = (paint, { interaction: { hover } }, placed) => {
  const { ctx, theme } = paint
  const x = placed.x + 17
  const y = placed.y + HEADER / 2
  const hovered = hover.kind === 'collapse' && hover.node === placed.id
  const rect = { x: x - 4.5, y: y - 4.5, width: 9, height: 9 }
  if (placed.layout.collapsed) strokeRound(ctx, rect, 2.5, hovered ? theme.text.strong : nodeTint(placed), 2)
  else fillRound(ctx, rect, 2.5, hovered ? theme.text.strong : nodeTint(placed))
}

/** @param {{node: ScenePlacedNode['node']}} placed */
const isAside = ({ node: { mode } }) => mode === 'muted' || mode === 'bypassed'

/** What does not take part has no state. @param {Paint} paint @param {number} right @param {number} y @param {string} mode @returns {number} the room it takes */
const drawMode = (paint, right, y, mode) => {
  const { theme, detail, text } = paint
  if (detail !== 'full') return 0
  drawText(paint, mode, right, y, { font: theme.font.small, colour: theme.text.normal, align: 'right' })
  return text.width(theme.font.small, mode) + 8
}

/** @param {Frame} frame @param {ScenePlacedNode} placed @param {WidgetLayout} widget @returns {import('../widgets/field.js').Field} */
export const fieldOf = ({ interaction: { hover, editing } }, placed, { input, widget, rect }) => ({
  node: placed.id, input, widget, value: valueOf(placed.node, input), siblings: placed.node.inputs ?? {},
  rect: { ...rect, x: placed.x + rect.x, y: placed.y + rect.y },
  hovered: hover.kind === 'widget' && hover.node === placed.id && hover.input === input.name,
  editing: editing?.node === placed.id && editing.input === input.name,
})

/** @param {Paint} paint @param {Frame} frame @param {ScenePlacedNode} placed @param {WidgetLayout} widget @param {Faults} faulty */
const drawWidget = (paint, frame, placed, widget, faulty) => {
  const { ctx } = paint
  if (paint.detail !== 'full') {
    if (!widget.linked) drawFieldShape(paint, placed, widget.rect)
    if (!widget.linked && widget.widget.kind === 'curve' && paint.detail === 'shapes') drawCurveLine(paint, fieldOf(frame, placed, widget))
    return
  }
  const field = { ...fieldOf(frame, placed, widget), fault: faulty.get(widget.input.name) }
  if (widget.widget.kind === 'seed') field.used = frame.scene.overlay.used?.(placed.id, widget.input.name)
  if (widget.linked) {
    drawLinked(paint, field)
  } else {
    const alpha = ctx.globalAlpha
    if (whyAtRest(placed, widget.input.name)) ctx.globalAlpha = alpha * 0.42
    widgetKind(widget.widget, field.value).draw(paint, field)
    ctx.globalAlpha = alpha
  }
}

/** Corners too small to be seen as round are not worth rounding. @param {Paint} paint @param {ScenePlacedNode} placed @param {import('../kernels/geometry.js').Rect} rect */
const drawFieldShape = ({ ctx, theme }, placed, { x, y, width, height }) => {
  ctx.fillStyle = mixed(theme.surface.node, theme.surface.field, 0.55)
  ctx.fillRect(placed.x + x, placed.y + y, width, height)
}

/** Why an input changes nothing now. @param {ScenePlacedNode} placed @param {string} input @returns {string | null} */
export const whyAtRest = ({ node, facts }, input) => (mayRest(node.type, input)
  ? restingBecause(node.type, input, node.inputs ?? {}, (name) => facts.linksTo.some(({ to }) => to[1] === name)) : null)

/** How much a compact node does not show; a click shows it. @param {Paint} paint @param {Frame} frame @param {ScenePlacedNode} placed @param {NonNullable<import('../kernels/layout.js').NodeLayout['more']>} more */
const drawMore = (paint, { interaction: { hover } }, placed, { rect, count }) => {
  const { theme } = paint
  const colour = hover.kind === 'more' && hover.node === placed.id ? theme.text.strong : theme.text.faint
  const y = placed.y + rect.y + rect.height / 2 - 1
  drawText(paint, `${count} more`, placed.x + rect.x + 14, y, { font: theme.font.small, colour })
  chevronDown(paint.ctx, placed.x + rect.x + 4.5, y, 3, colour)
}

/** A tack beside the state. @param {Paint} paint @param {number} x @param {number} y */
const drawPin = ({ ctx, theme }, x, y) => {
  ctx.beginPath()
  ctx.moveTo(x - 3.5, y - 5)
  ctx.lineTo(x + 3.5, y - 5)
  ctx.lineTo(x + 2, y)
  ctx.lineTo(x + 4.5, y + 1.5)
  ctx.lineTo(x - 4.5, y + 1.5)
  ctx.lineTo(x - 2, y)
  ctx.closePath()
  ctx.fillStyle = theme.text.muted
  ctx.fill()
  ctx.fillRect(x - 0.6, y + 1.5, 1.2, 4.5)
}

/** Far away: a tile in the category's tint, its picture as large as it goes, its name as long as it stays legible. @param {Paint} paint @param {Frame} frame @param {ScenePlacedNode} placed */
const drawBlock = (paint, frame, placed) => {
  const { ctx, theme, zoom } = paint
  drawTab(paint, frame, placed)
  const colour = mixed(theme.surface.node, nodeTint(placed), 0.3)
  if (placed.height * zoom < SQUARE_BELOW) {
    ctx.fillStyle = colour
    ctx.fillRect(placed.x, placed.y, placed.width, placed.height)
  } else {
    fillRound(ctx, placed, blockRadius(paint), colour)
  }
  const image = placed.layout.picture && blockPicture(frame, placed)
  if (!image) drawBlockTitle(paint, placed)
  else {
    const caption = drawCaption(paint, placed)
    drawFitted(paint, image, grown({ ...placed, y: placed.y + caption, height: placed.height - caption }, -Math.min(6, placed.height * 0.08)))
  }
  drawOutline(paint, frame, placed)
}

/** The title over a picture that is large enough on screen to bear one. @param {Paint} paint @param {ScenePlacedNode} placed @returns {number} how high it is */
const drawCaption = (paint, placed) => {
  const size = Math.floor(Math.min(10.5 / paint.zoom, placed.height * 0.14))
  if (size * paint.zoom < LEAST_CAPTION) return 0
  drawText(paint, titleOf(placed), placed.x + placed.width / 2, placed.y + size, {
    font: `600 ${size}px ${FONT_FAMILY}`, colour: paint.theme.text.normal, align: 'center', maxWidth: placed.width - size,
  })
  return size * 1.5
}

/** @param {Paint} paint */
const blockRadius = ({ theme, zoom }) => Math.min(theme.radius.node, 3 / zoom)

/** @param {Frame} frame @param {ScenePlacedNode} placed */
const blockPicture = (frame, placed) => {
  const run = frame.scene.run(placed.id)
  const pictures = frame.scene.picturesOf(placed)
  const chosen = pictures[activePicture(frame.interaction, placed.id, pictures)]
  if (run?.preview && (run.run === 'running' || !chosen)) return run.preview
  return chosen ? frame.pictures.get(chosen.thumbnail ?? chosen.url) : null
}

/** @param {Paint} paint @param {ScenePlacedNode} placed */
const drawBlockTitle = (paint, placed) => {
  if (placed.width * paint.zoom < 34) return
  const title = titleOf(placed)
  const least = Math.ceil(LEAST_TEXT / paint.zoom)
  if (placed.height < least * 1.2) return
  const { words, size, rows } = blockType(paint, placed, title, least)
  const font = `600 ${size}px ${FONT_FAMILY}`
  const line = size * 1.2
  const lines = paint.text.wrap(font, words, placed.width * 0.9, rows)
  const top = placed.y + placed.height / 2 - ((lines.length - 1) * line) / 2
  lines.forEach((text, index) => drawText(paint, text, placed.x + placed.width / 2, top + index * line, {
    font, colour: paint.theme.text.normal, align: 'center', maxWidth: placed.width * 0.96,
  }))
}

/** @type {Map<string, string>} */
const spaced = new Map()

/** A name of several words in one, `SamplerCustomAdvanced`, as words that can be broken. @param {string} title @returns {string} */
const inWords = (title) => {
  const known = spaced.get(title) ?? (/\s/.test(title) ? title : title.replace(/([a-z])([A-Z])|([A-Z])([A-Z][a-z])/g, '$1$3 $2$4'))
  spaced.set(title, known)
  return known
}

/**
 * As large as the whole title fits in one row or in two, and no larger than is calm; where it must be small, in three.
 * @param {Paint} paint @param {ScenePlacedNode} placed @param {string} title @param {number} least
 */
const blockType = ({ text, theme, zoom }, { width, height }, title, least) => {
  const most = Math.max(least, LARGEST_BLOCK_TITLE / zoom)
  const one = Math.min((width * 0.86 * TITLE_SIZE) / text.width(theme.font.title, title), height * 0.8)
  if (one >= Math.min(least * 1.2, most)) return { words: title, size: Math.floor(Math.min(one, most)), rows: 1 }
  const words = inWords(title)
  const half = Math.max(text.longestWord(theme.font.title, words), text.width(theme.font.title, words) * UNEVEN_HALF)
  const size = Math.floor(clamp(Math.min((width * 0.88 * TITLE_SIZE) / half, height / 3), least, most))
  return { words, size, rows: clamp(Math.floor(height / (size * 1.2)), 1, 3) }
}

/** @param {Paint} paint @param {Frame} frame @param {ScenePlacedNode} placed */
const drawOutline = (paint, frame, placed) => {
  const { ctx, theme, zoom } = paint
  const isBlock = paint.detail === 'blocks'
  const selected = frame.selectedNodes.has(placed.id) || frame.interaction.marked?.has(placed.id) === true
  const state = frame.scene.state(placed.id)
  const colour = outlineColour(theme, placed, hasError(frame.scene.problems.get(placed.id)) ? 'failed' : state)
  if (isBlock && !selected && !colour) return
  const radius = isBlock ? blockRadius(paint) : theme.radius.node
  const inner = { x: placed.x + 0.5, y: placed.y + 0.5, width: placed.width - 1, height: placed.height - 1 }
  ctx.setLineDash(placed.layout.missing || placed.node.mode === 'bypassed' ? [6, 4] : [])
  strokeRound(ctx, inner, radius, colour ?? theme.surface.nodeEdge, colour ? Math.max(1.5, 1.5 / zoom) : 1)
  ctx.setLineDash([])
  if (selected) {
    const gap = Math.max(2, 1.5 / zoom)
    roundRect(ctx, grown(placed, gap), radius + gap)
    ctx.strokeStyle = theme.selection
    ctx.lineWidth = Math.max(1.75, 1.75 / zoom)
    ctx.stroke()
  }
}

/** What is wrong here is told from what only waits for it. @param {readonly import('../document/catalog.js').Problem[]} [problems] */
const hasError = (problems) => problems?.some(({ severity = 'error' }) => severity === 'error') === true

/** @param {import('./theme.js').Theme} theme @param {ScenePlacedNode} placed @param {NodeState | null} state */
const outlineColour = (theme, placed, state) => {
  if (state === 'failed' || placed.layout.missing) return theme.state.failed
  return state === 'running' ? theme.state.running : null
}
