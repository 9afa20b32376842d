// Every picture that the log remembers, found by the words and values that made it.

import { artifactUrl } from '../run/api.js'
import { openSheet } from './dialogs.js'
import { element } from './element.js'
import { describeResult } from './results.js'
import { matches, plainWords, recipeOf } from './result_search.js'

/** @typedef {import('./results.js').Result} Result */
/** @typedef {import('./result_search.js').Recipe} Recipe */
/** @typedef {import('../document/workflow_format.js').WorkflowDocument} WorkflowDocument */
/**
 * @typedef {object} GalleryOptions
 * @property {() => readonly Result[]} known the newest first
 * @property {(result: Result) => boolean} isThere not deleted
 * @property {(result: Result) => void} failed its picture did not come
 * @property {(changed: () => void) => () => void} subscribe
 * @property {(shown: readonly Result[], index: number, against: number | null) => void} open
 * @property {() => void} deleted shows what was deleted
 * @property {(text: string, before: number | undefined) => Promise<{results: readonly Result[], next: number | null}>} older of the log, beyond what the page knows
 * @property {(runs: readonly string[], came: (run: string, document: WorkflowDocument) => void, signal: AbortSignal) => Promise<void>} read
 */

const THUMBNAIL = 256
/** So many tiles are drawn; who wants older ones searches. */
const SHOWN = 400
const ASK_MS = 250

/** @param {GalleryOptions} options */
export const openGallery = ({ known, isThere, failed, subscribe, open, deleted, older, read }) => {
  /** @type {Result[]} */
  const results = []
  /** @type {Map<string, Recipe>} */
  const recipes = new Map()
  const reading = new AbortController()
  const search = element('input', { class: 'gallery-search', type: 'search', 'aria-label': 'Search pictures', spellcheck: false,
    placeholder: 'fox   seed:7   cfg:>5   -blue' })
  const told = element('span', { class: 'gallery-told', role: 'status' })
  const grid = element('ul', { class: 'gallery-grid', 'aria-label': 'Pictures' })
  /** @type {Map<Result, HTMLElement>} */
  const tiles = new Map()
  const more = element('button', { class: 'gallery-more', onclick: () => void ask('') }, 'Older pictures')
  /** Where the log goes on; null at its end. @type {number | null | undefined} */
  let next
  /** @type {readonly Result[]} */
  let found = []
  let shown = ''
  /** The last one chosen: what Shift compares with. @type {Result | null} */
  let last = null

  const tile = (/** @type {Result} */ result) => {
    const made = tiles.get(result) ?? tileOf(result, { choose: (event) => choose(result, event.shiftKey), failed: () => failed(result) })
    tiles.set(result, made)
    return made
  }
  /** Older pictures: those with these words, or the next page of all. @param {string} text */
  const ask = async (text) => {
    const answer = await older(text, text ? undefined : (next ?? undefined)).catch(() => null)
    if (!answer || reading.signal.aborted) return
    if (!text) next = answer.next
    add(answer.results)
    update()
  }
  const add = (/** @type {readonly Result[]} */ more) => {
    const urls = new Set(results.map(({ url }) => url))
    const fresh = more.filter(({ url }) => !urls.has(url))
    results.push(...fresh)
    results.sort((a, b) => b.run.seq - a.run.seq)
    if (fresh.length) void read(fresh.map(({ run }) => run.id), came, reading.signal)
  }
  const choose = (/** @type {Result} */ result, /** @type {boolean} */ compares) => {
    const against = compares && last ? found.indexOf(last) : -1
    last = result
    open(found, found.indexOf(result), against >= 0 ? against : null)
  }
  const update = () => {
    const query = search.value.trim()
    const there = results.filter(isThere)
    found = there.filter(({ run }) => !query || matches(recipes.get(run.id) ?? { text: run.title.toLowerCase(), values: new Map() }, query)).slice(0, SHOWN)
    const urls = found.map(({ url }) => url).join('\n')
    if (urls !== shown) { // Who is on a tile stays there while runs go on.
      shown = urls
      const held = document.activeElement
      grid.replaceChildren(...found.map(tile))
      if (held instanceof HTMLElement && grid.contains(held)) held.focus()
    }
    if (!found.length) grid.replaceChildren(element('li', { class: 'empty' }, there.length ? 'No picture fits these words.' : 'No picture yet: press Run.'))
    const missing = new Set(results.map(({ run }) => run.id)).size - recipes.size
    more.hidden = next === null || query !== ''
    told.textContent = [`${found.length} of ${there.length}`, missing > 0 && query ? `reading ${missing} more` : ''].filter(Boolean).join(', ')
  }
  let asking = 0
  search.oninput = () => {
    update()
    clearTimeout(asking)
    const text = plainWords(search.value)
    if (text) asking = window.setTimeout(() => void ask(text), ASK_MS)
  }
  grid.addEventListener('keydown', (event) => walk(event, grid))
  const sheet = openSheet('Pictures', 'gallery', element('div', { class: 'gallery-bar' }, search, told, element('button', { class: 'small labelled-small', onclick: deleted }, 'Deleted')), grid, more)
  let frame = 0
  const renew = () => {
    frame = 0
    add(known())
    update()
  }
  const stop = subscribe(() => (frame ||= requestAnimationFrame(renew)))
  sheet.addEventListener('close', () => (reading.abort(), stop(), cancelAnimationFrame(frame)))
  search.focus()
  let waiting = 0
  const came = (/** @type {string} */ run, /** @type {WorkflowDocument} */ document) => {
    recipes.set(run, recipeOf(document))
    waiting ||= requestAnimationFrame(() => {
      waiting = 0
      if (search.value.trim()) update()
    })
  }
  renew()
  next = results.at(-1)?.run.seq
}

/** @param {Result} result @param {{choose: (event: MouseEvent) => void, failed: () => void}} actions */
const tileOf = (result, { choose, failed }) =>
  element('li', {}, element('button', { 'aria-label': `${result.run.title}, ${describeResult(result)}`, title: `${result.run.title}\n${describeResult(result)}`, onclick: choose },
    element('img', { src: artifactUrl(result.artifact, { preview: THUMBNAIL }), alt: '', loading: 'lazy', draggable: false, onerror: failed })))

/** Arrows move through the grid as the eye does. @param {KeyboardEvent} event @param {HTMLElement} grid */
const walk = (event, grid) => {
  const buttons = [...grid.querySelectorAll('button')]
  const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement))
  const columns = getComputedStyle(grid).gridTemplateColumns.split(' ').length
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key]
  if (!step || at < 0) return
  buttons[at + step]?.focus()
  event.preventDefault()
}
