// The way of the value on a wire that is pointed at, once the pointer rests there: what only passes over shows nothing.

import { titleOf } from '../canvas/draw_nodes.js'
import { groundOf } from '../document/ground.js'
import { pathText } from '../canvas/path_words.js'
import { valuePath } from '../kernels/value_path.js'

/** @typedef {import('../kernels/hit_test.js').Hit} Hit */
/** @typedef {import('./bench.js').Bench} Bench */

const DELAY_MS = 120

/** @param {Hit} hit */
const linkAt = (hit) => (hit.kind === 'link' || hit.kind === 'reroute' || hit.kind === 'portal' ? hit.id : null)

/** Brings the way of a wire's value forward, until something else is. @param {Pick<Bench, 'store' | 'scene' | 'interaction' | 'invalidate'>} bench @param {string | null} id @returns {string} the way in words */
export const showPath = ({ store, scene, interaction, invalidate }, id) => {
  const link = id === null ? undefined : scene.link(id)?.link
  if (!link && !interaction.path) return ''
  const path = link ? valuePath(groundOf(store, scene.catalog), link) : null
  const words = path ? pathText(path, (node) => {
    const placed = scene.node(node)
    return placed ? titleOf(placed) : node
  }) : ''
  interaction.path = path && { ...path, start: link?.id ?? '', words }
  invalidate()
  return words
}

export class HoverPath {
  #bench
  #timer = 0
  /** @type {string | null} */
  #wanted = null

  /** @param {Bench} bench */
  constructor(bench) {
    this.#bench = bench
  }

  /** After every move of a pointer that holds nothing. */
  follow() {
    const id = linkAt(this.#bench.interaction.hover)
    if (id === this.#wanted) return
    this.#wanted = id
    clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => showPath(this.#bench, id), DELAY_MS)
  }

  /** The hand begins something, or is gone. */
  forget() {
    clearTimeout(this.#timer)
    this.#wanted = null
    showPath(this.#bench, null)
  }
}
