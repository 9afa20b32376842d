// Commands about the values of all nodes: replacing one everywhere, and two sets that are compared.

import { knownValues, replacements, replaceValues } from '../document/replacing.js'
import { changedValues, takeValues } from '../document/values.js'
import { openReplace } from '../panels/replace.js'
import { announce, toast } from '../panels/toasts.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../document/replacing.js').Replacement} Replacement */
/** @typedef {import('../document/workflow_format.js').NodeRecord} NodeRecord */

/** @param {App} app @returns {[string, string, string, () => unknown, (() => boolean)?][]} */
export const valueCommands = (app) => [
  ['replace', 'Replace a value everywhere', 'Mod+Shift+F', () => replaceEverywhere(app)],
  ['other_values', 'Other set of values: A or B', 'Y', () => switchValues(app), () => app.store.nodes().length > 0],
]

/** @param {unknown} value */
const said = (value) => (typeof value === 'object' ? JSON.stringify(value) : String(value))

/** @param {App} app */
const replaceEverywhere = (app) => {
  const { store, catalog } = app
  /** @type {Replacement[]} */
  let found = []
  const titleOf = (/** @type {string} */ id) => {
    const node = store.node(id)
    return node?.title || catalog.nodes.get(node?.type ?? '')?.title || id
  }
  openReplace({
    known: knownValues(store.nodes(), catalog),
    find: (asked) => {
      found = replacements(store.nodes(), catalog, asked)
      return found.map(({ node, input, before, after, fits }) => ({ title: titleOf(node), input: input.replaceAll('_', ' '), before: said(before), after: said(after), fits }))
    },
    replace: (places) => {
      replaceValues(store, places.flatMap((place) => found[place] ?? []))
      toast(`${places.length} ${places.length === 1 ? 'value' : 'values'} replaced`, { actions: [{ label: 'Undo', run: () => store.undo() }] })
    },
  })
}

/** The set that is not shown, by document. @type {Map<string, {shown: 'A' | 'B', other: readonly NodeRecord[]}>} */
const sets = new Map()

/** Keeps what is shown and brings the other set; the first time there is none yet: changes from now on are B. @param {App} app */
const switchValues = ({ store, documentId }) => {
  const now = structuredClone(store.nodes())
  const known = sets.get(documentId)
  if (!known) {
    sets.set(documentId, { shown: 'B', other: now })
    toast('These values are kept as A. Change some: the same command switches between A and B')
    return
  }
  const shown = known.shown === 'A' ? 'B' : 'A'
  const count = changedValues(store.nodes(), known.other).length
  takeValues(store, known.other)
  sets.set(documentId, { shown, other: now })
  toast(count ? `Values ${shown}: ${count} differ` : `Values ${shown}: they are the same`)
  announce(`Values ${shown}`)
}
