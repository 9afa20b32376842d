// Where everything on a node is, relative to its left top: header, sockets, widgets, picture.

import { defaultValue } from '../document/catalog.js'
import { shownInputs } from '../document/dynamic_inputs.js'

/** @typedef {import('../document/catalog.js').NodeType} NodeType */
/** @typedef {import('../document/catalog.js').InputType} InputType */
/** @typedef {import('../document/catalog.js').Widget} Widget */
/** @typedef {import('../document/workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {import('./geometry.js').Rect} Rect */

/**
 * @typedef {object} SocketLayout
 * @property {'input' | 'output'} kind
 * @property {string} name
 * @property {string} [label]
 * @property {string} type
 * @property {number} x
 * @property {number} y the middle of the dot
 * @property {boolean} labelled false where a widget's row names it
 * @property {boolean} list
 * @property {boolean} required
 * @property {boolean} ghost a link names it but the node type does not
 */

/**
 * @typedef {object} WidgetLayout
 * @property {InputType} input
 * @property {Widget} widget
 * @property {Rect} rect
 * @property {boolean} linked a wire gives the value; the literal rests
 */

/**
 * @typedef {object} NodeLayout
 * @property {number} width
 * @property {number} height
 * @property {boolean} collapsed
 * @property {boolean} missing the catalogue does not know the type
 * @property {SocketLayout[]} inputs
 * @property {SocketLayout[]} outputs
 * @property {WidgetLayout[]} widgets
 * @property {Rect | null} picture
 * @property {Rect | null} tab above an instance: its kind, and what opens it
 * @property {Rect | null} strip thumbnails of several pictures
 * @property {number} pictureCount
 * @property {number} minHeight
 * @property {{rect: Rect, count: number} | null} more of a compact node: what it does not show
 */

/**
 * What a layout depends on besides the node.
 * @typedef {object} LayoutFacts
 * @property {NodeType | undefined} type
 * @property {readonly string[]} linkedInputs
 * @property {readonly string[]} linkedOutputs
 * @property {{aspect: number, count: number, room?: number} | null} picture aspect: width / height of what the node shows; room: how high the node may become before it covers another
 */

export const HEADER = 34
export const SOCKET_ROW = 24
export const WIDGET_HEIGHT = 28
export const WIDGET_GAP = 5
export const PADDING = 12
export const TEXT_HEIGHT = 92
/** A node whose height is given may press its texts to two lines. */
const LEAST_TEXT_HEIGHT = 52
/** A curve is seen, not read. */
export const CURVE_HEIGHT = 66
export const STRIP_HEIGHT = 48
/** More pictures than these lie in rows, and more than three rows are for the viewer. */
const STRIP_ROW = 8
const STRIP_ROWS = 3
const STRIP_GAP = 4
export const MIN_WIDTH = 160
/** An instance that is drawn with what is in it. */
const OPEN_WIDTH = 560
const TAB = { x: 10, y: -19, width: 104, height: 19 }
const MORE_HEIGHT = 20
const PICTURE_MARGIN = 8
const MAX_PICTURE_HEIGHT = 640
/** A picture gives way to what stands below its node, but no further. */
const LEAST_PICTURE_HEIGHT = 72
/** A smaller corner beside the sockets shows nothing worth a look. */
const LEAST_CORNER = SOCKET_ROW * 2
/** Names of sockets may reach so far across a node that has them on both sides. */
const NAMES_END = 0.58

/** @param {NodeRecord} node @param {LayoutFacts} facts @returns {NodeLayout} */
export const layoutNode = (node, facts) => {
  const declared = declaredSockets(node, facts)
  const sockets = node.compact && !node.collapsed ? usedSockets(node, facts, declared) : declared
  const width = Math.max(MIN_WIDTH, node.size?.[0] ?? (node.open && facts.picture ? OPEN_WIDTH : naturalWidth(facts)))
  if (node.collapsed) return collapsedLayout(width, sockets, facts)

  const plain = sockets.inputs.filter(({ widget }) => !widget)
  const inputs = plain.map((input, row) => socketAt(input, 'input', 0, rowMiddle(row), true))
  const outputs = sockets.outputs.map((output, row) => socketAt(output, 'output', width, rowMiddle(row), true))
  const rows = Math.max(plain.length, sockets.outputs.length)
  const top = HEADER + (rows ? 8 + rows * SOCKET_ROW : 4)

  const stack = stackWidgets(sockets.inputs, facts, { top: top + 6, width, textHeight: node.size?.[1] ? LEAST_TEXT_HEIGHT : TEXT_HEIGHT })
  const count = declared.inputs.length + declared.outputs.length - sockets.inputs.length - sockets.outputs.length
  const more = count ? { rect: { x: PADDING, y: stack.bottom, width: width - 2 * PADDING, height: MORE_HEIGHT }, count } : null
  const filled = more ? stack.bottom + MORE_HEIGHT : stack.bottom
  const picture = pictureArea(node, facts, { top: filled, width, inputs: plain.length, outputs: sockets.outputs.length })
  const bottom = picture?.bottom ?? filled + (stack.widgets.length && !more ? PADDING - WIDGET_GAP : 4)
  const height = Math.max(bottom, node.compact ? 0 : node.size?.[1] ?? 0)
  growIntoSpareRoom(stack.widgets, picture?.bottom ? picture : null, height - bottom)

  for (const { input, rect, linked } of stack.widgets) if (takesWire(input) || linked) inputs.push(socketAt(input, 'input', 0, rect.y + Math.min(rect.height, WIDGET_HEIGHT) / 2, false))
  return {
    width, height, collapsed: false, missing: !facts.type, inputs, outputs, widgets: stack.widgets,
    tab: tabOf(facts), picture: picture?.area ?? null, strip: picture?.strip ?? null, pictureCount: facts.picture?.count ?? 0, minHeight: bottom, more,
  }
}

/** @typedef {{name: string, label?: string, type: string, list?: boolean, required?: boolean, ghost?: boolean, widget?: Widget | null}} Declared */

/**
 * The type's sockets, and one for each link that names another: a link is always drawn.
 * @param {NodeRecord} node @param {LayoutFacts} facts
 */
const declaredSockets = (node, facts) => {
  /** @type {Declared[]} */
  const inputs = facts.type ? [...shownInputs(facts.type, node, (name) => facts.linkedInputs.includes(name))] : literalInputs(node)
  /** @type {Declared[]} */
  const outputs = facts.type ? [...facts.type.outputs] : []
  for (const name of facts.linkedInputs) {
    const known = inputs.findIndex((input) => input.name === name)
    if (known < 0) inputs.push({ name, type: facts.type?.inputs.find((input) => input.name === name)?.type ?? 'ANY', ghost: true })
    else if (!facts.type) inputs[known] = { name, type: 'ANY', ghost: true }
  }
  for (const name of facts.linkedOutputs) {
    if (!outputs.some((output) => output.name === name)) outputs.push({ name, type: 'ANY', ghost: true })
  }
  return { inputs, outputs }
}

/** What a compact node shows: what is linked, inputs that must be, and values other than the usual. @param {NodeRecord} node @param {LayoutFacts} facts @param {{inputs: Declared[], outputs: Declared[]}} declared */
const usedSockets = (node, { linkedInputs, linkedOutputs }, { inputs, outputs }) => ({
  inputs: inputs.filter((input) => linkedInputs.includes(input.name) || (input.widget ? isSet(node, input.name, input.widget) || (input.required !== false && isOpen(node, input.name, input.widget)) : input.required !== false)),
  outputs: outputs.filter(({ name }) => linkedOutputs.includes(name)),
})

/** @param {NodeRecord} node @param {string} name @param {Widget} widget */
const isSet = ({ inputs = {} }, name, widget) => inputs[name] !== undefined && inputs[name] !== defaultValue(widget) && JSON.stringify(inputs[name]) !== JSON.stringify(defaultValue(widget))

/** Nothing is chosen where something must be. @param {NodeRecord} node @param {string} name @param {Widget} widget */
const isOpen = ({ inputs = {} }, name, widget) => (inputs[name] ?? widget.default ?? null) === null && defaultValue(widget) !== null

/** Values of a node whose type is missing, shown so that nothing looks lost. @param {NodeRecord} node @returns {Declared[]} */
const literalInputs = (node) =>
  Object.entries(node.inputs ?? {}).map(([name, value]) => ({
    name, type: 'ANY', widget: { kind: 'text', default: typeof value === 'string' ? value : JSON.stringify(value) },
  }))

/** @param {LayoutFacts} facts */
const naturalWidth = ({ type }) => {
  if (type?.inputs.some(({ widget }) => widget?.kind === 'text' && widget.multiline)) return 320
  if (type?.sink) return 288
  return type?.inputs.some(({ widget }) => widget?.kind === 'file') ? 280 : 248
}

/** Ends have a kind too, and nothing to open. @param {LayoutFacts} facts */
const tabOf = ({ type }) => (type?.subgraph && type.id === `@${type.subgraph.id}` ? TAB : null)

/** @param {number} row */
const rowMiddle = (row) => HEADER + 8 + row * SOCKET_ROW + SOCKET_ROW / 2

/**
 * @param {Declared} socket @param {'input' | 'output'} kind @param {number} x @param {number} y @param {boolean} labelled
 * @returns {SocketLayout}
 */
const socketAt = (socket, kind, x, y, labelled) => ({
  kind, name: socket.name, type: socket.type, x, y, labelled, list: socket.list ?? false,
  required: socket.required !== false && !socket.widget, ghost: socket.ghost ?? false, ...(socket.label ? { label: socket.label } : {}),
})

/** @param {number} width @param {{inputs: Declared[], outputs: Declared[]}} sockets @param {LayoutFacts} facts @returns {NodeLayout} */
const collapsedLayout = (width, sockets, facts) => ({
  width, height: HEADER, collapsed: true, missing: !facts.type,
  inputs: sockets.inputs.map((input) => socketAt(input, 'input', 0, HEADER / 2, false)),
  outputs: sockets.outputs.map((output) => socketAt(output, 'output', width, HEADER / 2, false)),
  widgets: [], tab: tabOf(facts), picture: null, strip: null, pictureCount: 0, minHeight: HEADER, more: null,
})

/** @param {Declared[]} inputs @param {LayoutFacts} facts @param {{top: number, width: number, textHeight: number}} measures */
const stackWidgets = (inputs, facts, { top, width, textHeight }) => {
  const linked = new Set(facts.linkedInputs)
  /** @type {WidgetLayout[]} */
  const widgets = []
  let y = top
  for (const input of inputs) {
    if (!input.widget) continue
    const isLinked = linked.has(input.name)
    const height = isLinked ? WIDGET_HEIGHT : input.widget.kind === 'curve' ? CURVE_HEIGHT : isLongText(input.widget) ? textHeight : WIDGET_HEIGHT
    widgets.push({ input, widget: input.widget, linked: isLinked, rect: { x: PADDING, y, width: width - 2 * PADDING, height } })
    y += height + WIDGET_GAP
  }
  return { widgets, bottom: widgets.length ? y : top - 6 }
}

/** A file is chosen, never linked: its content must be known before anything runs. @param {{type: string}} input */
const takesWire = ({ type }) => type !== 'FILE'

/** @param {Widget} widget */
export const isLongText = (widget) => widget.kind === 'text' && widget.multiline === true

/**
 * Below the rest, as high as the room allows; where there is none, beside the sockets, so that it covers no other node.
 * @param {NodeRecord} node @param {LayoutFacts} facts @param {{top: number, width: number, inputs: number, outputs: number}} place
 */
const pictureArea = (node, { picture }, { top, width, inputs, outputs }) => {
  if (!picture) return null
  const inner = width - 2 * PICTURE_MARGIN
  const natural = Math.min(inner / picture.aspect, MAX_PICTURE_HEIGHT)
  const free = (picture.room ?? Infinity) - (top + 4) - PICTURE_MARGIN - (picture.count > 1 ? stripHeight(picture.count, inner) + 6 : 0)
  const corner = free < Math.min(natural, LEAST_PICTURE_HEIGHT) && !node.open ? cornerBeside(inputs, outputs, width, picture.aspect) : null
  if (corner) return { area: corner, strip: null, bottom: null }
  const area = { x: PICTURE_MARGIN, y: top + 4, width: inner, height: Math.round(Math.min(natural, Math.max(free, LEAST_PICTURE_HEIGHT))) }
  const strip = picture.count > 1 ? { x: PICTURE_MARGIN, y: area.y + area.height + 6, width: inner, height: stripHeight(picture.count, inner) } : null
  return { area, strip, bottom: (strip ?? area).y + (strip ?? area).height + PICTURE_MARGIN }
}

/** What a square picture adds to a node. @param {number} width of the node */
export const previewHeight = (width) => width - PICTURE_MARGIN + 4

/** What the side with fewer sockets leaves free. @param {number} inputs @param {number} outputs @param {number} width @param {number} aspect @returns {Rect | null} */
const cornerBeside = (inputs, outputs, width, aspect) => {
  const height = Math.abs(inputs - outputs) * SOCKET_ROW
  if (height < LEAST_CORNER) return null
  const wide = Math.round(Math.min(height * aspect, (width - 28) * (1 - NAMES_END) - PADDING))
  return { x: inputs > outputs ? width - PADDING - wide : PADDING, y: HEADER + 8 + Math.min(inputs, outputs) * SOCKET_ROW, width: wide, height }
}

/** A node drawn larger than it must be gives the room to its picture, else to its long texts and curves. @param {WidgetLayout[]} widgets @param {{area: Rect, strip: Rect | null} | null} picture @param {number} spare */
const growIntoSpareRoom = (widgets, picture, spare) => {
  if (spare <= 0) return
  if (picture) {
    picture.area.height += spare
    if (picture.strip) picture.strip.y += spare
    return
  }
  const texts = widgets.filter(({ widget, linked }) => (isLongText(widget) || widget.kind === 'curve') && !linked)
  const share = texts.length ? spare / texts.length : 0
  let shift = 0
  for (const entry of widgets) {
    entry.rect.y += shift
    if (!texts.includes(entry)) continue
    entry.rect.height += share
    shift += share
  }
}

/** @param {number} count @param {number} width */
const stripHeight = (count, width) => {
  const rows = Math.min(STRIP_ROWS, Math.ceil(count / STRIP_ROW))
  return rows === 1 ? STRIP_HEIGHT : Math.round(rows * ((width + STRIP_GAP) / STRIP_ROW)) - STRIP_GAP
}

/** The pictures of a strip, left to right and row by row: as many as can be told apart. @param {Rect} strip @param {number} count @returns {Rect[]} */
export const stripCells = (strip, count) => {
  const perRow = Math.min(count, STRIP_ROW)
  const rows = Math.min(STRIP_ROWS, Math.ceil(count / STRIP_ROW))
  const side = Math.min(strip.height, (strip.width - (perRow - 1) * STRIP_GAP) / perRow)
  const top = strip.y + (rows === 1 ? (strip.height - side) / 2 : 0)
  return Array.from({ length: Math.min(count, rows * STRIP_ROW) }, (_, index) =>
    ({ x: strip.x + (index % STRIP_ROW) * (side + STRIP_GAP), y: top + Math.floor(index / STRIP_ROW) * (side + STRIP_GAP), width: side, height: side }))
}
