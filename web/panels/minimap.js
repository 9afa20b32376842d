// The whole graph in a corner: what fails and what runs, and a hand that moves the view.

import { fitMap, fromMap, onMap } from '../kernels/map_fit.js'
import { union } from '../kernels/geometry.js'
import { element } from './element.js'

/** @typedef {import('../kernels/geometry.js').Rect} Rect */
/** @typedef {Rect & {colour: string, state: string | null, faulty: boolean, selected: boolean}} MapNode */
/** @typedef {{nodes: MapNode[], frames: (Rect & {colour: string})[], view: Rect}} MapScene */
/**
 * @typedef {object} MinimapActions
 * @property {() => MapScene} read
 * @property {(world: readonly [number, number]) => void} centre shows this point in the middle
 * @property {() => Record<'panel' | 'view' | 'failed' | 'running' | 'selection', string>} colours
 */

const WIDTH = 208
const HEIGHT = 136
const MARGIN = 10

/** @param {HTMLElement} host @param {MinimapActions} actions */
export const mountMinimap = (host, { read, centre, colours }) => {
  const canvas = element('canvas', { class: 'minimap panel', role: 'img', 'aria-label': 'Map of the workflow', hidden: true })
  Object.assign(canvas.style, { width: `${WIDTH}px`, height: `${HEIGHT}px` })
  const ctx = canvas.getContext('2d')
  let fit = fitMap({ x: 0, y: 0, width: 1, height: 1 }, WIDTH, HEIGHT, MARGIN)
  let request = 0
  /** Where the view's middle was held, while a hand holds it. @type {readonly [number, number] | null} */
  let held = null

  const draw = () => {
    request = 0
    if (!ctx || canvas.hidden) return
    const ratio = window.devicePixelRatio || 1
    if (canvas.width !== WIDTH * ratio) Object.assign(canvas, { width: WIDTH * ratio, height: HEIGHT * ratio })
    const scene = read()
    // The map stands still under the hand: it is fitted anew once the hand has let go.
    if (!held) fit = fitMap(union([...scene.nodes, ...scene.frames, scene.view]) ?? scene.view, WIDTH, HEIGHT, MARGIN)
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
    ctx.clearRect(0, 0, WIDTH, HEIGHT)
    drawScene(ctx, scene, (rect) => onMap(fit, rect), colours())
  }
  const update = () => {
    if (!canvas.hidden) request ||= requestAnimationFrame(draw)
  }
  /** @param {PointerEvent} event @returns {[number, number]} */
  const pointOf = ({ clientX, clientY }) => {
    const { left, top } = canvas.getBoundingClientRect()
    return fromMap(fit, [clientX - left, clientY - top])
  }

  canvas.addEventListener('pointerdown', (event) => {
    event.stopPropagation()
    if (event.button !== 0) return
    canvas.setPointerCapture(event.pointerId)
    const [x, y] = pointOf(event)
    const { view } = read()
    const inside = x > view.x && y > view.y && x < view.x + view.width && y < view.y + view.height
    // Held inside the view it follows the hand; elsewhere it comes to the hand.
    held = inside ? [view.x + view.width / 2 - x, view.y + view.height / 2 - y] : [0, 0]
    centre([x + held[0], y + held[1]])
  })
  canvas.addEventListener('pointermove', (event) => {
    event.stopPropagation()
    if (!held) return
    const [x, y] = pointOf(event)
    centre([x + held[0], y + held[1]])
  })
  for (const kind of /** @type {const} */ (['pointerup', 'pointercancel'])) {
    canvas.addEventListener(kind, (event) => {
      event.stopPropagation()
      held = null
      update()
    })
  }
  for (const kind of ['dblclick', 'contextmenu']) canvas.addEventListener(kind, (event) => event.stopPropagation())
  host.append(canvas)

  /** @param {boolean} open */
  const setOpen = (open) => {
    canvas.hidden = !open
    update()
  }
  return { update, setOpen }
}

/** @param {CanvasRenderingContext2D} ctx @param {MapScene} scene @param {(rect: Rect) => Rect} place @param {ReturnType<MinimapActions['colours']>} colours */
const drawScene = (ctx, { nodes, frames, view }, place, colours) => {
  for (const frame of frames) {
    ctx.globalAlpha = 0.22
    fill(ctx, place(frame), frame.colour)
  }
  for (const node of nodes) {
    const rect = place(node)
    ctx.globalAlpha = node.state === 'running' || node.selected ? 1 : 0.55
    fill(ctx, rect, node.state === 'running' ? colours.running : node.selected ? colours.selection : node.colour)
    if (!node.faulty && node.state !== 'failed') continue
    ctx.globalAlpha = 1
    ctx.beginPath()
    ctx.arc(rect.x + rect.width, rect.y, 3, 0, Math.PI * 2)
    ctx.fillStyle = colours.failed
    ctx.fill()
    ctx.lineWidth = 1.5
    ctx.strokeStyle = colours.panel
    ctx.stroke()
  }
  const seen = place(view)
  ctx.globalAlpha = 0.1
  ctx.fillStyle = colours.view
  ctx.fillRect(seen.x, seen.y, seen.width, seen.height)
  ctx.globalAlpha = 0.75
  ctx.lineWidth = 1
  ctx.strokeStyle = colours.view
  ctx.strokeRect(seen.x + 0.5, seen.y + 0.5, seen.width - 1, seen.height - 1)
  ctx.globalAlpha = 1
}

/** @param {CanvasRenderingContext2D} ctx @param {Rect} rect @param {string} colour never less than a dot */
const fill = (ctx, { x, y, width, height }, colour) => {
  ctx.fillStyle = colour
  ctx.beginPath()
  ctx.roundRect(x, y, Math.max(2, width), Math.max(2, height), 2)
  ctx.fill()
}
