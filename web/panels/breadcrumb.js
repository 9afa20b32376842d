// Where one is in a document of sub-graphs: the way from the root, each part of it a way back.

import { element, redrawList } from './element.js'
import { icon } from './icons.js'

/** @typedef {{title: string, kind: string | null}} Crumb kind: of a zone */
/** @typedef {{known: readonly import('../run/turns.js').KnownTurn[], chosen: number | null, skip: {label: string, run: () => void} | null}} ShownTurns of the zone that is shown; chosen: null for all of them together; skip: what leaves the one out that works */

/**
 * @param {HTMLElement} host
 * @param {{go: (depth: number) => void, edit: (anchor: HTMLElement) => void, choose: (turn: number | null) => void}} actions edit: inputs and outputs of what is shown
 */
export const mountBreadcrumb = (host, { go, edit, choose }) => {
  const list = element('ol')
  const signature = element('button', { class: 'quiet', 'data-command': 'signature' }, 'Inputs and outputs')
  signature.onclick = () => edit(signature)
  const turn = element('select', { class: 'turn', 'aria-label': 'Turn that is shown', hidden: true })
  turn.onchange = () => choose(turn.value === '' ? null : Number(turn.value))
  const skipping = element('button', { class: 'quiet small labelled-small', hidden: true }, icon('skip'), 'Skip')
  const bar = element('nav', { class: 'breadcrumb', 'aria-label': 'Where you are', hidden: true }, list, turn, skipping, signature)
  host.append(bar)
  for (const kind of ['pointerdown', 'dblclick', 'wheel', 'contextmenu']) bar.addEventListener(kind, (event) => event.stopPropagation()) // The canvas is below.

  /** @param {readonly Crumb[]} crumbs the root first @param {ShownTurns} turns */
  const update = (crumbs, { known, chosen, skip }) => {
    bar.hidden = crumbs.length < 2
    const listed = chosen === null || known.some((each) => each.turn === chosen) ? known : [...known, { turn: chosen, skipped: false }] // It has not begun in this run.
    turn.hidden = listed.length < 2
    skipping.hidden = !skip
    skipping.title = skip?.label ?? ''
    skipping.setAttribute('aria-label', skipping.title)
    skipping.onclick = () => skip?.run()
    redrawList(turn, [listed, chosen], () => [element('option', { value: '', selected: chosen === null }, 'All turns'),
      ...listed.map(({ turn: number, skipped }) => element('option', { value: String(number), selected: number === chosen }, `Turn ${number + 1}${skipped ? ' · skipped' : ''}`))])
    redrawList(list, crumbs, () => crumbs.map(({ title, kind }, depth) => {
      const isHere = depth === crumbs.length - 1
      const button = element('button', { translate: 'no', 'aria-current': isHere ? 'location' : null, onclick: () => go(depth) }, title)
      return element('li', {}, button, kind && isHere ? element('span', { class: 'kind' }, kind) : null)
    }))
  }
  return { update, signature }
}
