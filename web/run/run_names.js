// Short names for runs that would read alike: what each does otherwise than those before and behind it.

import { diffLines } from '../document/document_diff.js'
import { saidValue } from '../document/said.js'
import { changedValues } from '../document/values.js'

/** @typedef {import('../document/workflow_format.js').NodeRecord} NodeRecord */
/** @typedef {import('../document/workflow_format.js').WorkflowDocument} WorkflowDocument */
/** @typedef {{titleOf: (node: NodeRecord) => string, inputName: (input: string) => string}} Words */
/** @typedef {{at: string[], input: string, value: unknown, others: unknown[]}} Difference at: graph, node and input; others: what the neighbours have there */

/** A row has room for so much, in Latin letters; others take two. */
const LONGEST = 34
const MOST_PARTS = 3
/** So many runs before it and behind it are those that one reads together with a run. */
const NEAR = 2
const SAME = 'the same again'
const WIDE = /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\uff00-\uff60]/u
const WORDS = new Intl.Segmenter(undefined, { granularity: 'word' })

/**
 * By run; a title that only one of them has says enough, and of runs that nobody has read yet nothing is said.
 * @param {readonly {id: string, title: string}[]} runs in their order
 * @param {(run: string) => WorkflowDocument | undefined} documentOf @param {Words} words
 * @returns {Map<string, string>}
 */
export const runNames = (runs, documentOf, words) => {
  const named = new Map()
  for (const title of new Set(runs.map((run) => run.title))) {
    const read = runs.filter((run) => run.title === title).flatMap(({ id }) => {
      const document = documentOf(id)
      return document ? [{ id, document }] : []
    })
    const documents = read.map(({ document }) => document)
    const varying = varyingIn(documents)
    read.forEach(({ id }, place) => {
      const name = nameOf(documents, place, varying, words)
      if (name) named.set(id, name)
    })
  }
  return named
}

/** The values that are not the same in all, but for texts: told of each, they read like a table. @param {readonly WorkflowDocument[]} documents @returns {string[][]} graph, node and input of each */
const varyingIn = (documents) => {
  const found = documents.slice(1).flatMap((document, place) => differencesOf(document, documents.slice(place, place + 1)).filter((each) => !isText(each)).map(({ at }) => JSON.stringify(at)))
  return [...new Set(found)].map((at) => JSON.parse(at))
}

/** @param {readonly WorkflowDocument[]} documents @param {number} place @param {readonly string[][]} varying @param {Words} words */
const nameOf = (documents, place, varying, words) => {
  const document = /** @type {WorkflowDocument} */ (documents[place])
  const neighbours = documents.slice(Math.max(0, place - NEAR), place + NEAR + 1).filter((each) => each !== document)
  const values = varying.flatMap((at) => {
    const value = valueAt(document, at)
    return value === undefined ? [] : [`${words.inputName(at[2] ?? '')} ${cut(saidValue(value))}`]
  })
  const texts = differencesOf(document, neighbours).filter(isText).map(({ value, others }) => `“${cut(otherWords(String(value), others.map(String)))}”`)
  const parts = [...new Set([...values, ...texts])]
  if (!parts.length) return otherNodes(documents, place, words)
  return [...parts.slice(0, MOST_PARTS), ...(parts.length > MOST_PARTS ? ['…'] : [])].join(' · ')
}

/** @param {WorkflowDocument} document @param {readonly string[]} at */
const valueAt = (document, [graph = '', node = '', input = '']) => graphsOf(document).get(graph)?.find(({ id }) => id === node)?.inputs?.[input]

/** @param {Difference} difference */
const isText = ({ input, value }) => typeof value === 'string' && (/text|prompt/i.test(input) || /\s/.test(value))

/** The values that a neighbour has otherwise, in sub-graphs too. @param {WorkflowDocument} document @param {readonly WorkflowDocument[]} neighbours @returns {Difference[]} */
const differencesOf = (document, neighbours) => {
  /** @type {Map<string, Difference>} */
  const found = new Map()
  for (const neighbour of neighbours) {
    for (const [graph, nodes] of graphsOf(document)) {
      for (const { node, input, now, then } of changedValues(nodes, graphsOf(neighbour).get(graph) ?? [])) {
        const key = JSON.stringify([graph, node, input])
        if (now !== undefined) found.set(key, { at: [graph, node, input], input, value: now, others: [...found.get(key)?.others ?? [], then] })
      }
    }
  }
  return [...found.values()]
}

/** @param {WorkflowDocument} document @returns {Map<string, NodeRecord[]>} */
const graphsOf = ({ nodes, subgraphs = [] }) => new Map([['', nodes], .../** @type {{id: string, nodes: NodeRecord[]}[]} */ (subgraphs).map(({ id, nodes: inner }) => /** @type {const} */ ([id, inner]))])

/** Nodes and wires that the one before has not, or has; the one behind where there is none. @param {readonly WorkflowDocument[]} documents @param {number} place @param {Words} words */
const otherNodes = (documents, place, { titleOf }) => {
  const signs = { added: '+ ', removed: '− ', changed: '' }
  const [document, neighbour] = [documents[place], documents[place ? place - 1 : 1]]
  const lines = document && neighbour ? diffLines(neighbour, document, titleOf) : []
  if (!lines.length) return place ? SAME : ''
  return lines.slice(0, 2).map(({ kind, text }) => signs[kind] + cut(text)).join(' · ')
}

/**
 * The words of a text that its neighbours have otherwise; of one that only lacks some, the whole of it.
 * @param {string} text @param {readonly string[]} others
 */
const otherWords = (text, others) => {
  const mine = wordsOf(text)
  const shared = others.map((other) => sharedEnds(mine, wordsOf(other)))
  let start = Math.min(...shared.map(([before]) => before))
  const end = mine.length - Math.min(...shared.map(([, behind]) => behind))
  while (start > 0 && start < end && !/\p{L}/u.test(mine.slice(start, end).join(''))) start -= 1 // A weight says nothing without its word.
  const said = mine.slice(start, end).join('').replaceAll(/\s+/g, ' ').replaceAll(/^[\s\p{P}]+|[\s\p{P}]+$/gu, '')
  return start < end && said ? said : text.replaceAll(/\s+/g, ' ').trim()
}

/** @param {string} text */
const wordsOf = (text) => [...WORDS.segment(text)].map(({ segment }) => segment)

/** How many words two texts have in common at their beginnings, and then at their ends. @param {readonly string[]} one @param {readonly string[]} other @returns {[number, number]} */
const sharedEnds = (one, other) => {
  const least = Math.min(one.length, other.length)
  let before = 0
  while (before < least && one[before] === other[before]) before += 1
  let behind = 0
  while (behind < least - before && one[one.length - 1 - behind] === other[other.length - 1 - behind]) behind += 1
  return [before, behind]
}

/** @param {string} text */
const cut = (text) => {
  let width = 0
  let short = ''
  for (const letter of text) {
    width += WIDE.test(letter) ? 2 : 1
    if (width > LONGEST) return `${short.trimEnd()}…`
    short += letter
  }
  return text
}
