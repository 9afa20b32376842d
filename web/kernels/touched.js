// Which ends of a graph an edit has touched.

import { reachable } from './graph_walk.js'

/**
 * @param {Iterable<string>} touched @param {ReadonlySet<string>} ends nodes whose point is their effect
 * @param {(id: string) => readonly import('./graph_walk.js').Edge[]} linksFrom @returns {string[]} those that lie below
 */
export const endsBelow = (touched, ends, linksFrom) => {
  const below = reachable(touched, 'down', linksFrom)
  return [...ends].filter((id) => below.has(id))
}
