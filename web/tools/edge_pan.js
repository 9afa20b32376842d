// A gesture near the edge pulls the canvas along, for as long as it stays there.

import { panned, toWorld } from '../kernels/geometry.js'

/** @typedef {import('./bench.js').Bench} Bench */
/** @typedef {import('./bench.js').Pointer} Pointer */
/** @typedef {import('./bench.js').Tool} Tool */

const EDGE = 36
const EDGE_SPEED = 14

export class EdgePan {
  #bench
  #hand
  #request = 0

  /** @param {Bench} bench @param {() => {tool: Tool | null, at: Pointer | null}} hand what it holds, and where */
  constructor(bench, hand) {
    this.#bench = bench
    this.#hand = hand
  }

  /** After every move of a gesture. */
  watch() {
    if (!this.#hand().tool?.pansAtEdge) return
    this.#request ||= requestAnimationFrame(() => {
      this.#request = 0
      this.#pull()
    })
  }

  stop() {
    cancelAnimationFrame(this.#request)
    this.#request = 0
  }

  #pull() {
    const { tool, at } = this.#hand()
    if (!tool?.pansAtEdge || !at) return
    const { host } = this.#bench
    const dx = edgePull(at.screen[0], host.clientWidth)
    const dy = edgePull(at.screen[1], host.clientHeight)
    if (!dx && !dy) return
    this.#bench.setCamera(panned(this.#bench.camera(), dx, dy))
    tool.move({ ...at, world: toWorld(this.#bench.camera(), at.screen) })
    this.watch()
  }
}

/** Pixels per frame, stronger the nearer the edge. @param {number} at @param {number} length */
const edgePull = (at, length) => {
  if (at < EDGE) return EDGE_SPEED * Math.min(1, (EDGE - at) / EDGE)
  if (at > length - EDGE) return -EDGE_SPEED * Math.min(1, (at - length + EDGE) / EDGE)
  return 0
}
