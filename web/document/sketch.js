// What a sketch begins with: its size, and the strokes that an earlier one has.

import { emptyPlane } from '../kernels/planes.js'
import { valueOf } from './catalog.js'

/** @typedef {import('./catalog.js').Catalog} Catalog */
/** @typedef {import('./store.js').Store} Store */

/** Of Stable Diffusion 1. */
const USUAL = { width: 512, height: 512 }
const MOST = 8192

/** As large as what the workflow makes: as the first node that gives an empty latent. @param {Store} store @param {Catalog} catalog @returns {{width: number, height: number}} */
export const sketchSize = (store, catalog) => {
  for (const node of store.nodes()) {
    const type = catalog.nodes.get(node.type)
    if (!type?.outputs.some((output) => output.type === 'LATENT')) continue
    const [width, height] = ['width', 'height'].map((name) => {
      const input = type.inputs.find((each) => each.name === name)
      return input && !store.linksTo(node.id, name).length ? valueOf(node, input) : null
    })
    if (isSide(width) && isSide(height)) return { width, height }
  }
  return USUAL
}

/** @param {unknown} value @returns {value is number} */
const isSide = (value) => Number.isInteger(value) && Number(value) > 0 && Number(value) <= MOST

/** The strokes of a sketch: white where it is white. @param {{width: number, height: number, data: Uint8ClampedArray}} pixels */
export const sketchPlane = ({ width, height, data }) => {
  const plane = emptyPlane(width, height)
  for (let at = 0; at < plane.data.length; at += 1) plane.data[at] = Number(data[4 * at])
  return plane
}
