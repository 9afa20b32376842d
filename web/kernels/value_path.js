// The way of one value: from a wire back to where it comes from, and on to where it becomes something else.

import { passedInput } from './passing.js'

/** @typedef {import('../document/catalog.js').NodeType} NodeType */
/** @typedef {import('../document/workflow_format.js').LinkRecord} LinkRecord */
/** @typedef {import('../document/workflow_format.js').NodeRecord} NodeRecord */
/**
 * A graph with the types of its nodes; `inside`: what is in an instance, and what its two ends are called there.
 * @typedef {object} Ground
 * @property {(node: string) => NodeRecord | undefined} node
 * @property {(node: string, input?: string) => readonly LinkRecord[]} linksTo
 * @property {(node: string, output?: string) => readonly LinkRecord[]} linksFrom
 * @property {(node: NodeRecord) => NodeType | undefined} typeOf
 * @property {(node: NodeRecord) => {ground: Ground, inputs: string, outputs: string} | null} inside
 */
/**
 * @typedef {object} ValuePath
 * @property {string} type
 * @property {ReadonlySet<string>} links
 * @property {ReadonlySet<string>} nodes
 * @property {readonly string[]} sources where it comes from, the nearest first
 * @property {readonly string[]} through nodes that take it and give the same type on, from the source on
 * @property {readonly string[]} ends where it becomes something else, the nearest first
 */

const ANY = ['ANY', '*']
/** So many nodes in a row may take anything; more stand in a circle. */
const MOST_STEPS = 100

/** @param {string} declared @param {string} type */
const carries = (declared, type) => declared === type || ANY.includes(declared) || (/[|,]/.test(declared) && declared.split(/\s*[|,]\s*/).includes(type))

/** The type that flows along a wire: what hands on anything has the type of what comes. @param {Ground} ground @param {LinkRecord} link @param {number} [steps] @returns {string} */
const typeOn = (ground, { from: [id, output] }, steps = 0) => {
  const node = ground.node(id)
  const declared = node && ground.typeOf(node)
  const type = declared?.outputs.find(({ name }) => name === output)?.type ?? 'ANY'
  if (!ANY.includes(type) || steps > MOST_STEPS) return type
  const before = declared?.inputs.filter((input) => ANY.includes(input.type)).flatMap(({ name }) => ground.linksTo(id, name))[0]
  return before ? typeOn(ground, before, steps + 1) : type
}

/**
 * The linked inputs whose values an output gives on: of one name, else in the order of both, else all of the type.
 * @param {Ground} ground @param {string} id @param {string} output @param {string} type @returns {readonly string[]}
 */
const givers = (ground, id, output, type) => {
  const node = ground.node(id)
  const declared = node && ground.typeOf(node)
  if (!declared || node.mode === 'muted') return []
  const inner = node.mode === 'bypassed' ? null : ground.inside(node)
  if (inner) return reached(inner, output, type)
  const isLinked = (/** @type {string} */ name) => ground.linksTo(id, name).length > 0
  if (node.mode === 'bypassed') return [passedInput(declared, output, isLinked)].filter((name) => name !== null)
  const made = declared.outputs.filter((socket) => carries(socket.type, type))
  const place = made.findIndex(({ name }) => name === output)
  const taken = declared.inputs.filter((socket) => carries(socket.type, type))
  if (place < 0) return []
  const named = taken.find(({ name }) => name === (made[place]?.passes ?? output)) ?? (taken.length === made.length ? taken[place] : undefined)
  return (named ? [named] : taken).map(({ name }) => name).filter(isLinked)
}

/** What an instance's output comes from, by the way through it. @param {NonNullable<ReturnType<Ground['inside']>>} inner @param {string} output @param {string} type */
const reached = ({ ground, inputs, outputs }, output, type) =>
  [...new Set(upwards(ground, ground.linksTo(outputs, output), type).links.filter(({ from }) => from[0] === inputs).map(({ from }) => from[1]))]

/** @param {Ground} ground @param {readonly LinkRecord[]} starts @param {string} type */
const upwards = (ground, starts, type) => {
  const links = new Set(starts)
  /** @type {Set<string>} */
  const sources = new Set()
  /** @type {Set<string>} */
  const through = new Set()
  for (const { from: [id, output] } of links) { // A set is walked on to what is added meanwhile.
    const before = givers(ground, id, output, type).flatMap((input) => ground.linksTo(id, input)).filter((link) => carries(typeOn(ground, link), type))
    for (const link of before) links.add(link)
    ;(before.length ? through : sources).add(id)
  }
  return { links: [...links], sources, through }
}

/** @param {Ground} ground @param {LinkRecord} start @param {string} type */
const downwards = (ground, start, type) => {
  const links = new Set([start])
  /** @type {Set<string>} */
  const ends = new Set()
  /** @type {Set<string>} */
  const through = new Set()
  for (const { to: [id, input] } of links) {
    const node = ground.node(id)
    const outputs = (node && ground.typeOf(node)?.outputs) ?? []
    const after = outputs.filter(({ name }) => givers(ground, id, name, type).includes(input))
      .flatMap(({ name }) => ground.linksFrom(id, name)).filter((link) => carries(typeOn(ground, link), type))
    for (const link of after) links.add(link)
    ;(after.length ? through : ends).add(id)
  }
  return { links: [...links], ends, through }
}

/** The whole way of what flows along a wire. @param {Ground} ground @param {LinkRecord} link @returns {ValuePath} */
export const valuePath = (ground, link) => {
  const type = typeOn(ground, link)
  const up = upwards(ground, [link], type)
  const down = downwards(ground, link, type)
  const through = [...[...up.through].reverse(), ...down.through]
  return {
    type, links: new Set([...up.links, ...down.links].map(({ id }) => id)), nodes: new Set([...up.sources, ...through, ...down.ends]),
    sources: [...up.sources], through, ends: [...down.ends],
  }
}
