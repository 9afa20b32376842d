// Draws the canvas: two stacked layers, one animation frame, and no frame at all while nothing changes.

import { subscribeLanguage } from '../languages/language.js'
import { detailAt } from '../kernels/culling.js'
import { viewOf } from '../kernels/geometry.js'
import { drawFrames, drawNotes } from './draw_annotations.js'
import { drawGrid } from './draw_grid.js'
import { drawLinks } from './draw_links.js'
import { drawNodes } from './draw_nodes.js'
import { drawOverlay, isAnimated } from './draw_overlay.js'
import { drawPortals } from './draw_portals.js'
import { createShadowSprite } from './shadow.js'
import { TextMeasurer } from './text.js'
import { theme } from './theme.js'

/** @typedef {import('../kernels/geometry.js').Camera} Camera */
/** @typedef {import('./frame.js').Frame} Frame */
/** @typedef {import('./paint.js').Paint} Paint */
/** @typedef {'graph' | 'overlay'} Layer */

export class Renderer {
  #host
  #describe
  /** @type {{graph: HTMLCanvasElement, overlay: HTMLCanvasElement}} */
  #canvases
  /** @type {{graph: CanvasRenderingContext2D, overlay: CanvasRenderingContext2D}} */
  #contexts
  #theme = theme
  #shadow = createShadowSprite(theme.surface.shadow)
  #request = 0
  #dirty = { graph: true, overlay: true }
  #pixelRatio = 1

  width = 1
  height = 1
  stats = { frames: 0, graphFrames: 0, lastFrameMs: 0 }
  text
  /** Called after the size changed. @type {() => void} */
  onResize = () => {}

  /**
   * @param {HTMLElement} host
   * @param {(size: {width: number, height: number}) => Omit<Frame, 'view' | 'width' | 'height' | 'now'>} describe what to draw
   */
  constructor(host, describe) {
    this.#host = host
    this.#describe = describe
    this.#canvases = { graph: createLayer(host, 'graph'), overlay: createLayer(host, 'overlay') }
    this.#contexts = { graph: contextOf(this.#canvases.graph), overlay: contextOf(this.#canvases.overlay) }
    this.text = new TextMeasurer(contextOf(document.createElement('canvas')))
    new ResizeObserver(() => {
      this.resize()
      this.onResize()
    }).observe(host)
    subscribeLanguage(() => {
      this.text.forget()
      this.invalidate()
    })
    this.resize()
  }

  /** Asks for a frame; the graph's layer always brings the overlay along. @param {Layer} [layer] */
  invalidate(layer = 'graph') {
    this.#dirty[layer] = true
    this.#dirty.overlay = true
    this.#request ||= requestAnimationFrame(() => this.#draw())
  }

  /** @param {import('./theme.js').Theme} tokens */
  setTheme(tokens) {
    this.#theme = tokens
    this.#shadow = createShadowSprite(tokens.surface.shadow)
    this.invalidate()
  }

  /** Takes the host's size and the screen's pixel ratio. */
  resize() {
    this.#pixelRatio = window.devicePixelRatio || 1
    this.width = Math.max(1, this.#host.clientWidth)
    this.height = Math.max(1, this.#host.clientHeight)
    for (const canvas of Object.values(this.#canvases)) {
      canvas.width = Math.round(this.width * this.#pixelRatio)
      canvas.height = Math.round(this.height * this.#pixelRatio)
    }
    this.invalidate()
  }

  /** The graph's layer as it was drawn last. */
  get picture() {
    return this.#canvases.graph
  }

  #draw() {
    const started = performance.now()
    this.#request = 0
    if (this.#pixelRatio !== (window.devicePixelRatio || 1)) this.resize()
    const { width, height } = this
    const described = this.#describe({ width, height })
    const frame = { ...described, width, height, now: started, view: viewOf(described.camera, width, height) }
    if (this.#dirty.graph) this.#drawGraph(frame)
    this.#drawOverlay(frame)
    this.#dirty = { graph: false, overlay: false }
    this.stats.frames += 1
    this.stats.lastFrameMs = performance.now() - started
    if (isAnimated(frame)) this.invalidate('overlay')
  }

  /** @param {Frame} frame */
  #drawGraph(frame) {
    const ctx = this.#contexts.graph
    ctx.setTransform(this.#pixelRatio, 0, 0, this.#pixelRatio, 0, 0)
    drawGrid(ctx, this.#theme, frame)
    const paint = this.#paint(ctx, frame.camera)
    drawFrames(paint, frame)
    drawLinks(paint, frame)
    drawNotes(paint, frame)
    drawNodes(paint, frame, this.#shadow)
    drawPortals(paint, frame)
    this.stats.graphFrames += 1
  }

  /** @param {Frame} frame */
  #drawOverlay(frame) {
    const ctx = this.#contexts.overlay
    ctx.setTransform(1, 0, 0, 1, 0, 0)
    ctx.clearRect(0, 0, this.#canvases.overlay.width, this.#canvases.overlay.height)
    drawOverlay(this.#paint(ctx, frame.camera), frame)
  }

  /** @param {CanvasRenderingContext2D} ctx @param {Camera} camera @returns {Paint} */
  #paint(ctx, camera) {
    const scale = this.#pixelRatio * camera.zoom
    ctx.setTransform(scale, 0, 0, scale, -camera.x * scale, -camera.y * scale)
    return { ctx, theme: this.#theme, text: this.text, zoom: camera.zoom, pixelRatio: this.#pixelRatio, detail: detailAt(camera.zoom) }
  }
}

/** @param {HTMLElement} host @param {string} name */
const createLayer = (host, name) => {
  const canvas = document.createElement('canvas')
  canvas.className = `canvas-layer canvas-${name}`
  canvas.setAttribute('aria-hidden', 'true')
  Object.assign(canvas.style, { position: 'absolute', inset: '0', width: '100%', height: '100%', pointerEvents: 'none' })
  host.append(canvas)
  return canvas
}

/** @param {HTMLCanvasElement} canvas */
const contextOf = (canvas) => {
  const context = canvas.getContext('2d')
  if (!context) throw new Error('This browser draws no 2D canvas')
  return context
}
