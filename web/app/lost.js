// What was open in a page that broke off, by picture: each opens in a tab, and what is left stays among the recent ones.

import { isBlank } from '../document/workflow_format.js'
import { openLost } from '../panels/lost.js'
import { sketchOf } from './templates.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('./autosave.js').Entry} Entry */

/** @param {App} app @param {readonly Entry[]} lost */
export const offerLost = (app, lost) => {
  const worth = lost.filter(({ journal }) => !isBlank(journal.document))
  app.autosave.settle(lost)
  if (!worth.length) return
  openLost(worth.map(({ journal: { document, savedAt } }) => ({
    title: document.title ?? 'Untitled', nodes: document.nodes.length, savedAt, sketch: sketchOf(document, app.catalog), open: () => app.tabs.open(document),
  })))
}
