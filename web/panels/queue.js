// The runs that wait or work, each of which can be taken out.

import { element, redrawList } from './element.js'
import { icon } from './icons.js'
import { togglePopover } from './popover.js'

/** @typedef {import('../run/runs.js').Run} Run */

/** @param {(run: string) => void} cancel */
export const createQueuePanel = (cancel) => {
  const list = element('ul', { class: 'queue-list' })

  const row = (/** @type {Run} */ run) =>
    element('li', { class: 'queue-row' },
      element('span', { class: `queue-state queue-${run.status}` }, run.status === 'running' ? 'Running' : 'Waiting'),
      element('span', { class: 'queue-title' }, run.title || 'Untitled'),
      element('button', { class: 'quiet small', 'aria-label': `Cancel ${run.title}`, title: 'Cancel',
        onclick: () => cancel(run.id) }, icon('close')))

  /** @param {readonly Run[]} active */
  const update = (active) =>
    redrawList(list, active.map(({ id, status }) => [id, status]), () =>
      active.length ? active.map(row) : [element('li', { class: 'empty' }, 'Nothing waits.')])

  /** @param {HTMLElement} anchor @param {readonly Run[]} active */
  const toggle = (anchor, active) => {
    togglePopover({ anchor, label: 'Queue', class: 'queue', content: [element('h2', {}, 'Queue'), list] })
    update(active)
  }
  return { update, toggle }
}
