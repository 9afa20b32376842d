// What is known of the files that a widget offers: how they look, which kind of model they are, how large.

import { SHORT, withHash } from '../kernels/hashes.js'
import { artifactUrl, fetchDigests, fetchModelDetails, modelPictureUrl } from '../run/api.js'

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../document/catalog.js').Widget} Widget */
/** @typedef {import('../widgets/choice_rows.js').ChoiceDetails} ChoiceDetails */
/** @typedef {import('../widgets/choice_rows.js').ChoiceFacts} ChoiceFacts */

const PICTURE = /\.(png|jpe?g|webp|gif|bmp)( \[\w+\])?$/i
const THUMBNAIL = 96
const WORKING = new Set(['input', 'output', 'temp'])

/** By folder; what is known holds until node types and files are read again. @type {{catalog: unknown, folders: Map<string, Map<string, ChoiceFacts>>}} */
let known = { catalog: null, folders: new Map() }

/** The hashes of files, by folder and name; those that are not read yet are absent. @returns {Promise<(folder: string, name: string) => string | undefined>} */
export const readHashes = async () => {
  const { digests } = await fetchDigests().catch(() => ({ digests: [] }))
  const hashes = new Map(digests.map(({ folder, name, sha256 }) => [`${folder}/${name}`, sha256]))
  return (folder, name) => hashes.get(`${folder}/${name}`)
}

/** @param {App} app @param {Widget} widget @returns {ChoiceDetails | null} null: its choices are only words */
export const choiceDetails = ({ catalog }, { kind, folder, choices = [] }) => {
  if (kind !== 'file' || !folder) return null
  if (WORKING.has(folder)) return choices.some((each) => PICTURE.test(String(each))) ? { of: (choice) => pictureOf(folder, String(choice)), ask: async () => {} } : null
  if (known.catalog !== catalog) known = { catalog, folders: new Map() }
  const facts = known.folders.get(folder) ?? new Map()
  known.folders.set(folder, facts)
  /** @type {Awaited<ReturnType<typeof readHashes>>} */
  let hashOf = () => undefined
  const reading = readHashes().then((read) => (hashOf = read))
  return {
    hashed: async (query) => {
      await reading
      return withHash(choices, query, (choice) => hashOf(folder, String(choice)))
    },
    of: (choice) => {
      const said = facts.get(String(choice))
      return said && { ...said, hash: hashOf(folder, String(choice))?.slice(0, SHORT) }
    },
    ask: async (wanted) => {
      const { details } = await fetchModelDetails(folder, wanted.map(String)).catch(() => ({ details: [] }))
      for (const each of details) facts.set(each.name, factsOf(folder, each))
    },
  }
}

/** `picture.png [output]` names another folder. @param {string} folder @param {string} choice @returns {ChoiceFacts | undefined} */
const pictureOf = (folder, choice) => {
  if (!PICTURE.test(choice)) return undefined
  const [, name = choice, other = folder] = /^(.*) \[(\w+)\]$/.exec(choice) ?? []
  return { picture: artifactUrl({ kind: 'image', folder: other, name }, { preview: THUMBNAIL }) }
}

/** @param {string} folder @param {import('../run/api.js').ModelDetails} details @returns {ChoiceFacts} */
const factsOf = (folder, { name, bytes, facts, picture, result, problem }) => {
  const { family, role } = Object.assign({}, ...Object.values(facts))
  return {
    picture: picture ? modelPictureUrl(folder, name, THUMBNAIL) : result ? artifactUrl({ kind: 'image', ...result }, { preview: THUMBNAIL }) : undefined,
    badge: family && String(family).toUpperCase(),
    said: problem ?? [role && role !== 'base' ? String(role) : '', bytes === undefined ? '' : sizeText(bytes)].filter(Boolean).join(' · '),
  }
}

/** @param {number} bytes */
export const sizeText = (bytes) => {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`
  return bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.max(1, Math.round(bytes / 1e3))} kB`
}
