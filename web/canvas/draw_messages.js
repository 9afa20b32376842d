// Words about nodes: the error below a failed node, and what is said about a hovered socket or widget.

import { HEADER, isLongText } from '../kernels/layout.js'
import { intersects } from '../kernels/geometry.js'
import { valueOf } from '../document/catalog.js'
import { usedText } from '../widgets/seed.js'
import { routeMiddle } from '../kernels/routes.js'
import { circle, drawText, fillRound, strokeRound } from './paint.js'
import { titleOf, whyAtRest } from './draw_nodes.js'
import { drawFitted } from './draw_picture.js'
import { SOCKET_RADIUS, socketRadius } from './draw_sockets.js'
import { factsText } from './facts.js'
import { fittedTags } from './fitted_tags.js'
import { faultWords, lookWords } from './look_words.js'
import { stateSentences } from './node_state.js'
import { shownName } from './text.js'
import { typeLook } from './theme.js'

/** @typedef {import('../document/catalog.js').Problem} Problem */
/** @typedef {import('./frame.js').Frame} Frame */
/** @typedef {import('./paint.js').Paint} Paint */
/** @typedef {import('./scene.js').ScenePlacedNode} ScenePlacedNode */

const LINE = 16
const TIP_PICTURE = 112
/** What a field holds beside its name and value. */
const FIELD_MARGINS = 36
const VALUE_GAP = 12
/** What a header holds beside a title, at least. */
const TITLE_MARGINS = 59

/** The problems of a node that no input is to blame for, or that ended its run. @param {Paint} paint @param {Frame} frame */
export const drawBanners = (paint, frame) => {
  if (paint.detail === 'blocks') return
  for (const [id, problems] of frame.scene.problems) {
    const placed = frame.scene.node(id)
    const failed = frame.scene.run(id)?.run === 'failed'
    const problem = problems.find(({ input }) => !input) ?? (failed ? problems[0] : undefined)
    if (placed && problem && intersects({ ...placed, height: placed.height + 120 }, frame.view)) drawBanner(paint, placed, problem)
  }
}

/** @param {Paint} paint @param {ScenePlacedNode} placed @param {Problem} problem */
const drawBanner = (paint, placed, problem) => {
  const { ctx, theme, text } = paint
  const colour = problem.severity === 'warning' ? theme.state.warning : theme.state.failed
  const message = text.wrap(theme.font.label, problem.message, placed.width - 26, 4)
  const remedy = problem.remedy ? text.wrap(theme.font.label, problem.remedy, placed.width - 26, 3) : []
  const rect = { x: placed.x, y: placed.y + placed.height + 6, width: placed.width, height: (message.length + remedy.length) * LINE + 14 }
  fillRound(ctx, rect, 7, theme.surface.panel)
  ctx.globalAlpha = 0.13
  fillRound(ctx, rect, 7, colour)
  ctx.globalAlpha = 0.55
  strokeRound(ctx, rect, 7, colour)
  ctx.globalAlpha = 1
  const lines = [...message.map((line) => ({ line, colour: theme.text.strong })), ...remedy.map((line) => ({ line, colour: theme.text.muted }))]
  lines.forEach((entry, index) => drawText(paint, entry.line, rect.x + 13, rect.y + 7 + LINE * (index + 0.5), { font: theme.font.label, colour: entry.colour }))
}

/** @param {Paint} paint @param {Frame} frame */
export const drawHover = (paint, frame) => {
  const { hover, wire } = frame.interaction
  if (wire) {
    if (wire.target) tipAtSocket(paint, frame, wire.target.node, wire.pending.kind === 'output' ? 'input' : 'output', wire.target.socket)
    return
  }
  if (hover.kind === 'socket') {
    ringAround(paint, frame, hover.node, hover.socket)
    tipAtSocket(paint, frame, hover.node, hover.socket.kind, hover.socket.name)
  } else if (hover.kind === 'link' || hover.kind === 'reroute') {
    tipAtLink(paint, frame, hover.id)
  } else if (hover.kind === 'portal') {
    const placed = frame.scene.link(hover.id)
    const tag = placed && fittedTags(frame.scene, placed)?.[hover.end]
    if (tag) tipAtLink(paint, frame, hover.id, [tag.x, tag.y + tag.height + 18 / paint.zoom])
  } else if (hover.kind === 'header') {
    tipAtTitle(paint, frame, hover.node)
  } else if (hover.kind === 'state') {
    tipAtState(paint, frame, hover.node)
  } else if (hover.kind === 'widget') {
    const placed = frame.scene.node(hover.node)
    const problem = problemAt(frame, hover.node, hover.input)
    const rect = placed?.layout.widgets.find(({ input }) => input.name === hover.input)?.rect
    const rest = placed && !problem ? whyAtRest(placed, hover.input) : null
    const quiet = rest ?? (placed ? usedSentence(frame, placed, hover.input) ?? hiddenValue(paint, placed, hover.input) : null)
    const help = frame.interaction.rested === hover ? placed?.type?.inputs.find(({ name }) => name === hover.input)?.help : ''
    const said = problem ? linesOf(paint, problem) : [quiet, help].flatMap((text) => (text ? [{ text, colour: paint.theme.text.muted }] : []))
    if (placed && rect && said.length) drawTip(paint, [placed.x + rect.x, placed.y + rect.y + rect.height + 20 / paint.zoom], said, 'left')
  }
}

/** Of a seed that is another by now. @param {Frame} frame @param {ScenePlacedNode} placed @param {string} name @returns {string | null} */
const usedSentence = ({ scene }, placed, name) => {
  const input = placed.layout.widgets.find((widget) => widget.input.name === name && !widget.linked)?.input
  const used = input?.widget?.kind === 'seed' ? usedText({ widget: input.widget, value: valueOf(placed.node, input), used: scene.overlay.used?.(placed.id, name) }) : ''
  return used && input ? `The last run had ${shownName(input)} ${used}` : null
}

/** A value that its field is too small for; long texts have an editor. @param {Paint} paint @param {ScenePlacedNode} placed @param {string} name @returns {string | null} */
const hiddenValue = ({ text, theme, detail }, placed, name) => {
  const field = placed.layout.widgets.find(({ input }) => input.name === name)
  const value = field && !field.linked && !isLongText(field.widget) && detail === 'full' ? valueOf(placed.node, field.input) : null
  if (!field || typeof value !== 'string') return null
  const label = field.widget.kind === 'file' ? 0 : text.width(theme.font.label, shownName(field.input)) + VALUE_GAP
  return text.width(theme.font.value, value) > field.rect.width - FIELD_MARGINS - label ? value : null
}

/** The title that a header is too small for; where the pointer rests, what the node does. @param {Paint} paint @param {Frame} frame @param {string} id */
const tipAtTitle = (paint, { scene, interaction }, id) => {
  const placed = scene.node(id)
  if (!placed || paint.detail === 'blocks') return
  const title = titleOf(placed)
  const isCut = paint.detail === 'full' && paint.text.width(paint.theme.font.title, title) >= placed.width - TITLE_MARGINS
  const help = interaction.rested === interaction.hover ? placed.type?.help : ''
  if (!isCut && !help) return
  const { strong, muted } = paint.theme.text
  const name = help && placed.type && placed.type.title !== title ? `${title}  ·  ${placed.type.title || placed.type.id}` : title
  drawTip(paint, [placed.x, placed.y + HEADER + 16 / paint.zoom], [{ text: name, colour: strong }, ...(help ? [{ text: help, colour: muted }] : [])], 'left')
}

/** Why a node stands as its badge says. @param {Paint} paint @param {Frame} frame @param {string} id */
const tipAtState = (paint, { scene }, id) => {
  const placed = scene.node(id)
  const run = scene.run(id)
  const state = scene.state(id)
  if (!placed || !run || !state) return
  const [said = '', ...others] = stateSentences(run, state)
  drawTip(paint, [placed.x + placed.width + 10 / paint.zoom, placed.y + HEADER / 2], [{ text: said, colour: paint.theme.text.strong },
    ...others.map((text) => ({ text, colour: paint.theme.text.muted }))], 'left')
}

/** @param {Frame} frame @param {string} node @param {string} input */
const problemAt = (frame, node, input) => frame.scene.problems.get(node)?.find((problem) => problem.input === input)

/** A warning is calmer than an error. @param {Paint} paint @param {Problem} problem */
const linesOf = ({ theme }, { message, severity, remedy }) => [
  { text: message, colour: severity === 'warning' ? theme.state.warning : theme.state.failed },
  ...(remedy ? [{ text: remedy, colour: theme.text.muted }] : []),
]

/** Values that a picture stands for. */
const PICTURED = new Set(['IMAGE', 'LATENT', 'MASK'])

/** The last picture of either end: what flowed here. @param {Frame} frame @param {ScenePlacedNode} source @param {ScenePlacedNode} target */
const pictureOf = ({ scene, pictures }, source, target) => {
  for (const placed of [source, target]) {
    const [picture] = scene.picturesOf(placed)
    const image = scene.run(placed.id)?.preview ?? (picture ? pictures.get(picture.thumbnail ?? picture.url) : null)
    if (image) return image
  }
  return null
}

/** What lies there since a run; of a long text, its beginning. @param {Paint} paint @param {import('./look_words.js').Seen | null} seen */
const seenLines = ({ theme }, seen) => {
  if (!seen?.look) return []
  const fault = faultWords(seen.look)
  const words = lookWords(seen.look).map((text, index) => ({ text: text.slice(0, 240), colour: index ? theme.text.muted : theme.text.strong }))
  return [...words, ...(fault ? [{ text: fault, colour: theme.state.failed }] : []), ...(seen.old ? [{ text: 'As the last run made it', colour: theme.state.will_run }] : [])]
}

/** @param {Frame} frame @param {import('./look_words.js').Seen | null} seen */
const seenPicture = ({ pictures }, seen) => (seen?.picture ? pictures.get(seen.picture) : null)

/** What travels on a wire: its type, what is known of it, and how it looked. @param {Paint} paint @param {Frame} frame @param {string} id @param {[number, number]} [at] the middle of the wire without */
const tipAtLink = (paint, frame, id, at) => {
  const { scene } = frame
  const link = scene.link(id)
  if (!link) return
  const facts = scene.factsOf(link.link.from)
  const isList = link.source.type?.outputs.find(({ name }) => name === link.link.from[1])?.list === true
  const type = isList ? `list of ${link.type}` : link.type
  const seen = scene.overlay.seen?.(...link.link.from) ?? null
  const { path } = frame.interaction
  const way = path?.links.has(id) ? [{ text: path.words, colour: paint.theme.text.normal }] : []
  const lines = [{ text: facts ? `${type}  ·  ${factsText(facts)}` : type, colour: typeLook(scene.catalog, link.type).colour }, ...way, ...seenLines(paint, seen)]
  const drawn = PICTURED.has(link.type) ? seenPicture(frame, seen) ?? pictureOf(frame, link.source, link.target) : null
  const [x, y] = routeMiddle(link.curves)
  drawTip(paint, at ?? [x + 10 / paint.zoom, y + 24 / paint.zoom], lines, 'left', drawn)
}

/** @param {Paint} paint @param {Frame} frame @param {string} node @param {import('../kernels/layout.js').SocketLayout} socket */
const ringAround = ({ ctx, theme }, frame, node, socket) => {
  const placed = frame.scene.node(node)
  if (!placed) return
  const { colour } = typeLook(frame.scene.catalog, socket.type)
  const [x, y] = [placed.x + socket.x, placed.y + socket.y]
  ctx.globalAlpha = 0.3
  circle(ctx, x, y, SOCKET_RADIUS + 6)
  ctx.fillStyle = colour
  ctx.fill()
  ctx.globalAlpha = 1
  circle(ctx, x, y, Math.max(socketRadius(socket), 5))
  ctx.fillStyle = colour
  ctx.fill()
  ctx.strokeStyle = theme.text.strong
  ctx.lineWidth = 1.25
  ctx.stroke()
}

/** The output itself, or the one that is linked to an input. @param {Frame} frame @param {string} node @param {'input' | 'output'} kind @param {string} name @returns {readonly [string, string] | undefined} */
const outputAt = ({ scene }, node, kind, name) =>
  (kind === 'output' ? [node, name] : scene.node(node)?.facts.linksTo.find(({ to }) => to[1] === name)?.from)

/** @param {Paint} paint @param {Frame} frame @param {string} node @param {'input' | 'output'} kind @param {string} name */
const tipAtSocket = (paint, frame, node, kind, name) => {
  const placed = frame.scene.node(node)
  const point = frame.scene.socketPoint(node, kind, name)
  const socket = (kind === 'input' ? placed?.layout.inputs : placed?.layout.outputs)?.find((candidate) => candidate.name === name)
  if (!placed || !point || !socket) return
  const { theme } = paint
  const declared = kind === 'input' ? placed.type?.inputs.find((input) => input.name === name) : placed.type?.outputs.find((output) => output.name === name)
  const problem = kind === 'input' ? problemAt(frame, node, name) : undefined
  const lines = [{ text: `${shownName(socket)}  ·  ${socket.list ? `list of ${socket.type}` : socket.type}`, colour: typeLook(frame.scene.catalog, socket.type).colour }]
  const output = outputAt(frame, node, kind, name)
  const facts = output && frame.scene.factsOf(output)
  const seen = (output && !frame.interaction.wire && frame.scene.overlay.seen?.(...output)) || null
  if (facts && (!seen?.look || seen.old)) lines.push({ text: factsText(facts), colour: theme.text.strong })
  if (problem) lines.push(...linesOf(paint, problem))
  else if (declared?.help && !seen?.look) lines.push({ text: declared.help, colour: theme.text.muted })
  lines.push(...seenLines(paint, seen))
  drawTip(paint, [point[0] + (kind === 'input' ? -14 / paint.zoom : 14 / paint.zoom), point[1]], lines, kind === 'input' ? 'right' : 'left', seenPicture(frame, seen))
}

/**
 * A small panel at a world point, in screen size whatever the zoom; `side` is its edge that touches the point.
 * @param {Paint} paint @param {[number, number]} at @param {{text: string, colour: string}[]} lines @param {'left' | 'right'} side
 * @param {ImageBitmap | HTMLImageElement | HTMLCanvasElement | null} [picture] below the words
 */
const drawTip = (paint, [x, y], lines, side, picture = null) => {
  const { ctx, theme, text, zoom } = paint
  const wrapped = lines.flatMap((line) => text.wrap(theme.font.label, line.text, 260, 5).map((part) => ({ text: part, colour: line.colour })))
  const width = Math.max(...wrapped.map((line) => text.width(theme.font.label, line.text)), picture ? TIP_PICTURE : 0) + 20
  const words = wrapped.length * LINE + 12
  const height = words + (picture ? TIP_PICTURE + 8 : 0)
  ctx.save()
  ctx.translate(x, y)
  ctx.scale(1 / zoom, 1 / zoom)
  const rect = { x: side === 'right' ? -width : 0, y: -LINE / 2 - 6, width, height }
  ctx.shadowColor = theme.surface.shadow
  ctx.shadowBlur = 14
  ctx.shadowOffsetY = 4
  fillRound(ctx, rect, 7, theme.surface.raised)
  ctx.shadowColor = 'transparent'
  strokeRound(ctx, rect, 7, theme.surface.fieldEdgeHover)
  wrapped.forEach((line, index) => drawText(paint, line.text, rect.x + 10, rect.y + 6 + LINE * (index + 0.5), { font: theme.font.label, colour: line.colour }))
  if (picture) drawFitted({ ...paint, zoom: 1 }, picture, { x: rect.x + 10, y: rect.y + words - 2, width: width - 20, height: TIP_PICTURE }, { crisp: false })
  ctx.restore()
}
