// What a typed search finds, and in which order: pure, so that it is tested without a browser.

/** @typedef {import('../document/catalog.js').NodeType} NodeType */
/**
 * The part of uFuzzy that searching needs.
 * @typedef {{search: (haystack: string[], needle: string, outOfOrder?: number) =>
 *   [number[] | null, unknown, number[] | null]}} Fuzzy
 */

/** @param {string} text */
const spaced = (text) => text.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/[_/]+/g, ' ')

/** The words by which a node type is found: title, id, synonyms, category. @param {NodeType} type */
export const searchText = (type) => {
  const words = [type.title, type.id, spaced(type.id), ...(type.search ?? []), spaced(type.category ?? '')]
  return words.join(' · ')
}

/** How directly a query names a thing: its title's start, a word's start, anywhere in it, one of its synonyms. */
const tier = (/** @type {string} */ title, /** @type {string[]} */ synonyms, /** @type {string} */ query) => {
  const name = title.toLowerCase()
  if (name.startsWith(query)) return 0
  if (` ${name.replaceAll(/[^\p{L}\p{N}]+/gu, ' ')}`.includes(` ${query}`)) return 1
  if (synonyms.some((synonym) => synonym.toLowerCase().startsWith(query))) return 2
  return name.includes(query) ? 3 : 4
}

/** The fuzzy search knows Latin letters; scripts without spaces between words need none. @param {string} needle */
const isLatin = (needle) => !/[^\p{Script=Latin}\P{L}]/u.test(needle)

/** @param {Fuzzy} fuzzy @param {string[]} texts @param {string} needle */
const fuzzyPlaces = (fuzzy, texts, needle) => {
  const [found, , order] = fuzzy.search(texts, needle, 1)
  return order && found ? order.map((place) => found[place] ?? 0) : (found ?? [])
}

/** Those that have every word. @param {string[]} texts @param {string} needle */
const placesWith = (texts, needle) => {
  const words = needle.split(/\s+/)
  return texts.flatMap((text, place) => (words.every((word) => text.toLowerCase().includes(word)) ? [place] : []))
}

/**
 * @template Item
 * @param {readonly Item[]} items in their order of preference
 * @param {string} query
 * @param {{fuzzy: Fuzzy, text: (item: Item) => string, title: (item: Item) => string,
 *   synonyms?: (item: Item) => string[], recent?: (item: Item) => number, usual?: (item: Item) => number}} options recent: 0 is the latest, -1 never; usual: 0 most, Infinity not
 * @returns {Item[]}
 */
export const rank = (items, query, { fuzzy, text, title, synonyms = () => [], recent = () => -1, usual = () => Infinity }) => {
  const age = (/** @type {Item} */ item) => (recent(item) < 0 ? Infinity : recent(item))
  const needle = query.trim().toLowerCase()
  if (!needle) return items.toSorted((a, b) => compare(age(a), age(b)))
  const places = isLatin(needle) ? fuzzyPlaces(fuzzy, items.map(text), needle) : placesWith(items.map(text), needle)
  return places
    .map((index, place) => ({ item: /** @type {Item} */ (items[index]), place }))
    .map((entry) => ({ ...entry, tier: tier(title(entry.item), synonyms(entry.item), needle), usual: usual(entry.item) }))
    // What is usual is meant by any word of its name: `lora` is Load LoRA, not what happens to begin with it.
    .map((entry) => ({ ...entry, tier: title(entry.item).toLowerCase() === needle ? -1 : entry.usual < Infinity && entry.tier === 1 ? 0 : entry.tier }))
    .sort((a, b) => a.tier - b.tier || compare(age(a.item), age(b.item)) || compare(a.usual, b.usual) || a.place - b.place)
    .map(({ item }) => item)
}

/** What other programs call things, and what finds them here. @type {readonly (readonly [RegExp, string])[]} */
const SPOKEN = [
  [/\b(img2img|i2i|image2image)\b/, 'image to image'], [/\b(txt2img|t2i|text2image)\b/, 'text to image'],
  [/\bhi(gh)?[ -]?res([ -]?fix)?\b/, 'upscale latent'], [/\b(outpaint|uncrop)\w*/, 'outpaint'], [/\bmodel loader\b/, 'load checkpoint'],
  [/\bload (png|jpe?g|picture|photo)\b/, 'load image'], [/\bsave (png|jpe?g|webp|picture|photo)\b/, 'save image'], [/\bprompt (box|text)\b/, 'clip text encode'],
]

/** The query in this program's words, where others say it otherwise. @param {string} query @returns {string | null} */
export const spokenHere = (query) => {
  const needle = query.trim().toLowerCase()
  const found = SPOKEN.reduce((text, [pattern, words]) => text.replace(pattern, words), needle)
  return found === needle ? null : found
}

/** Numbers with Infinity in them. @param {number} a @param {number} b */
const compare = (a, b) => (a === b ? 0 : a < b ? -1 : 1)
