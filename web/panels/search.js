// Adding a node by name: what fits the dragged wire, found by title, id and synonyms, the recent ones first.

import uFuzzy from '/vendor/@leeoniya/ufuzzy/dist/uFuzzy.mjs'
import { bothLanguages, translateCategory } from '../languages/language.js'
import { rankNodeTypes } from '../kernels/matching.js'
import { element } from './element.js'
import { pick } from './picker.js'
import { rank, searchText } from './search_ranking.js'

/** @typedef {import('../document/catalog.js').Catalog} Catalog */
/** @typedef {import('../document/catalog.js').NodeType} NodeType */
/** @typedef {import('../kernels/matching.js').Pending} Pending */

const fuzzy = new uFuzzy({ intraMode: 1 })

/** @param {Catalog} catalog @param {string} type */
const chip = (catalog, type) => {
  const dot = element('span', { class: 'type-dot' })
  dot.style.background = catalog.types.get(type)?.colour ?? ''
  return element('span', { class: 'type-chip' }, dot, type)
}

/**
 * A node type to add, with the value that was typed where it is a constant.
 * @typedef {{type: NodeType, inputs?: Record<string, unknown>}} Found
 */

/** @param {Found} found */
const row = ({ type, inputs }) =>
  element('span', { class: 'search-row' },
    element('span', { class: 'search-title' }, inputs ? `${type.title}: ${inputs.value}` : type.title),
    element('span', { class: 'search-category' }, translateCategory(type.category ?? '')))

/** @param {Catalog} catalog @param {Found} found */
const detail = (catalog, { type }) => {
  const sockets = type.inputs.filter(({ widget }) => !widget).map((input) => chip(catalog, input.type))
  const outputs = type.outputs.map((output) => chip(catalog, output.type))
  return element('div', {},
    element('p', { class: 'search-help' }, type.help || type.title),
    type.inputs.length + outputs.length ? element('p', { class: 'search-sockets' }, ...sockets, element('span', { class: 'arrow' }, '→'),
      ...(outputs.length ? outputs : [element('span', { class: 'type-chip' }, 'result')])) : null)
}

/** A typed number, or text in quotes, is a constant. @param {readonly NodeType[]} types @param {string} query @returns {Found[]} */
const constants = (types, query) => {
  const text = query.trim()
  const quoted = /^["'](.+?)["']?$/.exec(text)?.[1]
  const number = /^[-+]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : null
  const value = quoted ?? number
  if (value === null) return []
  const names = quoted ? ['PrimitiveString'] : Number.isInteger(number) ? ['PrimitiveInt', 'PrimitiveFloat'] : ['PrimitiveFloat']
  return names.flatMap((name) => {
    const type = types.find(({ id }) => id === name)
    return type ? [{ type, inputs: { value } }] : []
  })
}

/** @param {Catalog} catalog @param {Pending} pending */
const hint = (catalog, pending) =>
  element('p', { class: 'picker-hint' }, pending.kind === 'output' ? 'Takes' : 'Gives', chip(catalog, pending.type))

/**
 * @param {Catalog} catalog
 * @param {{client?: readonly [number, number], pending?: Pending, recent: readonly string[], fits?: (type: NodeType) => boolean}} options
 * @returns {Promise<{type: string, inputs?: Record<string, unknown>} | null>}
 */
export const searchNodeType = async (catalog, { client, pending, recent, fits = () => true }) => {
  const types = (pending
    ? rankNodeTypes(catalog, pending).map(({ type }) => type)
    : [...catalog.nodes.values()].toSorted((a, b) => a.title.localeCompare(b.title))).filter(fits)
  const find = (/** @type {string} */ query) => rank(types, query, {
    fuzzy, text: searchText, title: (type) => type.title, synonyms: (type) => [type.id, ...(type.search ?? [])],
    recent: (type) => recent.indexOf(type.id),
  })
  /** @type {Found | null} */
  const found = await pick({
    label: 'Add a node', client, row,
    hint: pending && hint(catalog, pending),
    detail: (item) => detail(catalog, item),
    find: (query) => [...constants(types, query), ...find(query).map((type) => ({ type }))],
  })
  return found && { type: found.type.id, ...(found.inputs ? { inputs: found.inputs } : {}) }
}

/**
 * The command palette's order of commands.
 * @template {{label: string}} Item
 * @param {readonly Item[]} items @param {string} query
 */
export const rankByLabel = (items, query) =>
  rank(items, query, { fuzzy, text: (item) => bothLanguages(item.label), title: (item) => item.label })
