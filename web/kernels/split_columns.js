// An arrangement that would be a tower: its columns give way to the right, until it has a screen's shape.

/**
 * Columns of which none is higher than a limit: what is too much goes one column on, and all that it feeds after it.
 * @param {readonly (readonly string[])[]} columns @param {ReadonlyMap<string, readonly string[]>} fed what each node feeds
 * @param {(id: string) => number} heightOf with the gap below it @param {number} limit
 * @returns {string[][]}
 */
export const splitColumns = (columns, fed, heightOf, limit) => {
  const place = new Map(columns.flatMap((ids, column) => ids.map((id) => /** @type {const} */ ([id, column]))))
  /** @type {string[][]} */
  const split = []
  for (let left = [...place.keys()]; left.length; ) {
    const column = split.length
    let height = 0
    /** @type {string[]} */
    const kept = []
    for (const id of left) {
      if (place.get(id) !== column) continue
      height += heightOf(id)
      if (height > limit && kept.length) pushOn(id, column + 1, place, fed)
      else kept.push(id)
    }
    split.push(kept)
    left = left.filter((id) => place.get(id) !== column)
  }
  return split.filter(({ length }) => length)
}

/** @param {string} id @param {number} column @param {Map<string, number>} place @param {ReadonlyMap<string, readonly string[]>} fed */
const pushOn = (id, column, place, fed) => {
  const waiting = [/** @type {const} */ ([id, column])]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [pushed, to] = next
    if ((place.get(pushed) ?? 0) >= to || to > place.size) continue
    place.set(pushed, to)
    waiting.push(...(fed.get(pushed) ?? []).map((other) => /** @type {const} */ ([other, to + 1])))
  }
}
