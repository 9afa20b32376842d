// What the viewer says beside pictures: the pixel under the pointer, and what made two of them otherwise.

import { hexText } from '../kernels/compare.js'
import { element } from '../panels/element.js'

/** @typedef {import('../kernels/compare.js').Probe} Probe */
/** @typedef {{name: string, here: string, there: string}} Difference */

/** @param {Probe} part @param {string} name */
const colourWords = (part, name) => {
  const swatch = element('span', { class: 'viewer-swatch' })
  swatch.style.background = hexText(part)
  const alpha = part.alpha < 255 ? `  A ${part.alpha}` : ''
  return element('span', { class: 'viewer-colour' }, name ? element('b', {}, name) : null, swatch,
    `R ${part.red}  G ${part.green}  B ${part.blue}${alpha}`, element('span', { class: 'viewer-hex' }, hexText(part)))
}

/** The place, and the colours of one picture or of two there. @param {readonly (Probe | null)[]} parts */
export const probeWords = (parts) => (parts[0] ? [element('span', { class: 'viewer-place' }, `x ${parts[0].x}  y ${parts[0].y}`),
  ...parts.flatMap((part, index) => (part ? [colourWords(part, parts.length > 1 ? 'AB'.charAt(index) : '')] : []))] : [])

/** @param {readonly Difference[]} rows */
export const differenceRows = (rows) => {
  const cell = (/** @type {string} */ text) => element('td', { title: text }, text)
  return [element('caption', {}, 'Made otherwise'),
    element('tr', {}, element('td', {}), element('th', { scope: 'col' }, 'A'), element('th', { scope: 'col' }, 'B')),
    ...rows.map(({ name, here, there }) => element('tr', {}, element('th', { scope: 'row' }, name), cell(here), cell(there)))]
}
