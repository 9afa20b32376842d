// Questions that are asked again before they are answered: only the newest answer counts, whichever comes first.

/**
 * Whoever asked earlier gets an older answer only where it came before the question was asked again.
 * @template T @param {() => Promise<T>} ask @returns {() => Promise<T>}
 */
export const newest = (ask) => {
  /** @type {Promise<T> | null} */
  let last = null
  return () => {
    /** @type {Promise<T>} */
    const mine = ask().then((answer) => (mine === last ? answer : /** @type {Promise<T>} */ (last)))
    last = mine
    return mine
  }
}

/**
 * Wishes that wait for something, of which each makes those before it void: who asked for two things in a row wants the second.
 * @returns {() => () => boolean} to be called with each wish; says later whether it is still the newest
 */
export const wishes = () => {
  let count = 0
  return () => {
    const mine = (count += 1)
    return () => mine === count
  }
}
