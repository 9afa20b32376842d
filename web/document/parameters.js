// The workflow as a function: inputs that have a name of their own, and that its form shows (docs/format.md).

import { freeId } from './names.js'

/** @typedef {import('./catalog.js').Catalog} Catalog */
/** @typedef {import('./catalog.js').InputType} InputType */
/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {{id: string, name: string, node: string, input: string, label: string}} Parameter `id` is the store's */
/** @typedef {{node: NodeRecord, input: InputType, label: string}} FormField */

/** Inputs worth showing where a workflow names no parameters, in this order. */
const USUAL = ['text', 'prompt', 'image', 'ckpt_name', 'width', 'height', 'seed', 'noise_seed', 'steps', 'cfg', 'denoise']
/** Inputs that mean the same on every node: one of them is enough. */
const ONCE = new Set(['ckpt_name', 'width', 'height', 'steps'])

/** @param {Store} store @returns {Parameter[]} those that name an input of a node; others are only kept */
export const parametersOf = (store) => store.carried('parameters').flatMap(({ id, value }) => {
  const { name, node, input, label } = /** @type {Record<string, unknown>} */ (Object(value))
  if (typeof node !== 'string' || typeof input !== 'string' || !store.graph('').node(node)) return []
  return [{ id, node, input, name: typeof name === 'string' ? name : input, label: typeof label === 'string' && label ? label : input.replaceAll('_', ' ') }]
})

/** @param {Store} store @param {string} node @param {string} input @param {string} [label] @returns {string} its name */
export const addParameter = (store, node, input, label = input.replaceAll('_', ' ')) => {
  const taken = new Set(parametersOf(store).map(({ name }) => name))
  const name = freeId((candidate) => taken.has(candidate), taken.has(input) ? `${node}_${input}` : input)
  const ids = new Set(store.carried('parameters').map(({ id }) => id))
  const id = freeId((candidate) => ids.has(candidate), 'parameter_1')
  store.edit('Show in the form', (tx) => tx.put('parameters', { id, value: { name, node, input, label } }))
  return name
}

/** @param {Store} store @param {string} node @param {string} input */
export const removeParameter = (store, node, input) => {
  const found = parametersOf(store).filter((parameter) => parameter.node === node && parameter.input === input)
  store.edit('Remove from the form', (tx) => found.forEach(({ id }) => tx.remove('parameters', id)))
}

/** What the form shows, of the root's nodes: the parameters; of a workflow without any, the inputs that one usually changes. @param {Store} store @param {Catalog} catalog @returns {FormField[]} */
export const formFields = (store, catalog) => store.within('', () => {
  const named = parametersOf(store).flatMap(({ node, input, label }) => fieldOf(store, catalog, node, input, label))
  return named.length ? named : usualFields(store, catalog)
})

/** @param {Store} store @param {Catalog} catalog @param {string} id @param {string} name @param {string} label @returns {FormField[]} */
const fieldOf = (store, catalog, id, name, label) => {
  const node = store.node(id)
  const input = catalog.nodes.get(node?.type ?? '')?.inputs.find((each) => each.name === name)
  return node && input?.widget && !store.linksTo(id, name).length ? [{ node, input, label }] : []
}

/** @param {Store} store @param {Catalog} catalog @returns {FormField[]} */
const usualFields = (store, catalog) => {
  const seen = new Set()
  const all = store.nodes().filter(({ mode = 'active' }) => mode === 'active').flatMap((node) => {
    const type = catalog.nodes.get(node.type)
    return (type?.inputs ?? []).filter(({ name }) => USUAL.includes(name)).flatMap(({ name }) =>
      fieldOf(store, catalog, node.id, name, USUAL.indexOf(name) < 2 ? node.title || type?.title || name : name.replaceAll('_', ' ')))
  })
  return all.sort((a, b) => USUAL.indexOf(a.input.name) - USUAL.indexOf(b.input.name))
    .filter(({ input }) => !ONCE.has(input.name) || (!seen.has(input.name) && seen.add(input.name)))
}
