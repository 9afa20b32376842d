// The strip of pictures that runs have made, the newest first, with the one being made on top.

import { artifactUrl } from '../run/api.js'
import { picturesOf } from '../run/runs.js'
import { byId, element } from './element.js'
import { icon } from './icons.js'

/** @typedef {import('../run/api.js').Artifact} Artifact */
/** @typedef {import('../run/runs.js').Run} Run */
/** @typedef {{run: Run, artifact: Artifact, url: string}} Result */

const THUMBNAIL = 256
const SHOWN = 150

/**
 * Every picture once, under the run that made it, newest first. A run that found it in the cache did not make it.
 * @param {Iterable<Run>} runs
 * @returns {Result[]}
 */
export const resultsOf = (runs) => {
  /** @type {Map<string, Result>} */
  const found = new Map()
  for (const run of [...runs].sort((a, b) => a.seq - b.seq)) {
    for (const artifact of picturesOf(run)) {
      const url = artifactUrl(artifact)
      if (!found.has(url)) found.set(url, { run, artifact, url })
    }
  }
  return [...found.values()].reverse()
}

/** @param {Result} result */
export const describeResult = ({ run, artifact }) => {
  const size = artifact.width ? `${artifact.width} × ${artifact.height}` : ''
  const when = new Date(run.time * 1000).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })
  const took = run.seconds ? `${run.seconds.toFixed(1)} s` : ''
  return [size, took, when].filter(Boolean).join('  ·  ')
}

/**
 * @typedef {object} ResultActions
 * @property {(results: readonly Result[], index: number, against: number | null) => void} open
 * @property {(result: Result, results: readonly Result[], client: [number, number]) => void} menu
 * @property {() => void} all
 * @property {(result: Result) => void} failed its picture did not come
 */

/** @param {ResultActions} actions */
export const mountResults = (actions) => {
  const strip = byId('results')
  const live = element('li', { class: 'result live', hidden: true })
  const canvas = element('canvas', { width: 96, height: 96, 'aria-label': 'Picture in progress', role: 'img' })
  live.append(canvas)
  const none = element('li', { class: 'result none' }, icon('pictures'), 'Pictures appear here')
  const list = element('ul', { class: 'result-list' }, live, none)
  const all = element('button', { class: 'quiet result-all', title: 'Search all pictures (G)', onclick: () => actions.all() }, icon('search'), 'All')
  strip.append(all, list)
  /** @type {Result[]} */
  let results = []
  /** @type {Map<string, HTMLLIElement>} */
  const tiles = new Map()

  const placeOf = (/** @type {Result} */ { url }) => results.findIndex((other) => other.url === url)

  const tile = (/** @type {Result} */ result) => {
    const src = artifactUrl(result.artifact, { preview: THUMBNAIL })
    const image = element('img', { src, alt: '', loading: 'lazy', draggable: false })
    image.onload = () => image.classList.add('loaded')
    image.onerror = () => actions.failed(result)
    const button = element('button', {
      'aria-label': `Picture of ${result.run.title}`, title: `${result.run.title}\n${describeResult(result)}`,
      onclick: (/** @type {MouseEvent} */ { shiftKey }) => actions.open(results, placeOf(result), shiftKey && placeOf(result) > 0 ? 0 : null),
      oncontextmenu: (/** @type {MouseEvent} */ event) => {
        event.preventDefault()
        actions.menu(results[placeOf(result)] ?? result, results, [event.clientX, event.clientY])
      },
    }, image)
    return element('li', { class: 'result', 'data-name': result.artifact.name }, button)
  }

  /** @param {Iterable<Run>} runs */
  const update = (runs) => {
    results = resultsOf(runs).slice(0, SHOWN)
    const present = new Set(results.map(({ url }) => url))
    for (const [url, node] of tiles) if (!present.has(url)) (node.remove(), tiles.delete(url))
    let before = none.nextElementSibling
    for (const result of results) {
      const known = tiles.get(result.url)
      const node = known ?? tile(result)
      tiles.set(result.url, node)
      if (node === before) before = node.nextElementSibling
      else list.insertBefore(node, before)
    }
    none.hidden = results.length > 0 || !live.hidden
  }

  /** @param {ImageBitmap | null} preview the newest frame of the running run */
  const showLive = (preview) => {
    live.hidden = !preview
    none.hidden ||= !live.hidden
    if (!preview) return
    const { width, height } = preview
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height })
    canvas.getContext('2d')?.drawImage(preview, 0, 0)
  }
  const setOpen = (/** @type {boolean} */ open) => {
    strip.hidden = !open
  }
  /** What did not come is asked for again. */
  const retry = () => {
    for (const image of list.querySelectorAll('img')) if (image.complete && !image.naturalWidth) image.src = image.getAttribute('src') ?? ''
  }
  return { update, showLive, setOpen, retry }
}
