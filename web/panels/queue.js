// The runs that wait or work: put in order, taken out, held back; and those that failed, to be tried again.

import { placeWords } from '../run/cells.js'
import { element, redrawList } from './element.js'
import { icon } from './icons.js'
import { togglePopover } from './popover.js'

/** @typedef {import('../run/pivot.js').Coordinate} Coordinate */
/** @typedef {import('../run/runs.js').Run} Run */
/** @typedef {{active: readonly Run[], ended: readonly Run[], paused: boolean, progress: number | null, left: string, cell: Coordinate | null, namesOf: (runs: readonly Run[]) => ReadonlyMap<string, string>}} ShownQueue active: in the order in which they run; ended: the newest first; progress, left, cell: of the one that works; namesOf: what runs do otherwise than others of their title */
/**
 * @typedef {object} QueueActions
 * @property {(run: string) => void} cancel
 * @property {() => void} cancelAll
 * @property {(run: string, place: {before: string} | {after: string} | {to: 'front' | 'back'}) => void} move
 * @property {(run: string) => void} retry
 * @property {(run: string) => void} open its workflow, to be edited
 * @property {(run: string) => void} replace what it will do by the open workflow
 * @property {(run: string, cell: Coordinate) => void} skip one cell of a sweep
 * @property {() => void} stop what works, and hold back what waits
 * @property {(paused: boolean) => void} pause
 */

/** Rows that are drawn before one asks for more: every start of a run draws them anew. */
const SHOWN = 40

const STATES = { queued: 'Waiting', running: 'Running', succeeded: 'Done', failed: 'Failed', cancelled: 'Stopped' }

/** @param {QueueActions} actions */
export const createQueuePanel = (actions) => {
  const list = element('ul', { class: 'queue-list', 'aria-label': 'Runs' })
  const head = element('div', { class: 'queue-head' })
  /** The row in the hand. @type {string | null} */
  let held = null
  let most = SHOWN
  /** @type {ShownQueue | null} */
  let last = null
  /** @type {ReadonlyMap<string, string>} */
  let names = new Map()

  const button = (/** @type {string} */ label, /** @type {import('./icons.js').IconName} */ sign, /** @type {() => void} */ run) =>
    element('button', { class: 'quiet small', 'aria-label': label, title: label, onclick: run }, icon(sign))
  const state = (/** @type {Run} */ run) => element('span', { class: `queue-state queue-${run.status}` }, STATES[run.status])
  const said = (/** @type {Run} */ run) => [run.title, names.get(run.id)].filter(Boolean).join(', ')
  const name = (/** @type {Run} */ run) => {
    const own = names.get(run.id)
    const title = element('span', { class: own ? 'queue-alike' : 'queue-title', title: run.problems[0]?.message ?? '' }, run.title || 'Untitled')
    return own ? element('span', { class: 'queue-title queue-named', title: own }, title, element('span', { class: 'queue-own', dir: 'auto' }, own)) : title
  }

  const waiting = (/** @type {Run} */ run, /** @type {Run | undefined} */ before) => {
    const row = element('li', {
      class: 'queue-row queue-waits', draggable: true, 'data-run': run.id,
      ondragstart: (/** @type {DragEvent} */ event) => {
        held = run.id
        event.dataTransfer?.setData('text/plain', run.title)
      },
      ondragend: () => (held = null),
      ondragover: (/** @type {DragEvent} */ event) => held && held !== run.id && event.preventDefault(),
      ondragenter: () => held && held !== run.id && row.classList.add('queue-target'),
      ondragleave: (/** @type {DragEvent} */ event) => row.contains(/** @type {Node | null} */ (event.relatedTarget)) || row.classList.remove('queue-target'),
      ondrop: (/** @type {DragEvent} */ event) => {
        event.preventDefault()
        event.stopPropagation()
        if (held) actions.move(held, { before: run.id })
      },
    }, state(run), name(run),
    button(`Open the workflow of ${said(run)} to edit it`, 'open', () => actions.open(run.id)), button(`Let ${said(run)} do what the open workflow says`, 'swap', () => actions.replace(run.id)),
    ...(before ? [button(`Move ${said(run)} up`, 'up', () => actions.move(run.id, { before: before.id })), button(`Run ${said(run)} next`, 'front', () => actions.move(run.id, { to: 'front' }))] : []),
    button(`Cancel ${said(run)}`, 'close', () => actions.cancel(run.id)))
    return row
  }
  /** At which cell of a sweep a run works. @param {Run} run @param {Coordinate} cell */
  const part = (run, cell) => {
    const place = placeWords(cell)
    return element('li', { class: 'queue-row queue-part' }, element('span', { class: 'queue-title', title: place }, place),
      element('button', { class: 'small labelled-small', title: `Skip ${place} and go on with the other cells`, onclick: () => actions.skip(run.id, cell) }, icon('skip'), 'Skip this one'))
  }
  const row = (/** @type {Run} */ run, /** @type {Run | undefined} */ before, /** @type {boolean} */ isAlone) =>
    (run.status === 'queued' ? waiting(run, before?.status === 'queued' ? before : undefined)
      : element('li', { class: 'queue-row' }, state(run), name(run), element('span', { class: 'queue-left' }),
        isAlone ? button(`Cancel ${said(run)}`, 'close', () => actions.cancel(run.id)) : button(`Skip ${said(run)} and go on with the next`, 'skip', () => actions.cancel(run.id))))
  const further = (/** @type {number} */ count) => element('li', { class: 'queue-row' }, element('button', { class: 'small', onclick: () => {
    most = Infinity
    if (last) update(last)
  } }, `Show ${count} more`))
  const over = (/** @type {Run} */ run) => element('li', { class: 'queue-row' }, state(run), name(run), button(`Run ${said(run)} again`, 'restore', () => actions.retry(run.id)))

  /** @param {ShownQueue} queue */
  const update = (queue) => {
    const { active, ended, paused, progress, left, cell } = queue
    last = queue
    if (!list.isConnected) return
    const works = active.some(({ status }) => status === 'running')
    redrawList(head, [paused, active.length, works], () => [
      element('h2', {}, paused ? 'Queue, paused' : 'Queue'), element('span', { class: 'spring' }),
      element('button', { class: 'small labelled-small', title: paused ? 'Begin with what waits' : 'What works ends, nothing more begins', onclick: () => actions.pause(!paused) }, icon(paused ? 'play' : 'pause'), paused ? 'Go on' : works ? 'Pause after this' : 'Pause'),
      works && element('button', { class: 'small labelled-small', title: 'What works stops, nothing more begins', onclick: () => actions.stop() }, icon('stop'), 'Stop now'),
      element('button', { class: 'small labelled-small', disabled: !active.length, onclick: () => actions.cancelAll() }, icon('close'), 'Cancel all'),
    ].filter((node) => node !== false))
    const first = active.slice(0, most)
    const shown = [...first, ...ended]
    names = queue.namesOf(shown)
    redrawList(list, [cell, active.length - first.length, ...shown.map(({ id, status, title }) => [id, status, title, names.get(id)])], () =>
      (shown.length ? [...first.flatMap((run, index) => [row(run, first[index - 1], active.length === 1), ...(cell && run.status === 'running' ? [part(run, cell)] : [])]), ...(active.length > first.length ? [further(active.length - first.length)] : []), ...ended.map(over)] : [element('li', { class: 'empty' }, 'Nothing waits.')]))
    const told = list.querySelector('.queue-left')
    if (told) told.textContent = progress === null ? '' : [`${Math.floor(progress * 100)}%`, left].filter(Boolean).join(' · ')
  }

  /** @param {HTMLElement} anchor @param {ShownQueue} queue */
  const toggle = (anchor, queue) => {
    most = SHOWN
    togglePopover({ anchor, label: 'Queue', class: 'queue', sticky: true, content: [head, list] })
    update(queue)
  }
  return { update, toggle }
}
