// The page of a node: what it takes and gives, from its signature and docstring.

import { pageBlocks } from '../kernels/markdown.js'
import { openSheet } from '../panels/dialogs.js'
import { element } from '../panels/element.js'
import { stillWanted } from '../panels/wanted.js'
import { fetchNodePage } from '../run/api.js'
import { complain } from './opening.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../kernels/markdown.js').PageBlock} PageBlock */

/** @param {App} app */
export const aboutNode = async ({ store, selection, catalog }) => {
  const type = store.node([...selection.nodes][0] ?? '')?.type ?? ''
  const isWanted = stillWanted()
  try {
    const [, ...blocks] = pageBlocks(await fetchNodePage(type)) // The first is the id, which the title says.
    if (isWanted()) openSheet(catalog.nodes.get(type)?.title || type, 'node-page', element('div', { class: 'node-page-text' }, ...blocks.map(draw)))
  } catch (error) {
    complain('There is no page of this node', error)
  }
}

/** @param {PageBlock} block */
const draw = (block) => {
  if (block.kind !== 'table') return element(block.kind === 'heading' ? 'h3' : 'p', {}, block.words)
  const [head = [], ...rows] = block.rows
  const row = (/** @type {'th' | 'td'} */ tag) => (/** @type {string[]} */ cells) => element('tr', {}, ...cells.map((cell) => element(tag, {}, cell)))
  return element('table', {}, element('thead', {}, row('th')(head)), element('tbody', {}, ...rows.map(row('td'))))
}
