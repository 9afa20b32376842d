// Ids that people read: a node's from its type, and the next free one where a name is taken.

/** Words that read better than the type's own as an id. */
const SHORT_NAMES = new Map([
  ['CheckpointLoaderSimple', 'loader'], ['CLIPTextEncode', 'prompt'], ['KSampler', 'sampler'],
  ['KSamplerAdvanced', 'sampler'], ['EmptyLatentImage', 'latent'], ['VAEDecode', 'decode'],
  ['VAEEncode', 'encode'], ['SaveImage', 'save'], ['PreviewImage', 'preview'], ['LoadImage', 'image'],
])

/** A readable id: `sampler`, then `sampler_2`. @param {(id: string) => boolean} isTaken @param {string} type */
export const readableId = (isTaken, type) => freeId(isTaken, SHORT_NAMES.get(type) ?? snakeCase(type))

/** @param {string} name */
const snakeCase = (name) =>
  name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '').toLowerCase() || 'node'

/**
 * The id itself where it is free, else with the next number.
 * @param {(id: string) => boolean} isTaken @param {string} id
 * @param {Map<string, number>} [tried] by their stems, numbers below which none is free: of many ids each counts on where the last one stopped
 */
export const freeId = (isTaken, id, tried = new Map()) => {
  if (!isTaken(id)) return id
  const stem = id.replace(/_\d+$/, '')
  let number = tried.get(stem) ?? 2
  while (isTaken(`${stem}_${number}`)) number += 1
  tried.set(stem, number)
  return `${stem}_${number}`
}
