// Notes that stand free while what they stand among is arranged: each goes with its part of the graph, and lies over nothing.

import { grown, intersects } from './geometry.js'

/** @typedef {import('./geometry.js').Rect} Rect */

const GAP = 24

/** Where a place of one extent is in another: as far in, and outside as far away. @param {number} at @param {[number, number]} before start and end @param {[number, number]} now */
const carried = (at, [start, end], [newStart, newEnd]) =>
  (at <= start ? at - start + newStart : at >= end ? at - end + newEnd : newStart + ((at - start) * (newEnd - newStart)) / (end - start))

/** A note's left top after the graph around it has another extent. @param {Rect} note @param {Rect} before @param {Rect} now @returns {Rect} */
export const carriedAlong = (note, before, now) => ({
  ...note,
  x: Math.round(carried(note.x, [before.x, before.x + before.width], [now.x, now.x + now.width])),
  y: Math.round(carried(note.y, [before.y, before.y + before.height], [now.y, now.y + now.height])),
})

/** The nearest place above or below where a note lies at nothing. @param {Rect} note @param {readonly Rect[]} others @returns {Rect} */
export const besideAll = (note, others) => {
  const near = others.filter((other) => other.x < note.x + note.width + GAP && note.x < other.x + other.width + GAP)
  const places = [note.y, ...near.flatMap((other) => [other.y - GAP - note.height, other.y + other.height + GAP])].sort((a, b) => Math.abs(a - note.y) - Math.abs(b - note.y))
  const y = places.find((place) => !near.some((other) => intersects(grown({ ...note, y: place }, GAP - 1), other)))
  return { ...note, y: Math.round(y ?? note.y) }
}
