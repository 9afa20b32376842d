// The picture that a loader's file widget names, which its node shows before anything runs.

/** @typedef {import('../document/catalog.js').InputType} InputType */
/** @typedef {import('../document/catalog.js').NodeType} NodeType */
/** @typedef {import('../document/workflow_format.js').NodeRecord} NodeRecord */

/** Asked for every node after every change, hence remembered. @type {WeakMap<NodeType, InputType | null>} */
const pictureInputs = new WeakMap()

/** @param {NodeType} type */
const pictureInput = (type) => {
  const known = pictureInputs.get(type)
  if (known !== undefined) return known
  const input = type.inputs.find(({ widget }) => widget?.kind === 'file' && widget.upload) ?? null
  pictureInputs.set(type, input)
  return input
}

/**
 * @param {NodeRecord} node @param {NodeType | undefined} type
 * @param {{address?: (folder: string, name: string) => string | null, pictures: import('./pictures.js').PictureCache}} from
 * @returns {import('./overlay_types.js').Picture | null}
 */
export const ownPicture = (node, type, { address, pictures }) => {
  const input = type && pictureInput(type)
  if (!input) return null
  const name = node.inputs?.[input.name] ?? input.widget?.default
  const url = typeof name === 'string' && name ? address?.(input.widget?.folder ?? 'input', name) : null
  if (!url) return null
  const image = pictures.get(url)
  return { url, width: image?.naturalWidth ?? 4, height: image?.naturalHeight ?? 3 }
}
