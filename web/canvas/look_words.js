// What lies on an output, in few words: the server's look at a value, for tooltips and previews.

/** @typedef {{shape: number[], dtype: string, min?: number, max?: number, mean?: number, deviation?: number, nan?: number, inf?: number, every?: number}} TensorLook */
/**
 * A look at a value, as docs/protocol.md gives it.
 * @typedef {object} Look
 * @property {string} kind
 * @property {unknown} [value]
 * @property {number} [length] of a text
 * @property {number} [count]
 * @property {string} [class]
 * @property {TensorLook} [tensor]
 * @property {Look[]} [items]
 * @property {Record<string, Look>} [fields]
 * @property {number} [pictures]
 * @property {number} [weights]
 * @property {number} [bytes]
 * @property {string} [dtype]
 */
/** @typedef {{look: Look | null, picture: string | null, old: boolean}} Seen look: null until it comes; picture: its address; old: the node would make another one now */

/** @param {number} bytes */
export const bytesText = (bytes) => {
  if (bytes < 1000) return `${bytes} B`
  const power = Math.min(3, Math.floor(Math.log10(bytes) / 3))
  const amount = bytes / 1000 ** power
  return `${amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} ${['B', 'kB', 'MB', 'GB'][power]}`
}

/** Four digits are enough to compare. @param {number | undefined} value */
export const numberText = (value) => (value === undefined ? '' : String(Number(Number(value).toPrecision(4))))

/** @param {number} count @param {string} one @param {string} [many] */
const counted = (count, one, many = `${one}s`) => `${count.toLocaleString('en')} ${count === 1 ? one : many}`

/** `512 × 512 · 3 channels`, `77 tokens × 768`, or the shape as it is. @param {Look} look */
const shapeWords = ({ kind, tensor }) => {
  if (!tensor) return ''
  const [batch = 1, height = 0, width = 0, channels = 0] = tensor.shape
  if (kind === 'image') return [`${width} × ${height}`, batch > 1 ? `batch ${batch}` : '', channels === 3 ? '' : counted(channels, 'channel')].filter(Boolean).join(' · ')
  if (kind === 'mask') return [`${width} × ${height}`, batch > 1 ? `batch ${batch}` : ''].filter(Boolean).join(' · ')
  return tensor.shape.join(' × ') || 'one number'
}

/** `0 to 1 · mean 0.48 · float32`. @param {TensorLook} tensor */
const rangeWords = ({ min, max, mean, dtype }) =>
  [min === undefined ? '' : min === max ? `all ${numberText(min)}` : `${numberText(min)} to ${numberText(max)}`, min === max ? '' : `mean ${numberText(mean)}`, dtype].filter((word) => word && !word.endsWith(' ')).join(' · ')

/** What is wrong with numbers, or nothing. @param {Look} look @returns {string} */
export const faultWords = (look) => {
  const tensor = look.tensor ?? look.fields?.samples?.tensor
  const words = [tensor?.nan ? `${tensor.nan.toLocaleString('en')} NaN` : '', tensor?.inf ? `${tensor.inf.toLocaleString('en')} infinite` : '']
  return words.filter(Boolean).join(', ')
}

/** @param {Look} look */
const entryWords = (look) => {
  const { tensor, strength, area, mask, start, end, control } = look.fields ?? {}
  const [, tokens = 0, width = 0] = tensor?.tensor?.shape ?? []
  return [`${counted(tokens, 'token')} × ${width}`, strength && strength.value !== 1 ? `strength ${numberText(Number(strength.value))}` : '',
    area ? 'an area' : '', mask ? 'a mask' : '', start?.value || (end && end.value !== 1) ? `from ${start?.value ?? 0} to ${end?.value ?? 1}` : '',
    control ? counted(control.count ?? 1, 'control') : ''].filter(Boolean).join(' · ')
}

/** Fields that are worth a line. @param {Look} look */
const plainFields = ({ fields = {} }) => Object.entries(fields).flatMap(([name, { kind, value }]) =>
  (kind === 'text' || kind === 'number') && name !== 'digest' ? [`${name.replaceAll('_', ' ')} ${value}`] : [])

/** By kind, the lines that say what it is. @type {Record<string, (look: Look) => string[]>} */
const WORDS = {
  nothing: () => ['Nothing'],
  truth: ({ value }) => [String(value)],
  number: ({ value }) => [String(value)],
  text: ({ value, length = 0 }) => [String(value).trim() || 'An empty text', length > 200 ? counted(length, 'character') : ''],
  numbers: ({ value, count = 0 }) => {
    const numbers = /** @type {number[]} */ (value)
    return [`${counted(count, 'number')}: ${numberText(numbers[0])} … ${numberText(numbers.at(-1))}`]
  },
  latent: ({ fields = {} }) => {
    const samples = fields.samples?.tensor
    const [batch = 1, channels = 0, height = 0, width = 0] = samples?.shape ?? []
    const masked = fields.noise_mask ? 'masked' : ''
    return [[`${width} × ${height}`, counted(channels, 'channel'), batch > 1 ? `batch ${batch}` : '', masked].filter(Boolean).join(' · '), samples ? rangeWords(samples) : '']
  },
  conditioning: ({ items = [], count = 0 }) => [...(count > 1 ? [counted(count, 'entry', 'entries')] : []), ...items.slice(0, 3).map(entryWords)],
  list: ({ items = [], count = 0 }) => [counted(count, 'item'), ...items.slice(0, 3).map((item) => `${lookWords(item)[0] ?? ''}`)],
  record: ({ fields = {}, count = 0 }) => [counted(count, 'field'), Object.keys(fields).slice(0, 8).join(', ')],
  network: (look) => [`${look.class} · ${counted(look.weights ?? 0, 'weight')}`, `${bytesText(look.bytes ?? 0)} · ${look.dtype}`],
  object: (look) => {
    const network = look.fields?.network
    const { name, family, prediction } = look.fields ?? {}
    const told = network ? [name, family, prediction].filter((each) => each?.value).map((each) => String(each?.value)) : plainFields(look).slice(0, 6)
    return [told.join(' · ') || String(look.class), network ? lookWords(network).join(' · ') : '', ...(look.fields?.patches ? [counted(look.fields.patches.count ?? 1, 'patch', 'patches')] : [])]
  },
  other: (look) => [String(look.class)],
}

/** A look in lines, the most important first. @param {Look} look @returns {string[]} */
export const lookWords = (look) => {
  const lines = WORDS[look.kind]?.(look) ?? (look.tensor ? [shapeWords(look), rangeWords(look.tensor)] : [look.kind])
  return lines.filter(Boolean)
}
