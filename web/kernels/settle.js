// Things in a column that shall neither cover each other nor lie far from where they would like to.

/** @typedef {{wish: number, height: number}} Wish the top that a thing would like to have, and how high it is */

/**
 * Their tops in the given order, with gaps: as near to the wishes as that allows, by least squares.
 * @param {readonly Wish[]} things @param {number} gap @returns {number[]}
 */
export const settle = (things, gap) => {
  // Less the room of all before, the tops only must not fall: neighbours that would are pooled at their mean.
  /** @type {{sum: number, count: number}[]} */
  const pools = []
  let before = 0
  for (const { wish, height } of things) {
    let pool = { sum: wish - before, count: 1 }
    for (let last = pools.at(-1); last && last.sum / last.count >= pool.sum / pool.count; last = pools.at(-1)) {
      pools.pop()
      pool = { sum: last.sum + pool.sum, count: last.count + pool.count }
    }
    pools.push(pool)
    before += height + gap
  }
  const tops = pools.flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count))
  before = 0
  return tops.map((top, place) => {
    const settled = top + before
    before += (things[place]?.height ?? 0) + gap
    return settled
  })
}
