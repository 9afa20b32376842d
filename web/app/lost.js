// What was open in a page that broke off, by picture: each opens in a tab, and what is left stays among the recent ones.
// And what this browser keeps but cannot read: it can be saved as a file.

import { isBlank } from '../document/workflow_format.js'
import { openLost } from '../panels/lost.js'
import { toast } from '../panels/toasts.js'
import { downloadText } from './documents.js'
import { sketchOf } from './templates.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('./autosave.js').Entry} Entry */
/** @typedef {import('./autosave.js').Unreadable} Unreadable */

/** @param {App} app @param {readonly Entry[]} lost */
export const offerLost = (app, lost) => {
  const worth = lost.filter(({ journal }) => !isBlank(journal.document))
  app.autosave.settle(lost)
  if (!worth.length) return
  openLost(worth.map(({ journal: { document, savedAt } }) => ({
    title: document.title ?? 'Untitled', nodes: document.nodes.length, savedAt, sketch: sketchOf(document, app.catalog), open: () => app.tabs.open(document),
  })))
}

/** They stay as they are, and are offered each time until somebody forgets them. @param {App} app @param {readonly Unreadable[]} unreadable */
export const offerUnreadable = ({ autosave }, unreadable) => {
  for (const { name, text, error } of unreadable) {
    toast(`A workflow that this browser keeps cannot be read: ${error instanceof Error ? error.message : String(error)}`, { kind: 'error', actions: [
      { label: 'Save as a file', run: () => void downloadText(text, 'unreadable-workflow.json') },
      { label: 'Forget it', run: () => autosave.forget(name) },
    ] })
  }
}
