// Nothing in the hand: what is under the pointer, and which gesture a press begins. Click or drag is decided here only.

import { fieldOf } from '../canvas/draw_nodes.js'
import { activePicture } from '../canvas/draw_picture.js'
import { answering } from '../document/answering.js'
import { addNode, disconnect, setCollapsed, setInput } from '../document/edits.js'
import { setCompact } from '../document/drawing.js'
import { togglePeek } from '../document/peek.js'
import { isEnd } from '../document/subgraph_format.js'
import { addReroute, removeReroute } from '../document/reroutes.js'
import { cameraWith } from '../kernels/geometry.js'
import { nearestPart } from '../kernels/routes.js'
import { widgetKind } from '../widgets/kinds.js'
import { enterConnect } from './connect.js'
import { enterDragNodes } from './drag_nodes.js'
import { enterDragReroute } from './drag_reroute.js'
import { toggleFold } from './fold.js'
import { enterMarquee } from './marquee.js'
import { enterPan } from './pan.js'
import { enterResize, enterResizeAnnotation } from './resize.js'
import { enterScrubNumber } from './scrub_number.js'
import { openChoiceList } from '../widgets/choice_list.js'
import { pickFiles } from '../widgets/pick_files.js'

/** @typedef {import('../kernels/hit_test.js').Hit} Hit */
/** @typedef {import('../widgets/field.js').Field} Field */
/** @typedef {import('./bench.js').Bench} Bench */
/** @typedef {import('./bench.js').Pointer} Pointer */
/** @typedef {import('./bench.js').Tool} Tool */

/** Of a portal's tag, the end that is brought under the pointer. */
const NEAR_SOCKET = 12
/** A hand that moved less has clicked. */
const DRAG_FROM = { mouse: 4, touch: 10 }

/** @typedef {{click: (pointer: Pointer) => void, drag: (start: Pointer) => Tool}} Meaning what a press becomes */

/** A press waits to become a click or a drag. @param {Bench} bench @param {Pointer} start @returns {Tool} */
export const enterPress = (bench, start) => {
  const { click, drag } = meaningOf(bench, start, bench.hit(start.world, start.touch))
  const threshold = start.touch ? DRAG_FROM.touch : DRAG_FROM.mouse
  return {
    name: 'press',
    move: (pointer) => {
      if (Math.hypot(pointer.screen[0] - start.screen[0], pointer.screen[1] - start.screen[1]) < threshold) return
      const tool = drag(start)
      bench.enter(tool)
      tool.move(pointer)
    },
    up: click,
    cancel: () => {},
  }
}

/** @param {Bench} bench @param {Pointer} start @param {Hit} hit @returns {Meaning} */
const meaningOf = (bench, start, hit) => {
  switch (hit.kind) {
    case 'socket': return { click: ({ touch, ctrl }) => (touch ? connectByTaps(bench, hit) : ctrl ? runToSocket(bench, hit) : peekAt(bench, start, hit)), drag: (from) => enterConnect(bench, hit.node, hit.socket, { all: from.ctrl }) }
    case 'reroute': return rerouteMeaning(bench, hit)
    case 'portal': return portalMeaning(bench, start, hit)
    case 'link': return linkMeaning(bench, start, hit.id)
    case 'canvas': return canvasMeaning(bench, start)
    case 'annotation': return annotationMeaning(bench, start, hit)
    case 'resize': return isEnd(hit.node) ? nodeMeaning(bench, start, hit.node) : { click: selecting(bench, start, hit.node), drag: (from) => enterResize(bench, from, hit.node) }
    case 'widget': return widgetMeaning(bench, start, hit)
    case 'collapse': return { ...nodeMeaning(bench, start, hit.node), click: () => setCollapsed(bench.store, [hit.node], bench.store.node(hit.node)?.collapsed !== true) }
    case 'play': return { click: () => bench.services.runTo?.(hit.node), drag: canvasMeaning(bench, start).drag }
    case 'more': return { ...nodeMeaning(bench, start, hit.node), click: () => setCompact(bench.store, [hit.node], false) }
    case 'tab': return { ...nodeMeaning(bench, start, hit.node), click: () => togglePeek(bench.store, bench.scene.catalog, [hit.node]) }
    case 'picture': return pictureMeaning(bench, start, hit.node, hit.index)
    default: return nodeMeaning(bench, start, hit.node)
  }
}

/** Up to what an output gives, or to what feeds an input. @param {Bench} bench @param {Extract<Hit, {kind: 'socket'}>} hit */
const runToSocket = ({ store, services }, { node, socket }) => {
  const source = socket.kind === 'output' ? node : store.linksTo(node, socket.name)[0]?.from[0]
  if (source) services.runTo?.(source)
  else services.notify?.('Nothing feeds this input')
}

/** A finger hides what it drags over: it taps one socket, then where the wire goes. @param {Bench} bench @param {Extract<Hit, {kind: 'socket'}>} hit */
const connectByTaps = (bench, { node, socket }) => {
  bench.enter({ ...enterConnect(bench, node, socket), awaitsTap: true })
  bench.services.notify?.('Tap where the wire shall go')
}

/** What lies on an output, or comes into an input. @param {Bench} bench @param {Pointer} start @param {Extract<Hit, {kind: 'socket'}>} hit */
const peekAt = ({ store, services }, { client }, { node, socket }) => {
  const output = socket.kind === 'output' ? [node, socket.name] : store.linksTo(node, socket.name)[0]?.from
  if (output) services.openPeek?.(String(output[0]), String(output[1]), client)
}

/** @param {Bench} bench @param {Pointer} start @returns {Meaning} */
const canvasMeaning = (bench, start) => ({
  click: ({ shift, ctrl }) => {
    if (!shift && !ctrl) bench.selection.clear()
  },
  drag: (from) => (start.touch ? enterPan(bench, from) : enterMarquee(bench, from)),
})

/** @param {Bench} bench */
const selected = ({ selection: { nodes, links, annotations } }) => ({ nodes, links, annotations })

/** @param {Bench} bench @param {Pointer} start @param {string} id @returns {Meaning} */
const linkMeaning = (bench, start, id) => ({
  click: ({ alt, shift }) => {
    if (alt) disconnect(bench.store, id)
    else bench.selection.set(shift ? { ...selected(bench), links: [...bench.selection.links, id] } : { links: [id] })
  },
  drag: canvasMeaning(bench, start).drag,
})

/** @param {Bench} bench @param {Extract<Hit, {kind: 'reroute'}>} hit @returns {Meaning} */
const rerouteMeaning = (bench, { id, index }) => ({
  click: ({ alt }) => (alt ? removeReroute(bench.store, id, index) : bench.selection.set({ links: [id] })),
  drag: () => enterDragReroute(bench, id, index),
})

/** A click goes to the other end; from an output with several, to one after the other. @param {Bench} bench @param {Pointer} start @param {Extract<Hit, {kind: 'portal'}>} hit @returns {Meaning} */
const portalMeaning = (bench, start, { id, end }) => ({
  click: (pointer) => {
    if (pointer.alt) return disconnect(bench.store, id)
    const ids = bench.scene.linksOfTag(id, end)
    const next = ids[(ids.findIndex((each) => bench.selection.links.has(each)) + 1) % ids.length] ?? id
    if (pointer.shift) return bench.selection.set({ ...selected(bench), links: [...bench.selection.links, ...ids] })
    bench.selection.set({ links: [next] })
    jumpAlong(bench, next, end === 'from' ? 'to' : 'from', pointer.screen)
  },
  drag: (from) => {
    const placed = bench.scene.link(id)
    if (!placed) return canvasMeaning(bench, start).drag(from)
    return end === 'from' ? enterConnect(bench, placed.source.id, placed.output, { all: from.ctrl }) : enterConnect(bench, placed.target.id, placed.input)
  },
})

/** Brings the tag at one end under the pointer: another click leads back. @param {Bench} bench @param {string} id @param {'from' | 'to'} end @param {[number, number]} screen */
const jumpAlong = (bench, id, end, screen) => {
  const tag = bench.scene.link(id)?.tags?.[end]
  // Near the socket: what stands before the output may cover the rest of the tag.
  if (tag) bench.flyTo(cameraWith(bench.camera(), [end === 'from' ? tag.x + NEAR_SOCKET : tag.x + tag.width - NEAR_SOCKET, tag.y + tag.height / 2], screen))
}

/** @param {Bench} bench @param {Pointer} start @param {Extract<Hit, {kind: 'annotation'}>} hit @returns {Meaning} */
const annotationMeaning = (bench, start, { id, part }) => {
  const { selection } = bench
  const extends_ = start.shift || start.ctrl
  if (!selection.annotations.has(id) && !extends_) selection.set({ annotations: [id] })
  return {
    click: () => {
      if (part === 'fold') toggleFold(bench, [id])
      else if (extends_) selection.toggleAnnotation(id)
      else selection.set({ annotations: [id] })
    },
    drag: (from) => {
      if (part === 'resize') return enterResizeAnnotation(bench, from, id)
      if (!selection.annotations.has(id)) selection.toggleAnnotation(id)
      return enterDragNodes(bench, from)
    },
  }
}

/** @param {Bench} bench @param {Pointer} start @param {string} id @returns {Meaning} */
const nodeMeaning = (bench, start, id) => {
  const { selection } = bench
  const extends_ = start.shift || start.ctrl
  const wasSelected = selection.nodes.has(id)
  if (!wasSelected && !extends_) selection.set({ nodes: [id] })
  return {
    click: selecting(bench, start, id),
    drag: (from) => {
      if (!selection.nodes.has(id)) selection.add([id])
      return enterDragNodes(bench, from)
    },
  }
}

/** @param {Bench} bench @param {Pointer} start @param {string} id */
const selecting = ({ selection, store, scene }, start, id) => () => {
  if (start.alt) togglePeek(store, scene.catalog, [id])
  else if (start.shift || start.ctrl) selection.toggle(id)
  else selection.set({ nodes: [id] })
}

/** @param {Bench} bench @param {Pointer} start @param {string} id @param {number | null} index @returns {Meaning} */
const pictureMeaning = (bench, start, id, index) => {
  const meaning = nodeMeaning(bench, start, id)
  if (index === null) return meaning
  return {
    ...meaning,
    click: () => {
      const placed = bench.scene.node(id)
      const pictures = placed ? bench.scene.picturesOf(placed) : []
      const chosen = pictures[index]
      if (!chosen) return
      const before = pictures[activePicture(bench.interaction, id, pictures)]
      bench.interaction.activePicture.set(id, { url: chosen.url, newest: pictures[0]?.url ?? '' })
      if (chosen.run && (chosen.past || before?.past)) bench.services.takeValues?.(chosen.run) // And back again from the newest.
      bench.invalidate()
    },
  }
}

/** @param {Bench} bench @param {Pointer} start @param {Extract<Hit, {kind: 'widget'}>} hit @returns {Meaning} */
const widgetMeaning = (bench, start, hit) => {
  const field = fieldAt(bench, hit.node, hit.input)
  const meaning = nodeMeaning(bench, start, hit.node)
  if (!field || start.shift || start.ctrl || start.alt) return meaning
  const press = widgetKind(field.widget, field.value).press(field, hit.x, hit.y)
  return {
    click: () => clickWidget(bench, field, press.click),
    drag: (from) => (press.drag === 'scrub' ? enterScrubNumber(bench, from, field) : meaning.drag(from)),
  }
}

/** A widget that a wire feeds, or of a missing type, is not for pressing. @param {Bench} bench @param {string} node @param {string} input @returns {Field | null} */
export const fieldAt = ({ scene, interaction }, node, input) => {
  const placed = scene.node(node)
  const widget = placed?.layout.widgets.find((candidate) => candidate.input.name === input)
  return placed && widget && !widget.linked && !placed.layout.missing
    ? fieldOf(/** @type {import('../canvas/frame.js').Frame} */ ({ interaction }), placed, widget) : null
}

/** @param {Bench} bench @param {Field} field @param {import('../widgets/field.js').Press['click']} click */
export const clickWidget = (bench, field, click) => {
  bench.selection.set({ nodes: [field.node] })
  if (click.kind === 'set') setInput(bench.store, field.node, field.input.name, click.value)
  else if (click.kind === 'edit') bench.editWidget(field.node, field.input.name)
  else if (click.kind === 'list') void chooseFromList(bench, field)
  else if (click.kind === 'upload') void upload(bench, field)
  else if (click.kind === 'sweep') bench.services.editSweep?.(field.node, field.input.name, below(bench, field))
  else if (click.kind === 'size') bench.services.editSize?.(field.node, field.input.name, below(bench, field))
  else if (click.kind === 'curve') bench.services.editCurve?.(field.node, field.input.name, below(bench, field))
  else if (click.kind === 'last') bench.services.useLast?.(field.node, field.input.name)
}

/** @param {Bench} bench @param {Field} field */
const chooseFromList = async (bench, field) => {
  const { zoom, x, y } = bench.camera()
  const origin = bench.host.getBoundingClientRect()
  const anchor = {
    x: origin.x + (field.rect.x - x) * zoom, y: origin.y + (field.rect.y - y) * zoom,
    width: field.rect.width * zoom, height: field.rect.height * zoom,
  }
  const details = bench.services.choiceDetails?.(field.widget) ?? null
  const choice = await openChoiceList({ anchor, choices: field.widget.choices ?? [], current: field.value, label: field.input.name, details })
  if (choice !== null) setInput(bench.store, field.node, field.input.name, choice)
}

/** Where a panel under a field opens, in the window. @param {Bench} bench @param {Field} field @returns {[number, number]} */
const below = (bench, { rect }) => {
  const { zoom, x, y } = bench.camera()
  const origin = bench.host.getBoundingClientRect()
  return [origin.x + (rect.x - x) * zoom, origin.y + (rect.y + rect.height - y) * zoom + 4]
}

/** @param {Bench} bench @param {Field} field */
const upload = async (bench, field) => {
  const answer = answering(bench.store)
  const files = await pickFiles()
  const stored = files.length ? await bench.services.upload?.(files, field.widget) : null
  try {
    if (stored) answer(() => setInput(bench.store, field.node, field.input.name, stored.name))
  } catch (error) {
    bench.services.notify?.(`${stored?.name} was not taken in: ${error instanceof Error ? error.message : error}`)
  }
}

/** @param {Bench} bench @param {Pointer} pointer */
export const doubleClick = (bench, pointer) => {
  const hit = bench.hit(pointer.world, pointer.touch)
  if (hit.kind === 'canvas') void searchAt(bench, pointer)
  else if ('node' in hit && !['widget', 'collapse', 'tab'].includes(hit.kind) && bench.store.enter(hit.node)) return
  else if (hit.kind === 'header' || hit.kind === 'state') bench.editTitle(hit.node)
  else if (hit.kind === 'annotation') bench.editTitle(hit.id)
  else if (hit.kind === 'reroute') removeReroute(bench.store, hit.id, hit.index)
  else if (hit.kind === 'link') rerouteAt(bench, hit.id, pointer.world)
  else if (hit.kind === 'picture') {
    const placed = bench.scene.node(hit.node)
    const pictures = placed ? bench.scene.picturesOf(placed) : []
    if (pictures.length) bench.services.openPicture?.(pictures, hit.index ?? activePicture(bench.interaction, hit.node, pictures))
  }
}

/** @param {Bench} bench @param {string} id @param {[number, number]} world */
export const rerouteAt = ({ store, scene }, id, [x, y]) => {
  const placed = scene.link(id)
  if (placed) addReroute(store, id, nearestPart(placed.curves, x, y, placed.stretches), [x, y])
}

/** @param {Bench} bench @param {{client: [number, number], world: [number, number]}} place */
const searchAt = async (bench, { client, world }) => {
  const choice = await bench.services.openSearch?.({ client, world })
  if (!choice) return
  const id = addNode(bench.store, bench.scene.catalog, { ...choice, position: [world[0] - 24, world[1] - 16] })
  bench.selection.set({ nodes: [id] })
}

/** What lies under a pointer that holds nothing; says the cursor. @param {Bench} bench @param {Pointer} pointer @returns {string} */
export const hoverAt = (bench, pointer) => {
  const hit = bench.hit(pointer.world, pointer.touch)
  const before = bench.interaction.hover
  if (!sameHit(before, hit)) {
    bench.interaction.hover = hit
    const touchesGraph = [before, hit].some(({ kind }) => kind === 'widget' || kind === 'collapse' || kind === 'tab' || kind === 'more' || kind === 'annotation')
    bench.invalidate(touchesGraph ? 'graph' : 'overlay')
  }
  return cursorOf(bench, hit)
}

/** @param {Hit} a @param {Hit} b */
const sameHit = (a, b) => {
  if (a.kind !== b.kind) return false
  if (a.kind === 'canvas') return true
  if (a.kind === 'link' && b.kind === 'link') return a.id === b.id
  if (a.kind === 'portal' && b.kind === 'portal') return a.id === b.id && a.end === b.end
  if (a.kind === 'reroute' && b.kind === 'reroute') return a.id === b.id && a.index === b.index
  if (a.kind === 'annotation' && b.kind === 'annotation') return a.id === b.id && a.part === b.part
  if (a.kind === 'socket' && b.kind === 'socket') return a.node === b.node && a.socket === b.socket
  if (a.kind === 'widget' && b.kind === 'widget') return a.node === b.node && a.input === b.input
  return 'node' in a && 'node' in b && a.node === b.node
}

/** @param {Bench} bench @param {Hit} hit */
const cursorOf = (bench, hit) => {
  if (hit.kind === 'resize' || (hit.kind === 'annotation' && hit.part === 'resize')) return 'nwse-resize'
  if (hit.kind === 'annotation' && hit.part === 'fold') return 'pointer'
  if (hit.kind === 'socket') return 'crosshair'
  if (hit.kind === 'reroute') return 'grab'
  if (hit.kind === 'link' || hit.kind === 'portal' || hit.kind === 'collapse' || hit.kind === 'tab' || hit.kind === 'more' || hit.kind === 'play') return 'pointer'
  if (hit.kind !== 'widget') return 'default'
  const field = fieldAt(bench, hit.node, hit.input)
  return field ? widgetKind(field.widget, field.value).cursor?.(field, hit.x) ?? 'default' : 'default'
}
