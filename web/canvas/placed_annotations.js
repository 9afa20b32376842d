// Frames and notes as they are drawn, and which nodes a folded frame hides; read anew only where a record changed.

import { readAnnotation } from '../document/annotations.js'

/** @typedef {import('../document/annotations.js').Annotation} Annotation */
/** @typedef {import('../document/workflow_format.js').CarriedRecord} CarriedRecord */
/** @typedef {import('../document/workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {{carried: (table: 'frames' | 'notes') => readonly CarriedRecord[]}} Graph */

export class PlacedAnnotations {
  #graph
  /** What they were read from, and what they draw. @type {Record<'frames' | 'notes', {from: readonly CarriedRecord[], placed: readonly Annotation[]}>} */
  #read = { frames: { from: [], placed: [] }, notes: { from: [], placed: [] } }
  /** @type {{from: readonly Annotation[], nodes: ReadonlyMap<string, Annotation>}} */
  #folded = { from: [], nodes: new Map() }

  /** @param {Graph} graph */
  constructor(graph) {
    this.#graph = graph
  }

  /** Those that have a place, the largest first: a frame inside another is drawn on it. */
  get frames() {
    return this.#placed('frames')
  }

  get notes() {
    return this.#placed('notes')
  }

  /** Nodes that are not drawn, by the frame that is folded over them. @returns {ReadonlyMap<string, Annotation>} */
  get foldedNodes() {
    const { frames } = this
    if (this.#folded.from !== frames) {
      this.#folded = { from: frames, nodes: new Map(frames.flatMap((frame) => (frame.folded ?? []).map((id) => /** @type {const} */ ([id, frame])))) }
    }
    return this.#folded.nodes
  }

  /** @param {'frames' | 'notes'} table */
  #placed(table) {
    const from = this.#graph.carried(table)
    const known = this.#read[table]
    if (known.from === from) return known.placed
    const placed = from.map((record) => readAnnotation(table, record)).filter((annotation) => annotation !== null)
    if (table === 'frames') placed.sort((a, b) => b.width * b.height - a.width * a.height)
    this.#read[table] = { from, placed }
    return placed
  }
}

/** @type {WeakMap<NodeRecord, {frame: Annotation, record: NodeRecord}>} */
const standIns = new WeakMap()

/** A node under a folded frame, as a folded node in the frame's place: there its wires end. @param {NodeRecord} node @param {Annotation} frame @returns {NodeRecord} */
export const standIn = (node, frame) => {
  const known = standIns.get(node)
  if (known?.frame === frame) return known.record
  const record = { ...node, position: /** @type {[number, number]} */ ([frame.x, frame.y]), size: /** @type {[number, number]} */ ([frame.width, 0]), collapsed: true }
  standIns.set(node, { frame, record })
  return record
}
