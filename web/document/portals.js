// Portals: a link drawn as two tags of one name instead of a wire. They draw only, and never change a result.

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./workflow_format.js').LinkRecord} LinkRecord */

/** The name on its tags, or null for a link that is drawn as a wire. @param {LinkRecord} link @returns {string | null} */
export const portalOf = ({ extra }) => (typeof extra?.portal === 'string' && extra.portal ? extra.portal : null)

/** @param {LinkRecord} link @param {string | null} name @returns {LinkRecord} */
const withPortal = (link, name) => {
  const { portal: _, ...extra } = link.extra ?? {}
  return { ...link, extra: name === null ? extra : { ...extra, portal: name } }
}

/** Links out of one output. @param {Pick<Store, 'linksFrom'>} store @param {LinkRecord} link */
const siblings = (store, { from }) => store.linksFrom(from[0], from[1])

/** That of the same output, else a new one after the output. @param {Store} store @param {LinkRecord} link */
const nameFor = (store, link) => {
  const shared = siblings(store, link).map(portalOf).find((name) => name !== null)
  if (shared) return shared
  const taken = new Set(store.links().map(portalOf))
  const stem = link.from[1].toLowerCase().replaceAll('_', ' ')
  let name = stem
  for (let number = 2; taken.has(name); number += 1) name = `${stem} ${number}`
  return name
}

/** The name that all links of an output bear, if they do: another one from there is a tag like them. @param {Pick<Store, 'linksFrom'>} store @param {readonly [string, string]} output */
export const sharedPortal = (store, [node, output]) => {
  const names = new Set(store.linksFrom(node, output).map(portalOf))
  const [name = null] = names
  return names.size === 1 ? name : null
}

/** Whether these links, if any, are all drawn as tags. @param {Pick<Store, 'link'>} store @param {Iterable<string>} ids */
export const arePortals = (store, ids) => {
  const links = [...ids].flatMap((id) => store.link(id) ?? [])
  return links.length > 0 && links.every((link) => portalOf(link))
}

/** Draws links as tags, or where all of them are so already, as wires again. @param {Store} store @param {readonly string[]} ids */
export const togglePortals = (store, ids) => {
  const links = ids.flatMap((id) => store.link(id) ?? [])
  const isOn = arePortals(store, ids)
  store.edit(isOn ? 'Draw as wires' : 'Draw as portals', (tx) => {
    for (const link of links) if (isOn || !portalOf(link)) tx.put('links', withPortal(link, isOn ? null : nameFor(store, link)))
  })
}

/** Gives all tags of an output that have its name another one; none draws wires again. @param {Store} store @param {string} id @param {string} name */
export const renamePortal = (store, id, name) => {
  const link = store.link(id)
  const old = link && portalOf(link)
  if (!link || !old || old === name) return
  store.edit('Rename portal', (tx) => {
    for (const other of siblings(store, link)) if (portalOf(other) === old) tx.put('links', withPortal(other, name || null))
  })
}

/** The links whose tags are one tag at the output, in the order of the document. @param {Pick<Store, 'link' | 'linksFrom'>} store @param {string} id @returns {LinkRecord[]} */
export const sameTag = (store, id) => {
  const link = store.link(id)
  return link ? siblings(store, link).filter((other) => portalOf(other) === portalOf(link)) : []
}
