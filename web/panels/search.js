// Adding a node by name: what fits the dragged wire, found by title, id and synonyms, the recent ones first.

import uFuzzy from '/vendor/@leeoniya/ufuzzy/dist/uFuzzy.mjs'
import { bothLanguages, translateCategory } from '../languages/language.js'
import { rankNodeTypes } from '../kernels/matching.js'
import { oddness, usualness } from '../kernels/usual.js'
import { constantsOf } from './constants.js'
import { inputsOfNew } from '../document/dynamic_inputs.js'
import { element } from './element.js'
import { pick } from './picker.js'
import { rank, searchText, spokenHere } from './search_ranking.js'

/** @typedef {import('../document/catalog.js').Catalog} Catalog */
/** @typedef {import('../document/catalog.js').NodeType} NodeType */
/** @typedef {import('../kernels/matching.js').Pending} Pending */

const fuzzy = new uFuzzy({ intraMode: 1 })
const NONE = { sure: [], guess: [] }

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
  const sockets = inputsOfNew(type).filter(({ widget }) => !widget).map((input) => chip(catalog, input.type))
  const outputs = type.outputs.map((output) => chip(catalog, output.type))
  return element('div', {},
    element('p', { class: 'search-help' }, type.help || type.title),
    type.inputs.length + outputs.length ? element('p', { class: 'search-sockets' }, ...sockets, element('span', { class: 'arrow' }, '→'),
      ...(outputs.length ? outputs : [element('span', { class: 'type-chip' }, 'result')])) : null)
}

/** @param {Catalog} catalog @param {Pending} pending */
const hint = (catalog, pending) =>
  element('p', { class: 'picker-hint' }, pending.kind === 'output' ? 'Takes' : 'Gives', chip(catalog, pending.type))

/** @param {readonly NodeType[]} types @param {(type: NodeType) => number} worth @returns {NodeType[]} the most first, of equals what is least odd, else in their order */
const byWorth = (types, worth) => types.map((type) => ({ type, worth: worth(type), odd: oddness(type) }))
  .toSorted((a, b) => b.worth - a.worth || a.odd - b.odd).map(({ type }) => type)

/**
 * @param {Catalog} catalog
 * @param {{client?: readonly [number, number], pending?: Pending, recent: readonly string[], fits?: (type: NodeType) => boolean, worth?: (type: NodeType) => number}} options worth: what is listed first while nothing is typed
 * @returns {Promise<{type: string, inputs?: Record<string, unknown>} | null>}
 */
export const searchNodeType = async (catalog, { client, pending, recent, fits, worth }) => {
  const types = (pending
    ? rankNodeTypes(catalog, pending).map(({ type }) => type)
    : [...catalog.nodes.values()].toSorted((a, b) => a.title.localeCompare(b.title))).filter(fits ?? (() => true))
  const worthiest = worth && byWorth(types, worth)
  const called = (/** @type {string} */ query) => rank(types, query, {
    fuzzy, text: searchText, title: (type) => type.title, synonyms: (type) => [type.id, ...(type.search ?? [])],
    recent: (type) => recent.indexOf(type.id), usual: (type) => usualness(type.id),
  })
  const named = (/** @type {string} */ query) => {
    const spoken = spokenHere(query)
    return spoken === null ? called(query) : [...new Set([...called(query), ...called(spoken)])]
  }
  /** @type {Found | null} */
  const found = await pick({
    label: 'Add a node', client, row,
    hint: pending && hint(catalog, pending),
    detail: (item) => detail(catalog, item),
    find: (query) => {
      const { sure, guess } = fits ? NONE : constantsOf(types, query, pending)
      // Of what fits a wire, the best is always in its place; what was used lately follows.
      const [best] = pending && !query.trim() ? types : []
      const found = best ? [best, ...named(query).filter((type) => type !== best)] : query.trim() ? named(query) : worthiest ?? named(query)
      return [...sure, ...found.map((type) => ({ type })), ...guess]
    },
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
