// What changed from one state of a document to another, as records and in lines to read.

import { nameOf } from './definitions.js'
import { saidValue } from './said.js'
import { changedValues } from './values.js'

/** @typedef {import('./workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {import('./workflow_format.js').WorkflowDocument} WorkflowDocument */
/** @typedef {{kind: 'added' | 'removed' | 'changed', text: string, node?: string}} DiffLine node: where it is in the later state */

/** @param {object} link */
const endsOf = (link) => /** @type {{from: [string, string], to: [string, string]}} */ (link)

/** @param {object} link */
const keyOf = (link) => [...endsOf(link).from, ...endsOf(link).to].join('\n')

/** @param {unknown} value */
const said = (value) => {
  const text = (value === undefined || value === null ? 'nothing' : typeof value === 'string' ? `“${value}”` : saidValue(value)).replaceAll(/\s+/g, ' ')
  return text.length > 60 ? `${text.slice(0, 58)}…` : text
}

/**
 * Nodes, wires, values, modes and titles that came, went or changed; where things stand is not told.
 * @param {WorkflowDocument} before @param {WorkflowDocument} after
 * @param {(node: NodeRecord) => string} titleOf @returns {DiffLine[]}
 */
export const diffLines = (before, after, titleOf) => {
  const lines = [...graphLines(before, after, titleOf), ...subgraphLines(before, after, titleOf)]
  return before.title === after.title ? lines : [...lines, { kind: 'changed', text: `Title: ${said(before.title)} → ${said(after.title)}` }]
}

/** @typedef {{nodes: NodeRecord[], links: object[]}} Graph */
/** @typedef {Graph & import('./subgraph_format.js').SubgraphRecord} Subgraph */

/** Sub-graphs that came, went or changed, and what changed in them. @param {WorkflowDocument} before @param {WorkflowDocument} after @param {(node: NodeRecord) => string} titleOf @returns {DiffLine[]} */
const subgraphLines = (before, after, titleOf) => {
  const byId = (/** @type {WorkflowDocument} */ { subgraphs = [] }) => new Map(/** @type {Subgraph[]} */ (subgraphs).map((each) => [each.id, each]))
  const [old, now] = [byId(before), byId(after)]
  const name = (/** @type {Subgraph} */ each) => `Sub-graph ${nameOf(each)}`
  const signature = (/** @type {Subgraph} */ { inputs = [], outputs = [], kind = 'graph' }) => JSON.stringify([inputs, outputs, kind])
  return [
    ...[...now.values()].filter(({ id }) => !old.has(id)).map((each) => ({ kind: /** @type {const} */ ('added'), text: name(each) })),
    ...[...old.values()].filter(({ id }) => !now.has(id)).map((each) => ({ kind: /** @type {const} */ ('removed'), text: name(each) })),
    ...[...now.values()].flatMap((each) => {
      const was = old.get(each.id)
      if (!was) return []
      const lines = graphLines(was, each, titleOf).map(({ kind, text }) => ({ kind, text: `${nameOf(each)} › ${text}` }))
      return signature(was) === signature(each) ? lines : [{ kind: /** @type {const} */ ('changed'), text: `${name(each)}: what goes in and comes out` }, ...lines]
    }),
  ]
}

/** @param {Graph} before @param {Graph} after @param {(node: NodeRecord) => string} titleOf @returns {DiffLine[]} */
const graphLines = (before, after, titleOf) => {
  const [old, now] = [new Map(before.nodes.map((node) => [node.id, node])), new Map(after.nodes.map((node) => [node.id, node]))]
  const title = (/** @type {string} */ id) => titleOf(now.get(id) ?? old.get(id) ?? { id, type: id })
  const isNew = (/** @type {NodeRecord} */ node) => old.get(node.id)?.type !== node.type
  return [
    ...after.nodes.filter(isNew).map((node) => ({ kind: /** @type {const} */ ('added'), text: titleOf(node), node: node.id })),
    ...before.nodes.filter((node) => now.get(node.id)?.type !== node.type).map((node) => ({ kind: /** @type {const} */ ('removed'), text: titleOf(node) })),
    ...changedValues(before.nodes, after.nodes).map(({ node, input, now: was, then: is }) =>
      ({ kind: /** @type {const} */ ('changed'), text: `${title(node)} · ${input.replaceAll('_', ' ')}: ${said(was)} → ${said(is)}`, node })),
    ...after.nodes.flatMap((node) => fieldLines(old.get(node.id), node, titleOf)),
    ...wireLines(before, after, title),
  ]
}

/** @param {NodeRecord | undefined} was @param {NodeRecord} is @param {(node: NodeRecord) => string} titleOf @returns {DiffLine[]} */
const fieldLines = (was, is, titleOf) => {
  if (!was || was.type !== is.type) return []
  const mode = (was.mode ?? 'active') === (is.mode ?? 'active') ? [] : [`${titleOf(is)}: ${was.mode ?? 'active'} → ${is.mode ?? 'active'}`]
  const title = titleOf(was) === titleOf(is) ? [] : [`${titleOf(was)} is called ${titleOf(is)}`]
  return [...mode, ...title].map((text) => ({ kind: 'changed', text, node: is.id }))
}

/** @param {Graph} before @param {Graph} after @param {(id: string) => string} title @returns {DiffLine[]} */
const wireLines = (before, after, title) => {
  const [old, now] = [new Set(before.links.map(keyOf)), new Set(after.links.map(keyOf))]
  const words = (/** @type {object} */ link) => {
    const { from, to } = endsOf(link)
    return `${title(from[0])} · ${from[1]} → ${title(to[0])} · ${to[1].replaceAll('_', ' ')}`
  }
  return [
    ...after.links.filter((link) => !old.has(keyOf(link))).map((link) => ({ kind: /** @type {const} */ ('added'), text: words(link), node: endsOf(link).to[0] })),
    ...before.links.filter((link) => !now.has(keyOf(link))).map((link) => ({ kind: /** @type {const} */ ('removed'), text: words(link) })),
  ]
}
