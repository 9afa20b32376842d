// Hashes of files as people copy them: the first digits of a sha256, from four on.

const HASH = /^(0x)?[0-9a-f]{4,64}$/
export const SHORT = 10

/** The digits of a query that may be a hash; nothing for another one. @param {string} query */
export const digitsOf = (query) => {
  const said = query.trim().toLowerCase()
  return HASH.test(said) ? said.replace(/^0x/, '') : ''
}

/** What has a hash that begins so. @template Item @param {readonly Item[]} items @param {string} query @param {(item: Item) => string | undefined} hashOf @returns {Item[]} */
export const withHash = (items, query, hashOf) => {
  const digits = digitsOf(query)
  return digits ? items.filter((item) => hashOf(item)?.startsWith(digits)) : []
}
