// Finding nodes of the open workflow by title, type and value: pure, so that it is tested without a browser.

import { saidValue } from '../document/said.js'

/** @typedef {import('../document/catalog.js').Catalog} Catalog */
/** @typedef {import('../document/workflow_format.js').NodeRecord} NodeRecord */
/**
 * A node as it is looked for; `said` is what stands beside its title for a query: the value that holds it, else the type.
 * @typedef {{id: string, title: string, names: string[], values: [string, string][], said: (query: string) => string}} Findable
 */

const AROUND = 24

/**
 * @param {NodeRecord} node @param {Catalog} catalog @param {{id?: string, place?: string}} [where] what it is called from here, and the sub-graph that it stands in
 * @returns {Findable}
 */
export const findable = (node, catalog, { id = node.id, place = '' } = {}) => {
  const type = catalog.nodes.get(node.type)
  const title = node.title || type?.title || node.type
  const names = [title, type?.title ?? '', node.type, node.id, place]
  const said = (/** @type {string} */ query) => valueWith(values, query) ?? (node.title ? type?.title ?? node.type : node.id)
  const values = Object.entries(node.inputs ?? {}).map(([name, value]) => /** @type {[string, string]} */ ([name, saidValue(value)]))
  return { id, title, names, values, said: (query) => (place ? `${place} › ${said(query)}` : said(query)) }
}

/** @param {[string, string][]} values @param {string} query */
const valueWith = (values, query) => {
  const needle = query.trim().toLowerCase()
  const found = needle && values.find(([, value]) => value.toLowerCase().includes(needle))
  if (!found) return null
  const at = found[1].toLowerCase().indexOf(needle)
  const start = at <= AROUND ? 0 : found[1].indexOf(' ', at - AROUND) + 1 // Words are not cut in front of the hit.
  return `${found[0].replaceAll('_', ' ')}: ${start > 0 ? '…' : ''}${found[1].slice(Math.min(start, at), at + needle.length + 2 * AROUND)}`
}

/**
 * Those that have every word somewhere: in the title first, then in type or id, then in a value.
 * @param {readonly Findable[]} entries @param {string} query
 */
export const rankFound = (entries, query) => {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean)
  const tierOf = (/** @type {Findable} */ { title, names, values }) => {
    const texts = [title.toLowerCase(), names.join('\n').toLowerCase(), [...names, ...values.flat()].join('\n').toLowerCase()]
    const tier = texts.findIndex((text) => words.every((word) => text.includes(word)))
    return tier < 0 ? Infinity : tier
  }
  return entries.map((entry) => ({ entry, tier: tierOf(entry) })).filter(({ tier }) => tier < Infinity)
    .sort((a, b) => a.tier - b.tier).map(({ entry }) => entry)
}
