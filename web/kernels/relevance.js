// Inputs that change nothing as the node's other inputs are: drawn at rest, and explained.

/** @typedef {Readonly<Record<string, unknown>>} Values the literals of a node's inputs */
/** @typedef {(values: Values) => string | false} Rests why the input changes nothing now */

/** Samplers that draw noise of their own while they sample. */
const NOISY = /ancestral|sde|lcm|ddpm|sa_solver|seeds|restart/

/** @type {Rests} */
const noCrop = ({ width, height }) => (width === 0 || height === 0) && 'With one side 0 the shape is kept: there is nothing to crop.'
/** @type {Rests} */
const noControl = ({ strength }) => strength === 0 && 'With strength 0 the ControlNet says nothing.'
/** @type {Rests} */
const noLora = ({ strength_model: model, strength_clip: clip = 0 }) => model === 0 && clip === 0 && 'With both strengths 0 the LoRA changes nothing.'

/** By node type and input. @type {Readonly<Record<string, Readonly<Record<string, Rests>>>>} */
const RESTS = {
  ImageScale: { crop: noCrop },
  LatentUpscale: { crop: noCrop },
  ImageStitch: { spacing_color: ({ spacing_width: spacing }) => spacing === 0 && 'With spacing width 0 nothing of it is seen.' },
  ImageAddNoise: { seed: ({ strength }) => strength === 0 && 'With strength 0 no noise is added.' },
  KSamplerAdvanced: {
    noise_seed: ({ add_noise: adds, sampler_name: sampler }) => adds === 'disable' && typeof sampler === 'string' && !NOISY.test(sampler) && 'No noise is added, and this sampler draws none.',
  },
  RegexExtract: { group_index: ({ mode }) => typeof mode === 'string' && !/Groups?$/.test(mode) && 'Whole matches are taken: groups are not looked at.' },
  ControlNetApplyAdvanced: { start_percent: noControl, end_percent: noControl },
  LoraLoader: { lora_name: noLora },
  LoraLoaderModelOnly: { lora_name: noLora },
}

/** Asked for every input that is drawn. @param {string} type @param {string} input */
export const mayRest = (type, input) => RESTS[type]?.[input] !== undefined

/** @param {string} type @param {string} input @param {Values} values @param {(input: string) => boolean} isLinked a value that comes over a wire is not known @returns {string | null} */
export const restingBecause = (type, input, values, isLinked) => {
  const rests = RESTS[type]?.[input]
  if (!rests) return null
  const known = Object.fromEntries(Object.entries(values).filter(([name]) => !isLinked(name)))
  return rests(known) || null
}

/** For the test that holds them against the catalogue. */
export const restingInputs = () => Object.entries(RESTS).flatMap(([type, inputs]) => Object.keys(inputs).map((input) => `${type}.${input}`))
