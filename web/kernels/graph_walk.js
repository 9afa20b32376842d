// Walking a graph along its links.

/** @typedef {{from: readonly [string, string], to: readonly [string, string]}} Edge */

/**
 * The node and everything it reaches, downstream or upstream.
 * @param {string} start
 * @param {'down' | 'up'} direction
 * @param {(id: string) => readonly Edge[]} edgesOf the links that leave a node in that direction
 * @returns {Set<string>}
 */
export const reachable = (start, direction, edgesOf) => {
  const seen = new Set([start])
  const waiting = [start]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    for (const edge of edgesOf(id)) {
      const next = direction === 'down' ? edge.to[0] : edge.from[0]
      if (seen.has(next)) continue
      seen.add(next)
      waiting.push(next)
    }
  }
  return seen
}
