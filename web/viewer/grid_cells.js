// What stands in the places of a sweep's grid: its pictures, and where there is none, what became of it and what leaves it out.

import { element } from '../panels/element.js'
import { icon } from '../panels/icons.js'
import { isPending, placeWords } from '../run/cells.js'

/** @typedef {import('../run/cells.js').Cell} State */
/** @typedef {import('../run/pivot.js').Coordinate} Coordinate */

/** @type {Record<State['state'], string>} */
const STATES = { waiting: 'Waiting', running: 'Working', stopping: 'Stopping', skipped: 'Skipped', failed: 'Failed', cancelled: 'Stopped', made: 'Made', unknown: 'Not there' }

/** @param {State} state */
const stateText = ({ state, progress }) => (progress === undefined ? STATES[state] : `${STATES[state]} ${Math.floor(progress * 100)}%`)

/** @param {{coordinate: Coordinate, thumbnail: string}} cell @param {number} more @param {(compare: boolean) => void} open */
export const tile = ({ coordinate, thumbnail }, more, open) => {
  const label = placeWords(coordinate)
  return element('button', { class: 'grid-tile', title: `${label}\nShift+click compares`, 'aria-label': label, onclick: (/** @type {MouseEvent} */ { shiftKey }) => open(shiftKey) },
    element('img', { src: thumbnail, alt: '', loading: 'lazy', draggable: false }), more > 0 ? element('span', { class: 'grid-more' }, `+${more}`) : null)
}

/** Leaves out what a cell, a row or a column still lacks. @param {string} text @param {Coordinate} coordinate @param {(coordinate: Coordinate) => void} skip */
export const skipButton = (text, coordinate, skip) => {
  const label = `Skip ${placeWords(coordinate)}`
  return element('button', { class: `small labelled-small grid-skip${text ? '' : ' quiet'}`, 'aria-label': label, title: label, 'data-at': JSON.stringify(coordinate), onclick: () => skip(coordinate) }, icon('skip'), text)
}

/** A place without a picture. @param {Coordinate} coordinate @param {State} state @param {((coordinate: Coordinate) => void) | null} skip null: nothing can be skipped now */
export const hole = (coordinate, state, skip) => {
  const text = STATES[state.state === 'made' && !skip ? 'unknown' : state.state] // Its picture was deleted.
  return element('div', { class: `grid-none grid-${state.state}`, role: 'group', 'aria-label': `${placeWords(coordinate)}: ${text}` },
    element('span', { class: 'grid-state', 'data-place': JSON.stringify(coordinate) }, text), skip && isPending(state) && skipButton('Skip', coordinate, skip))
}

/** How far the cells are that work, in place: what is drawn anew under the pointer is never clicked. @param {HTMLElement} table @param {(coordinate: Coordinate) => State} stateOf */
export const tellProgress = (table, stateOf) => {
  for (const said of table.querySelectorAll('.grid-running > .grid-state')) {
    if (said instanceof HTMLElement) said.textContent = stateText(stateOf(JSON.parse(said.dataset['place'] ?? '{}')))
  }
}

const TOLD = new Set(['stopping', 'skipped', 'failed', 'made'])

/**
 * Says what became of places since this was asked last: in a dialog nobody hears what is said outside of it.
 * @param {HTMLElement} said @param {readonly {coordinate: Coordinate, state: State}[]} places @param {Map<string, State['state']>} before
 */
export const tellChanges = (said, places, before) => {
  const changed = places.filter(({ coordinate, state: { state } }) => {
    const place = JSON.stringify(coordinate)
    const was = before.get(place)
    before.set(place, state)
    return was !== undefined && was !== state && TOLD.has(state)
  })
  if (changed.length) said.textContent = changed.map(({ coordinate, state: { state } }) => `${placeWords(coordinate)}: ${STATES[state]}`).join('; ')
}

/** Where in the grid the keys are. @param {HTMLElement} sheet @returns {{at: string | undefined, index: number} | null} at: what the button there leaves out; index: of its cell, -1 above the table */
export const heldIn = (sheet) => {
  const held = document.activeElement
  if (!(held instanceof HTMLElement) || held === sheet || !sheet.contains(held)) return null
  return { at: held.dataset['at'], index: [...sheet.querySelectorAll('td, th')].findIndex((cell) => cell.contains(held)) }
}

/** Gives the keys back to what had them before the grid was drawn anew, else to the next cell. @param {HTMLElement} sheet @param {ReturnType<typeof heldIn>} held */
export const holdAgain = (sheet, held) => {
  if (!held || sheet.contains(document.activeElement)) return
  const cells = [...sheet.querySelectorAll('td, th')]
  const same = [...sheet.querySelectorAll('button')].find(({ dataset }) => held.at !== undefined && dataset['at'] === held.at)
  const next = [...cells.slice(Math.max(0, held.index)), ...cells].flatMap((cell) => (cell.matches('td') ? cell.querySelector('button') ?? [] : []))[0]
  ;(same ?? next ?? sheet).focus()
}
