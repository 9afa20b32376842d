// Frames and notes: what is said about a part of the graph. They stand in the document and never change a result.

import { FRAME_HEADER, frameAround } from '../kernels/frames.js'
import { isEnd } from './subgraph_format.js'

/** @typedef {import('../kernels/geometry.js').Rect} Rect */
/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./workflow_format.js').CarriedRecord} CarriedRecord */
/** @typedef {'frames' | 'notes'} AnnotationTable */

/**
 * A frame or note that can be drawn. `id` is the store's; the document's own stays in its record.
 * @typedef {Rect & {id: string, table: AnnotationTable, text: string, colour: string | null, pinned: boolean, folded: readonly string[] | null, extent: Rect}} Annotation folded: the nodes that a frame of a title's height holds; extent: where it lies when it is not folded
 */

const NOTE_SIZE = /** @type {const} */ ([240, 120])

/** @param {unknown} value @returns {value is [number, number]} */
const isPair = (value) => Array.isArray(value) && value.length === 2 && value.every(Number.isFinite)

/**
 * What a record draws; null for one without a place, which the document only keeps.
 * @param {AnnotationTable} table @param {CarriedRecord} record @returns {Annotation | null}
 */
export const readAnnotation = (table, { id, value }) => {
  if (typeof value !== 'object' || value === null) return null
  const { position, size, title, text, colour, pinned, folded } = /** @type {Record<string, unknown>} */ (value)
  const extent = isPair(size) ? size : table === 'notes' ? NOTE_SIZE : null
  if (!isPair(position) || !extent) return null
  const words = table === 'frames' ? title : text
  const isFolded = table === 'frames' && Array.isArray(folded)
  const place = { x: position[0], y: position[1], width: extent[0], height: extent[1] }
  return {
    id, table, ...place, height: isFolded ? FRAME_HEADER : place.height, extent: place,
    text: typeof words === 'string' ? words : '', colour: typeof colour === 'string' && colour ? colour : null,
    pinned: pinned === true, folded: isFolded ? folded.filter((node) => typeof node === 'string') : null,
  }
}

/** @param {Store} store @param {string} id @returns {{table: AnnotationTable, record: CarriedRecord} | null} */
export const findAnnotation = (store, id) => {
  for (const table of /** @type {const} */ (['frames', 'notes'])) {
    const record = store.carried(table).find((candidate) => candidate.id === id)
    if (record) return { table, record }
  }
  return null
}

/** @param {Store} store @param {AnnotationTable} table */
const freeRecordId = (store, table) => {
  const noun = table === 'frames' ? 'frame' : 'note'
  const taken = new Set(store.carried(table).flatMap(({ id, value }) => [id, Reflect.get(Object(value), 'id')]))
  let number = 1
  while (taken.has(`${noun}_${number}`)) number += 1
  return `${noun}_${number}`
}

/** @param {Store} store @param {string} label @param {AnnotationTable} table @param {Record<string, unknown>} fields */
const add = (store, label, table, fields) => {
  const id = freeRecordId(store, table)
  store.edit(label, (tx) => tx.put(table, { id, value: { id, ...fields } }))
  return id
}

/** A frame around a rectangle, with room for its title. @param {Store} store @param {Rect} around @param {string} [title] @returns {string} its id */
export const addFrame = (store, around, title = 'Frame') => {
  const { x, y, width, height } = frameAround(around)
  return add(store, 'Add frame', 'frames', { title, position: [x, y], size: [width, height] })
}

/** @param {Store} store @param {readonly [number, number]} at @param {string} [text] @returns {string} its id */
export const addNote = (store, [x, y], text = '') =>
  add(store, 'Add note', 'notes', { text, position: [Math.round(x), Math.round(y)], size: [...NOTE_SIZE] })

/**
 * @param {Store} store @param {string} label @param {Iterable<string>} ids
 * @param {(fields: Record<string, unknown>, id: string) => Record<string, unknown>} update
 */
export const updateAnnotations = (store, label, ids, update) =>
  store.edit(label, (tx) => {
    for (const id of ids) {
      const found = findAnnotation(store, id)
      const value = found && update(/** @type {Record<string, unknown>} */ (found.record.value), id)
      if (found && value !== found.record.value) tx.put(found.table, { ...found.record, value })
    }
  })

/** A frame's title or a note's text. @param {Store} store @param {string} id @param {string} words */
export const setWords = (store, id, words) => {
  const found = findAnnotation(store, id)
  if (!found) return
  const field = found.table === 'frames' ? 'title' : 'text'
  if (Reflect.get(Object(found.record.value), field) === words) return
  updateAnnotations(store, found.table === 'frames' ? 'Rename frame' : 'Edit note', [id], (fields) => ({ ...fields, [field]: words }))
}

/** @param {Store} store @param {ReadonlyMap<string, [number, number]>} positions */
export const placeAnnotations = (store, positions) =>
  updateAnnotations(store, 'Move', positions.keys(), (fields, id) => (fields.pinned === true ? fields : { ...fields, position: positions.get(id) }))

/** Nodes, frames and notes alike; null gives the usual colour back. @param {Store} store @param {{nodes: Iterable<string>, annotations: Iterable<string>}} chosen @param {string | null} colour */
export const setColour = (store, { nodes, annotations }, colour) => {
  /** @template {Record<string, unknown>} T @param {T} fields @returns {T} */
  const painted = (fields) => {
    const { colour: _, ...rest } = fields
    return /** @type {T} */ (/** @type {unknown} */ (colour === null ? rest : { ...fields, colour }))
  }
  store.edit('Colour', (tx) => {
    for (const id of nodes) {
      const node = isEnd(id) ? undefined : store.node(id)
      if (node) tx.put('nodes', /** @type {import('./workflow_format.js').NodeRecord} */ (painted({ ...node })))
    }
    updateAnnotations(store, 'Colour', annotations, painted)
  })
}

/** Where frames lie from now on. @param {Store} store @param {ReadonlyMap<string, Rect>} rects */
export const placeFrames = (store, rects) =>
  updateAnnotations(store, 'Fit frame', rects.keys(), (fields, id) => {
    const { x, y, width, height } = rects.get(id) ?? { x: 0, y: 0, width: 0, height: 0 }
    return { ...fields, position: [x, y], size: [width, height] }
  })
