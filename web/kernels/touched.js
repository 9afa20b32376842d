// Which part of a graph an edit has touched: the ends that lie below it, and all that feeds these.

import { reachable } from './graph_walk.js'

/** @typedef {import('./graph_walk.js').Edge} Edge */
/** @typedef {{linksTo: (id: string) => readonly Edge[], linksFrom: (id: string) => readonly Edge[]}} Wires */

/**
 * @param {Iterable<string>} touched @param {ReadonlySet<string>} ends nodes whose point is their effect @param {Wires} wires
 * @returns {{targets: string[], feeding: Set<string>}} feeding: the targets and everything above them
 */
export const touchedBranch = (touched, ends, { linksTo, linksFrom }) => {
  const below = new Set([...touched].flatMap((id) => [...reachable(id, 'down', linksFrom)]))
  const targets = [...ends].filter((id) => below.has(id))
  return { targets, feeding: new Set(targets.flatMap((id) => [...reachable(id, 'up', linksTo)])) }
}
