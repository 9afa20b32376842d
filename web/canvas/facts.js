// What is known of the value on a wire before anything runs, in the few words of a tooltip.

/** @typedef {Readonly<Record<string, string | number | boolean>>} Facts */

const FAMILIES = /** @type {Record<string, string>} */ ({ sd1: 'SD1', sd2: 'SD2', x4: 'x4 upscaler' })

/** By fact, in the order of telling; what is not named here is told as `name value`, a digest not at all. @type {Record<string, (value: any) => string>} */
const WORDS = {
  family: (value) => FAMILIES[value] ?? value,
  prediction: String,
  role: String,
  context: (value) => `context ${value}`,
  batch: (value) => `batch ${value}`,
  masked: (value) => (value ? 'masked' : ''),
  factor: (value) => `VAE ×${value}`,
  channels: (value) => `${value} channels`,
  scale: (value) => `×${value}`,
  value: String,
  digest: () => '',
}
/** Said of what draws or steers; among pictures and latents they go without saying. */
const QUIET = new Set(['channels', 'factor'])

/** `SD1 · eps · base`, `512 × 512 · batch 4`. @param {Facts} facts */
export const factsText = (facts) => {
  const { width, height, ...others } = facts
  const isPicture = width !== undefined && height !== undefined
  const rest = isPicture || width === undefined ? others : { width, ...others }
  const names = Object.keys(WORDS).concat(Object.keys(rest).filter((name) => !(name in WORDS)))
  const words = names.filter((name) => name in rest && !(isPicture && QUIET.has(name)))
    .map((name) => (WORDS[name] ?? ((value) => `${name} ${value}`))(rest[name]))
  return [isPicture ? `${width} × ${height}` : '', ...words].filter(Boolean).join(' · ')
}
