// Walking a graph along its links.

/** @typedef {{from: readonly [string, string], to: readonly [string, string]}} Edge */

/**
 * A node, or several, and everything that they reach, downstream or upstream.
 * @param {string | Iterable<string>} start
 * @param {'down' | 'up'} direction
 * @param {(id: string) => readonly Edge[]} edgesOf the links that leave a node in that direction
 * @returns {Set<string>}
 */
export const reachable = (start, direction, edgesOf) => {
  const seen = new Set(typeof start === 'string' ? [start] : start)
  for (const id of seen) { // A set is walked on to what is added meanwhile.
    for (const { from, to } of edgesOf(id)) seen.add(direction === 'down' ? to[0] : from[0])
  }
  return seen
}

/**
 * All that hangs together with these, along links of any direction.
 * @param {Iterable<string>} starts @param {(id: string) => readonly Edge[]} edgesOf all links of a node @returns {Set<string>}
 */
export const connected = (starts, edgesOf) => {
  const seen = new Set(starts)
  for (const id of seen) {
    for (const { from, to } of edgesOf(id)) seen.add(from[0] === id ? to[0] : from[0])
  }
  return seen
}
