// The way of a value in words: where it comes from, through what, and to what.

/** @typedef {import('../kernels/value_path.js').ValuePath} ValuePath */

/** @param {readonly string[]} titles */
const severalText = ([first = '', ...others]) => (others.length ? `${first} and ${others.length} more` : first)

/** Alike ones are counted: `2 × Load LoRA`. @param {readonly string[]} titles */
const throughText = (titles) => (titles.length > 1 && new Set(titles).size === 1 ? `${titles.length} × ${titles[0]}` : severalText(titles))

/** `from Load Checkpoint, through 2 × Load LoRA, to KSampler and 2 more`. @param {ValuePath} path @param {(node: string) => string} titleOf */
export const pathText = ({ sources, through, ends }, titleOf) => {
  const [from, by, to] = [severalText(sources.map(titleOf)), throughText(through.map(titleOf)), severalText(ends.map(titleOf))]
  return by ? `from ${from}, through ${by}, to ${to}` : `from ${from} to ${to}`
}
